package validate

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// check says what is wrong with a primitive's JSON value, "" if nothing.
type check func(v *resource.Node) string

// formats says how each primitive type is written.
var formats = map[string]check{
	"boolean": func(v *resource.Node) string {
		if v.Kind != resource.Bool {
			return "This must be true or false."
		}
		return ""
	},
	"integer":      whole(-1<<31, "This must be a whole number between -2147483648 and 2147483647."),
	"unsignedInt":  whole(0, "This must be a whole number between 0 and 2147483647."),
	"positiveInt":  whole(1, "This must be a whole number between 1 and 2147483647."),
	"decimal":      decimal,
	"string":       prose,
	"markdown":     prose,
	"code":         text(validCode, "A code must be one word, or words with single spaces between."),
	"id":           text(validID, "An id must be 1 to 64 letters A-Z a-z, digits, - and dots."),
	"uri":          text(validURI, "An address must have no space in it."),
	"url":          text(validURI, "An address must have no space in it."),
	"canonical":    text(validURI, "An address must have no space in it."),
	"oid":          text(validOID, "This must be an OID such as urn:oid:1.2.840."),
	"uuid":         text(validUUID, "This must be a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520, in small letters."),
	"base64Binary": text(validBase64, "This must be base64."),
	"date":         text(validDate, "This must be a date that exists: YYYY, YYYY-MM or YYYY-MM-DD."),
	"dateTime":     text(validDateTime, "This must be a date that exists, or one with a time and its zone: YYYY-MM-DDThh:mm:ss+zz:zz."),
	"instant":      text(validInstant, "This must be an instant that exists: YYYY-MM-DDThh:mm:ss.sss+zz:zz."),
	"time":         text(validTime, "This must be a time of day: hh:mm:ss."),
	"xhtml":        narrative,
}

func text(valid func(string) bool, problem string) check {
	return func(v *resource.Node) string {
		switch {
		case v.Kind != resource.String:
			return "This must be a string."
		case v.Text == "":
			return "A string must not be empty."
		case !valid(v.Text):
			return problem
		}
		return ""
	}
}

// whole numbers have 32 bits and neither fraction nor exponent.
func whole(least int64, problem string) check {
	return func(v *resource.Node) string {
		if v.Kind != resource.Number {
			return "This must be a number."
		}
		n, err := strconv.ParseInt(v.Text, 10, 32)
		if err != nil || n < least || v.Text == "-0" {
			return problem
		}
		return ""
	}
}

// maxExponent keeps decimals within what can be compared.
const maxExponent = 3 // digits

func decimal(v *resource.Node) string {
	if v.Kind != resource.Number {
		return "This must be a number."
	}
	if i := strings.IndexAny(v.Text, "eE"); i >= 0 && len(strings.TrimLeft(v.Text[i+1:], "+-0")) > maxExponent {
		return "This number is out of range."
	}
	return ""
}

// maxString is the length of the longest string in bytes.
const maxString = 1 << 20

func prose(v *resource.Node) string {
	switch {
	case v.Kind != resource.String:
		return "This must be a string."
	case v.Text == "":
		return "A string must not be empty."
	case len(v.Text) > maxString:
		return "A string must not be longer than 1 MB."
	}
	blank := true
	for i := 0; i < len(v.Text); i++ {
		c := v.Text[i]
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return "A string must not hold control characters."
		}
		blank = blank && c <= ' '
	}
	if blank {
		return "A string must not be blank."
	}
	return ""
}

func validCode(s string) bool {
	after := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' || c == ' ' && after == ' ' {
			return false
		}
		after = c
	}
	return after != ' '
}

func validID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

func validURI(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' {
			return false
		}
	}
	return true
}

func validOID(s string) bool {
	arcs, ok := strings.CutPrefix(s, "urn:oid:")
	if !ok || len(arcs) < 3 || arcs[0] < '0' || arcs[0] > '2' || arcs[1] != '.' {
		return false
	}
	for arc := range strings.SplitSeq(arcs, ".") {
		if arc == "" || len(arc) > 1 && arc[0] == '0' || !digits(arc) {
			return false
		}
	}
	return true
}

func validUUID(s string) bool {
	hex, ok := strings.CutPrefix(s, "urn:uuid:")
	if !ok || len(hex) != 36 {
		return false
	}
	for i := 0; i < len(hex); i++ {
		c := hex[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// validBase64 accepts white space between the letters, as XML's base64Binary does.
func validBase64(s string) bool {
	letters, pad := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == '=':
			pad++
		case pad > 0:
			return false
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/':
			letters++
		default:
			return false
		}
	}
	return letters > 0 && pad <= 2 && (letters+pad)%4 == 0
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
