package tag

import "strings"

// what a number may be, in place of what is known of words
const (
	zero    = 1 << 3 // begins with 0
	ofDate  = 1 << 4 // stands in day/month/year
	ofTime  = 1 << 5 // hours:minutes
	decimal = 1 << 6
)

// sized says how large a number is and what it is part of.
func sized(toks []token, b []byte, i int) {
	t := &toks[i]
	v := value(b[t.start:t.end])
	switch {
	case v < 0:
	case v <= 12:
		t.gaz |= 1
	case v <= 31:
		t.gaz |= 2
	case v < 100:
		t.gaz |= 3
	case v <= 120:
		t.gaz |= 4
	case v >= 1900 && v < 2040:
		t.gaz |= 5
	case v < 100000 && t.end-t.start == 5:
		t.gaz |= 6
	}
	if b[t.start] == '0' {
		t.gaz |= zero
	}
	joined := func(k int, marks string) bool {
		return k+2 < len(toks) && toks[k+1].kind == mark && toks[k+1].glued && toks[k+2].kind == number && toks[k+2].glued && strings.IndexByte(marks, byte(toks[k+1].hash)) >= 0
	}
	if !joined(i, "/-.:,") {
		return
	}
	m := value(b[toks[i+2].start:toks[i+2].end])
	switch {
	case joined(i, "/-.") && joined(i+2, "/-.") && toks[i+1].hash == toks[i+3].hash:
		y := value(b[toks[i+4].start:toks[i+4].end])
		if v > 0 && m > 0 && m <= 31 && (v <= 31 && m <= 12 || v <= 12 || v >= 1900 && v < 2040) && (y >= 0 && y < 100 || y >= 1900 && y < 2040) {
			for k := i; k < i+5; k++ {
				toks[k].gaz |= ofDate
			}
		}
	case toks[i+1].hash == ':' && v >= 0 && v < 24 && m >= 0 && m < 60:
		t.gaz |= ofTime
		toks[i+2].gaz |= ofTime
	case toks[i+1].hash == '.' || toks[i+1].hash == ',':
		t.gaz |= decimal
		toks[i+2].gaz |= decimal
	}
}

// value of at most six digits, -1 of more.
func value(b []byte) int {
	if len(b) > 6 {
		return -1
	}
	v := 0
	for _, c := range b {
		v = v*10 + int(c-'0')
	}
	return v
}
