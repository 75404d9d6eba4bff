package plain

import (
	"math"
	"testing"
)

func TestSyllablesEnglish(t *testing.T) {
	for word, want := range map[string]int{
		"cat": 1, "the": 1, "be": 1, "table": 2, "people": 2, "walked": 1, "wanted": 2, "houses": 2, "takes": 1, "asked": 1,
		"pressure": 2, "doctor": 2, "medicine": 3, "vaccination": 4, "appointment": 3, "centre": 2, "hospital": 3,
		"operation": 4, "community": 4, "biology": 4, "radio": 3, "question": 2, "special": 2, "free": 1, "tree": 1,
		"being": 2, "you're": 1, "well-being": 3, "little": 2, "smile": 1, "whole": 1, "danger": 2, "gym": 1, "rhythm": 1,
		"arrived": 2, "need": 1, "needed": 2, "boxes": 2, "changes": 2, "study": 2, "video": 3, "serious": 3,
	} {
		if got := syllablesEN(word); got != want {
			t.Errorf("%s: %d syllables, want %d", word, got, want)
		}
	}
}

func TestSyllablesSpanish(t *testing.T) {
	for word, want := range map[string]int{
		"casa": 2, "día": 2, "dio": 1, "ciudad": 2, "país": 2, "aire": 2, "cuídate": 3, "construir": 2, "buey": 1, "hoy": 1,
		"y": 1, "yo": 1, "mayo": 2, "queso": 2, "guitarra": 3, "pingüino": 3, "agua": 2, "ahora": 3, "prohibir": 2,
		"héroe": 3, "leíais": 3, "estudiáis": 3, "paranoia": 4, "tensión": 2, "médico": 3, "vacuna": 3, "salud": 2,
		"oír": 2, "baúl": 2, "poeta": 3, "ayuda": 3, "Uruguay": 3, "guion": 1, "enfermería": 5, "lee": 2, "guau": 1,
		"gripe": 2, "corazón": 3, "muy": 1, "reúne": 3, "aquí": 2,
	} {
		if got := syllablesES(word); got != want {
			t.Errorf("%s: %d sílabas, want %d", word, got, want)
		}
	}
}

// The expected values are worked out by hand from the counts that the case states.
func TestFormula(t *testing.T) {
	for _, c := range []struct {
		name, lang, text            string
		words, sentences, syllables int
		score                       float64
	}{
		// 206.835 − 1.015×6 − 84.6×1 = 116.145
		{"one easy sentence", "en", "The cat sat on the mat.", 6, 1, 6, 116.145},
		// Your blood pres-sure is com-ing down: 8 in 6. Walk ev-ery day and eat well: 7 in 6.
		// 206.835 − 1.015×6 − 84.6×15/12 = 94.995
		{"two sentences", "en", "Your blood pressure is coming down. Walk every day and eat well.", 12, 2, 15, 94.995},
		// Vac-ci-na-tion is a-vai-la-ble for the com-mu-ni-ty: 4+1+4+1+1+4=15 in 6: 206.835−6.09−211.5 = −10.755
		{"long words", "en", "Vaccination is available for the community.", 6, 1, 15, -10.755},
		// Tu ten-sión es-tá ba-jan-do: 1+2+2+3=8 in 4: 206.84 − 60×2 − 1.02×4 = 82.76
		{"Spanish", "es", "Tu tensión está bajando.", 4, 1, 8, 82.76},
		// A-quí no po-de-mos ha-blar de la sa-lud de na-die (2+1+3+2+1+1+2+1+2=15, 9 words).
		// Es-crí-be-nos en pri-va-do (4+1+3=8, 3 words). 206.84 − 60×23/12 − 1.02×6 = 85.72
		{"two Spanish sentences", "es", "Aquí no podemos hablar de la salud de nadie. Escríbenos en privado.", 12, 2, 23, 85.72},
		{"Markdown counts for nothing", "en", "## The cat\n\n- sat **on** the [mat](https://example.org/a.b?c=d).", 6, 2, 6, 206.835 - 1.015*3 - 84.6},
		{"abbreviations end nothing", "en", "Ask Dr. A. Lee.", 4, 1, 4, 206.835 - 1.015*4 - 84.6},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Read(c.text, c.lang)
			if r.Words != c.words || r.Sentences != c.sentences || r.Syllables != c.syllables {
				t.Errorf("got %d words, %d sentences, %d syllables; want %d, %d, %d", r.Words, r.Sentences, r.Syllables, c.words, c.sentences, c.syllables)
			}
			if got := r.formula(); math.Abs(got-c.score) > 1e-9 {
				t.Errorf("score %.4f, want %.4f", got, c.score)
			}
			if want := int(math.Round(min(100, max(0, c.score)))); r.Score != want {
				t.Errorf("shown %d, want %d", r.Score, want)
			}
		})
	}
}

func TestBands(t *testing.T) {
	for _, c := range []struct {
		score float64
		want  Band
	}{{116, VeryEasy}, {90, VeryEasy}, {89.99, Easy}, {80, Easy}, {70, FairlyEasy}, {69, Standard}, {60, Standard}, {59, FairlyHard}, {50, FairlyHard}, {49, Hard}, {30, Hard}, {29, VeryHard}, {-40, VeryHard}} {
		if got := bandOf(c.score); got != c.want {
			t.Errorf("%v: band %d, want %d", c.score, got, c.want)
		}
	}
	if !Standard.Good() || FairlyHard.Good() {
		t.Error("the bound of good writing moved")
	}
}

func TestChecklist(t *testing.T) {
	r := Read("Patients after CABG may contact the renal unit. Call us today. You can also come by.", "en")
	if !r.ToYou || r.Actions != 1 {
		t.Errorf("speaks to you %v, asks %d times; want true, 1", r.ToYou, r.Actions)
	}
	if len(r.Jargon) != 2 || r.Jargon[0].Word != "CABG" || r.Jargon[0].Plain != "heart bypass operation" || r.Jargon[1].Word != "renal" {
		t.Errorf("jargon %v", r.Jargon)
	}
	r = Read("Por favor, llama al 112. La cefalea y la cefalea.", "es")
	if !r.ToYou || r.Actions != 1 || len(r.Jargon) != 1 {
		t.Errorf("got %+v", r)
	}
	if r := Read("The unit is open.", "en"); r.ToYou || r.Actions != 0 || r.Enough {
		t.Errorf("got %+v", r)
	}
	long := "We say a lot of words in this one line and then we go on and on with more and more of them so that no one can keep up."
	if r := Read(long, "en"); r.Long != 1 {
		t.Errorf("%d long sentences in %d words", r.Long, r.Words)
	}
	if r := Read("", "en"); r.Words != 0 || r.Score != 100 {
		t.Errorf("empty: %+v", r)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Your blood pressure is coming down. Walk!", "en")
	f.Add("# Título\n\nTu tensión… ¿y tú?", "es")
	f.Add("\xff\x00.\xe2\x80", "en")
	f.Fuzz(func(t *testing.T, text, lang string) {
		r := Read(text, lang)
		if r.Score < 0 || r.Score > 100 || r.Words < 0 || r.Sentences > r.Words || r.Long > r.Sentences || r.Syllables < r.Words {
			t.Fatalf("%q: %+v", text, r)
		}
	})
}
