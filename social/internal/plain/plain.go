// Package plain measures how easy a text is to read, and keeps a short checklist of plain language,
// in English and Spanish. It is pure: text in, figures out. Imports nothing of Mitral.
package plain

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Report is what can be said about a text.
type Report struct {
	Lang      string // en or es: whose formula was used
	Score     int    // 0 (very hard) to 100 (very easy)
	Band      Band   // what the score means
	Enough    bool   // the text is long enough for the score to mean something
	Words     int
	Sentences int
	PerSent   float64 // words per sentence
	Syllables int
	Long      int    // sentences of more than LongSentence words
	ToYou     bool   // speaks to the reader: you, tú
	Jargon    []Term // words of the trade, in order of appearance, each once
	Actions   int    // sentences that ask the reader to do something
}

// LongSentence is how many words a sentence may have before the checklist names it.
const LongSentence = 25

// enough is the number of words below which a score says nothing: one long name swings it.
const enough = 12

// Band is what a score means in plain words. The bounds are those of Flesch (1948, table 6) and, for
// Spanish, the same ones as Fernández Huerta (1959) keeps.
type Band int

// The bands, easiest first, with the age at which most readers follow.
const (
	VeryEasy    Band = iota // 90 and more: age 10
	Easy                    // 80: age 11
	FairlyEasy              // 70: age 12
	Standard                // 60: age 13 to 15
	FairlyHard              // 50: age 16 and up
	Hard                    // 30: college
	VeryHard                // below
	bandsNumber = iota
)

func bandOf(score float64) Band {
	for b, least := range [bandsNumber - 1]float64{90, 80, 70, 60, 50, 30} {
		if score >= least {
			return Band(b)
		}
	}
	return VeryHard
}

// Good reports whether the band is one that public health writing should reach.
func (b Band) Good() bool { return b <= Standard }

// Read measures text, written in lang (es… is Spanish, anything else English). Markdown's signs
// count for nothing: readers don't see them.
func Read(text, lang string) Report {
	r := Report{Lang: "en"}
	syllables := syllablesEN
	if strings.HasPrefix(lang, "es") {
		r.Lang, syllables = "es", syllablesES
	}
	seen := map[string]bool{}
	for _, s := range sentences(strip(text)) {
		words := wordsOf(s)
		if len(words) == 0 {
			continue
		}
		r.Sentences++
		r.Words += len(words)
		if len(words) > LongSentence {
			r.Long++
		}
		for _, w := range words {
			r.Syllables += syllables(w)
			low := strings.ToLower(w)
			if speaksTo[r.Lang][low] {
				r.ToYou = true
			}
		}
		for _, t := range jargonIn(words, r.Lang) {
			if !seen[t.Word] {
				seen[t.Word] = true
				r.Jargon = append(r.Jargon, t)
			}
		}
		if asks(words, r.Lang) {
			r.Actions++
			r.ToYou = r.ToYou || r.Lang == "es" // a Spanish imperative is said to tú or usted
		}
	}
	if r.Words == 0 {
		r.Score, r.Band = 100, VeryEasy
		return r
	}
	r.Enough = r.Words >= enough
	r.PerSent = float64(r.Words) / float64(r.Sentences)
	score := r.formula()
	r.Band = bandOf(score)
	r.Score = int(math.Round(min(100, max(0, score))))
	return r
}

// formula is the reading ease before it is rounded and bounded.
//
// English: Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948):
// 206.835 − 1.015 × words per sentence − 84.6 × syllables per word.
//
// Spanish: Fernández Huerta, "Medidas sencillas de lecturabilidad", Consigna 214 (1959):
// 206.84 − 60 × P − 1.02 × F, where P is syllables per word and F words per sentence. The paper
// prints F as "sentences per 100 words", which makes long sentences easier; read as words per
// sentence, as Flesch has it, the formula agrees with its own examples (corrected by G. M. Law,
// "Error in the Fernandez Huerta readability formula", 2011).
func (r Report) formula() float64 {
	perWord := float64(r.Syllables) / float64(r.Words)
	if r.Lang == "es" {
		return 206.84 - 60*perWord - 1.02*r.PerSent
	}
	return 206.835 - 1.015*r.PerSent - 84.6*perWord
}

// wordsOf splits a sentence into words: runs of letters and digits, with apostrophes and hyphens
// inside. A bare number is left out: neither formula says how many syllables 120/80 has.
func wordsOf(s string) []string {
	var out []string
	start, letters := -1, false
	flush := func(end int) {
		if start >= 0 && letters {
			out = append(out, strings.Trim(s[start:end], "'’-"))
		}
		start, letters = -1, false
	}
	for i, c := range s {
		switch {
		case unicode.IsLetter(c) || unicode.IsMark(c):
			letters = true
			fallthrough
		case unicode.IsDigit(c):
			if start < 0 {
				start = i
			}
		case start >= 0 && (c == '\'' || c == '’' || c == '-'):
		default:
			flush(i)
		}
	}
	flush(len(s))
	return out
}

// sentences splits at . ! ? … followed by a space or the end, and at line ends. An abbreviation
// ("Dr.", "Sra.") and a single letter ("J.") end nothing.
func sentences(s string) []string {
	var out []string
	start := 0
	for i, c := range s {
		end := i + utf8.RuneLen(c)
		if c == utf8.RuneError {
			end = i + 1
		}
		switch c {
		case '\n':
		case '.', '!', '?', '…':
			next, _ := utf8.DecodeRuneInString(s[min(end, len(s)):])
			if end < len(s) && !unicode.IsSpace(next) && !strings.ContainsRune(`"”»)’'`, next) {
				continue
			}
			if c == '.' && abbreviated(s[start:i]) {
				continue
			}
		default:
			continue
		}
		out = append(out, s[start:end])
		start = end
	}
	return append(out, s[start:])
}

func abbreviated(before string) bool {
	i := strings.LastIndexFunc(before, func(c rune) bool { return !unicode.IsLetter(c) })
	last := before[i+1:]
	if i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		last = before[i+size:]
	}
	return utf8.RuneCountInString(last) == 1 && strings.ToUpper(last) == last || abbreviations[strings.ToLower(last)]
}
