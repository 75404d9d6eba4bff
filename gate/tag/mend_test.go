package tag

import (
	"strings"
	"testing"
)

// What was found, marked [so] with the first letters of the entity, becomes what is right.
func TestMend(t *testing.T) {
	m, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"a history of von [NAME:Willebrand] disease":                                   "",
		"her son [NAME:Willebrand] has a disease":                                      "NAME=Willebrand;",
		"the [LOCATION:Rotterdam] criteria in adults":                                  "",
		"what does a [NAME:Romberg] test show":                                         "",
		"the [NAME:Romberg] twins came in":                                             "NAME=Romberg;",
		"is [NAME:Eliquis] safe with it":                                               "",
		"she lives in [LOCATION:Rotterdam] and works":                                  "LOCATION=Rotterdam;",
		"what do the [NAME:ADA] guidelines say":                                        "",
		"failure of therapy for [NAME:H.] pylori":                                      "",
		"atrial fibrillation, last seen in [DATE:2022]":                                "",
		"atrial fibrillation, noted on her chart from [DATE:March 2021]":               "",
		"atrial fibrillation, noted on her chart on [DATE:March 3, 2021]":              "DATE=March 3, 2021;",
		"the film came out in [DATE:2022]":                                             "DATE=2022;",
		"[NAME:Jane Doe] was seen in [DATE:2022]":                                      "NAME=Jane Doe;DATE=2022;",
		"on dialysis with [DATE:Coreg 25] mg":                                          "",
		"el paciente reside en [ADDRESS:Calle Mayor, 5 Vigo]. Vive con la familia":     "ADDRESS=Calle Mayor, 5;LOCATION=Vigo;",
		"Domicilio del paciente: [ADDRESS:Calle Mayor, 5, Soria]. Vive con la familia": "ADDRESS=Calle Mayor, 5, Soria;",
		"el doctor del [FACILITY:Hospital de Soria Calle Mayor], [ADDRESS:5]":          "FACILITY=Hospital de Soria;ADDRESS=Calle Mayor, 5;",
		"el doctor del [FACILITY:Hospital de Soria Loureiro Crespo], [ADDRESS:2]":      "FACILITY=Hospital de Soria;ADDRESS=Loureiro Crespo, 2;",
		"el informe de la [STAFF_NAME:Doctora Ana Ruiz] sobre el paciente":             "STAFF_NAME=Ana Ruiz;",
		"el paciente vive en [LOCATION:31008-Pamplona] con su familia":                 "LOCATION=31008;LOCATION=Pamplona;",
		"tratamiento desde [DATE:noviembre de 2004 hasta febrero de 2005] con mejora":  "DATE=noviembre de 2004;DATE=febrero de 2005;",
		"llame al [PHONE:918823884 / 918823984] por la tarde":                          "PHONE=918823884;PHONE=918823984;",
		"el curso de la [ORG:Universidad de] medicina y salud":                         "ORG=Universidad;",
	} {
		plain, marks := "", []Span{}
		for rest := text; ; {
			from := strings.IndexByte(rest, '[')
			if from < 0 {
				plain += rest
				break
			}
			to := strings.IndexByte(rest, ']')
			name, inner, _ := strings.Cut(rest[from+1:to], ":")
			e, ok := Parse(name)
			if !ok {
				t.Fatal(name)
			}
			plain += rest[:from]
			marks = append(marks, Span{int32(len(plain)), int32(len(plain) + len(inner)), e})
			plain, rest = plain+inner, rest[to+1:]
		}
		toks := tokenise(nil, []byte(plain), m.words)
		labels := marked(toks, marks, 0)
		mend(toks, labels)
		got := ""
		for _, s := range spans(nil, toks, labels, 0) {
			got += s.Entity.String() + "=" + plain[s.Start:s.End] + ";"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
