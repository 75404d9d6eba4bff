package scan

import "strings"

// How people write in a hurry. An apostrophe left out is put back ("dont" reads as "don't"), and a few short forms
// read as the word they stand for, in texts and in the terms of packs alike.
var (
	hurried = forms(`don't can't won't isn't wasn't weren't aren't didn't doesn't couldn't wouldn't shouldn't haven't hasn't hadn't
i'm i've he's she's that's what's there's you're they're you've they've we've`)
	shorts = map[string]string{"q": "que", "xq": "porque", "pq": "porque", "porq": "porque", "tb": "tambien", "tmb": "tambien", "toi": "estoy",
		"aki": "aqui", "u": "you", "ur": "your", "pls": "please", "plz": "please", "thx": "thanks", "cuz": "because", "coz": "because",
		"tmrw": "tomorrow", "tmr": "tomorrow", "ppl": "people", "appt": "appointment", "appts": "appointments", "msg": "message", "abt": "about"}
)

func forms(list string) map[string]string {
	out := map[string]string{}
	for _, w := range strings.Fields(list) {
		out[strings.ReplaceAll(w, "'", "")] = w
	}
	return out
}

// chat is what a hurried word reads as: another word, or two with an apostrophe between them.
type chat struct {
	hash, tail uint64
	cut        int32 // where the apostrophe belongs; 0 if the word is another
}

func chatForms() map[uint64]chat {
	out := map[uint64]chat{}
	for short, word := range shorts {
		out[hashOf(short)] = chat{hash: hashOf(word)}
	}
	for short, word := range hurried {
		cut := strings.IndexByte(word, '\'')
		out[hashOf(short)] = chat{hashOf(word[:cut]), hashOf(word[cut:]), int32(cut)}
	}
	return out
}

// unhurried is a word of a term as it reads.
func unhurried(word string) []string {
	w := strings.ToLower(word)
	if long, ok := shorts[w]; ok {
		return []string{long}
	}
	if long, ok := hurried[w]; ok {
		cut := strings.IndexByte(long, '\'')
		return []string{long[:cut], long[cut:]}
	}
	return []string{word}
}

// expand reads the last token as what it stands for.
func (s *state) expand() {
	t := &s.toks[len(s.toks)-1]
	c, ok := s.engine.vocab.chat[t.hash]
	if !ok || t.end-t.start > 8 || t.is(fUpper) && t.end-t.start == 2 || t.is(fAt|fHash) {
		return
	}
	tail := *t
	t.hash, t.bits, t.ids = c.hash, 0, int32(len(s.ids))
	s.lookup(t)
	if c.cut == 0 {
		return
	}
	tail.hash, tail.bits, tail.ids = c.tail, 0, int32(len(s.ids))
	tail.start, tail.pos = t.start+c.cut, tail.pos+1
	tail.flags = fGlued | fApos | tail.flags&fUpper
	t.end = tail.start
	s.lookup(&tail)
	s.toks = append(s.toks, tail)
}
