package scan

import "bytes"

// past says whether the word at token i is, by its ending, a verb in the past: "stitched", "operaron",
// "salió". Irregular ones stand in the packs. Words that only look so are in words.txt.
func (s *state) past(i int) bool {
	t := &s.toks[i]
	if t.bits&bNotPast != 0 || t.end-t.start < 4 || t.end-t.start > 20 {
		return false
	}
	var buf [20]byte
	w := buf[:t.end-t.start]
	for k, c := range s.text.b[t.start:t.end] {
		w[k] = lower(c)
	}
	switch {
	case bytes.HasSuffix(w, []byte("ed")):
		return w[len(w)-3] != 'e'
	case spanishPast.end(w):
		return len(w) > 4
	case usPast.end(w): // "le pusimos" is past, "abrimos" may be now
		return i > 0 && (s.is(i-1, "le") || s.is(i-1, "te") || s.is(i-1, "les") || s.is(i-1, "os") || s.is(i-1, "la") || s.is(i-1, "lo"))
	case w[len(w)-1] == 'o' || w[len(w)-1] == 'e': // only with the accent: "salió", "operé"
		_, end := s.text.span(s.source, t.end-1, t.end)
		return end >= 2 && (s.source[end-2:end] == "ó" || s.source[end-2:end] == "é")
	}
	return false
}

var (
	spanishPast = endingsOf("aron", "ieron", "jeron", "aste", "iste", "asteis", "isteis", "abas", "aba", "aban")
	usPast      = endingsOf("amos", "imos")
	drugs       = endingsOf("statin", "statins", "cillin", "cycline", "zepam", "prazole", "sartan", "olol", "ciclovir", "cyclovir", "profen",
		"statina", "cilina", "ciclina", "prazol", "profeno", "oxetine", "oxetina", "traline", "tralina", "formin", "formina", "mycin", "micina", "azepine", "azolam", "lukast", "triptan", "parin", "parina")
)
