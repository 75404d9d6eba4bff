package plain

import "strings"

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

var abbreviations = set("dr dra sr sra mr mrs ms prof st av avda pág tel núm etc vs approx aprox")

// speaksTo are the words by which a text speaks to its reader.
var speaksTo = map[string]map[string]bool{
	"en": set("you your yours yourself yourselves you're you'll you've you’re you’ll you’ve you'd you’d"),
	"es": set("tú tu tus te ti contigo tuyo tuya tuyos tuyas usted ustedes vosotros vosotras os vuestro vuestra vuestros vuestras"),
}

// asksWith are verbs that ask the reader to act when a sentence starts with them.
var asksWith = map[string]map[string]bool{
	"en": set(`call phone ring ask book come visit bring read write send tell check take wear wash drink eat
		join register sign click find learn watch share follow stay keep go get make use talk speak see try
		dial text email download choose remember avoid stop start walk rest wait contact donate apply`),
	"es": set(`llama llame pide pida pregunta pregunte reserva reserve ven venga acude acuda visita visite trae traiga
		lee lea escribe escriba envía envíe di diga comprueba compruebe toma tome lleva lleve lava lávate lávese
		bebe beba come coma únete únase inscríbete inscríbase apúntate apúntese regístrate regístrese pulsa pulse
		busca busque aprende aprenda mira mire comparte comparta sigue siga quédate quédese ve vaya haz haga usa use
		habla hable prueba pruebe marca marque descarga descargue elige elija recuerda recuerde evita evite deja deje
		camina camine descansa descanse espera espere contacta contacte dona done solicita solicite consulta consulte
		vacúnate vacúnese cuida cuide cuídate`),
}

// polite are words that may stand before the verb that asks.
var polite = set("please also and then so just first now always never don't don’t do not por favor y también no nunca siempre ahora primero")

// asks reports whether a sentence, as words, asks its reader to do something.
func asks(words []string, lang string) bool {
	for _, w := range words {
		low := strings.ToLower(w)
		if asksWith[lang][low] {
			return true
		}
		if !polite[low] {
			return false
		}
	}
	return false
}

// Term is a word of the trade and what most readers would understand.
type Term struct {
	Word  string // as it stands in the text
	Plain string // what to say instead
}

// jargonIn finds words of the trade: the longest first, up to three words.
func jargonIn(words []string, lang string) []Term {
	var out []Term
	for i := 0; i < len(words); i++ {
		for n := min(3, len(words)-i); n > 0; n-- {
			phrase := strings.Join(words[i:i+n], " ")
			plain, ok := jargon[lang][strings.ToLower(phrase)]
			if !ok && n == 1 && lang == "en" {
				plain, ok = jargon[lang][strings.TrimSuffix(strings.ToLower(phrase), "s")]
			}
			if !ok && n == 1 && lang == "es" {
				plain, ok = jargon[lang][strings.TrimSuffix(strings.ToLower(phrase), "s")]
			}
			if ok {
				out = append(out, Term{phrase, plain})
				i += n - 1
				break
			}
		}
	}
	return out
}

// jargon is what a glossary of a health service's press office holds: the word and a plainer one.
var jargon = map[string]map[string]string{
	"en": {
		"hypertension": "high blood pressure", "hypertensive": "with high blood pressure", "hypotension": "low blood pressure",
		"myocardial infarction": "heart attack", "cardiac arrest": "heart stopping", "cabg": "heart bypass operation",
		"cerebrovascular accident": "stroke", "copd": "long-term lung disease", "dyspnoea": "shortness of breath",
		"dyspnea": "shortness of breath", "renal": "kidney", "hepatic": "liver", "pulmonary": "lung", "cardiac": "heart",
		"oncology": "cancer care", "paediatric": "children's", "pediatric": "children's", "geriatric": "older people's",
		"analgesic": "painkiller", "antipyretic": "medicine against fever", "prophylaxis": "prevention",
		"prophylactic": "preventive", "comorbidity": "other illness", "comorbidities": "other illnesses",
		"morbidity": "illness", "mortality": "deaths", "adverse event": "side effect", "adverse effect": "side effect",
		"contraindication": "reason not to take it", "contraindicated": "not safe", "acute": "sudden", "chronic": "long-term",
		"oedema": "swelling", "edema": "swelling", "lesion": "sore or wound", "fracture": "broken bone",
		"haemorrhage": "bleeding", "hemorrhage": "bleeding", "syncope": "fainting", "pyrexia": "fever", "febrile": "with fever",
		"asymptomatic": "without symptoms", "symptomatic": "with symptoms", "aetiology": "cause", "etiology": "cause",
		"prognosis": "what to expect", "triage": "first check", "outpatient": "without staying overnight",
		"inpatient": "staying in hospital", "ambulatory": "without staying overnight", "immunisation": "vaccination",
		"immunization": "vaccination", "antihypertensive": "blood pressure medicine", "anticoagulant": "blood thinner",
		"glycaemia": "blood sugar", "glycemia": "blood sugar", "hyperglycaemia": "high blood sugar", "hypoglycaemia": "low blood sugar",
		"neoplasm": "tumour", "malignant": "cancerous", "benign": "not cancer", "utilise": "use", "utilize": "use",
		"facilitate": "help", "commence": "start", "prior to": "before", "in order to": "to", "administer": "give",
		"adherence": "taking it as agreed", "intervention": "treatment", "modality": "way", "referral": "sending you to a specialist",
		"biopsy": "taking a small sample", "bmi": "weight for your height", "ecg": "heart tracing", "mri": "scan with magnets",
		"ct": "X-ray scan", "icu": "intensive care", "a&e": "emergency department", "stakeholder": "people involved",
	},
	"es": {
		"hipertensión": "tensión alta", "hipertenso": "con tensión alta", "hipotensión": "tensión baja",
		"infarto de miocardio": "ataque al corazón", "parada cardiorrespiratoria": "el corazón se para", "ictus": "derrame o falta de sangre en el cerebro",
		"epoc": "enfermedad larga del pulmón", "disnea": "falta de aire", "renal": "del riñón", "hepático": "del hígado",
		"pulmonar": "del pulmón", "cardíaco": "del corazón", "cardiaco": "del corazón", "oncología": "atención al cáncer",
		"pediátrico": "de niños", "geriátrico": "de personas mayores", "analgésico": "medicina para el dolor",
		"antipirético": "medicina para la fiebre", "antitérmico": "medicina para la fiebre", "profilaxis": "prevención",
		"profiláctico": "preventivo", "comorbilidad": "otra enfermedad", "comorbilidades": "otras enfermedades",
		"morbilidad": "enfermedad", "mortalidad": "muertes", "efecto adverso": "efecto no deseado", "efectos adversos": "efectos no deseados",
		"contraindicación": "motivo para no tomarlo", "contraindicado": "no es seguro", "agudo": "repentino", "crónico": "de larga duración",
		"crónica": "de larga duración", "aguda": "repentina", "edema": "hinchazón", "lesión": "herida", "hemorragia": "sangrado",
		"síncope": "desmayo", "pirexia": "fiebre", "febril": "con fiebre", "asintomático": "sin síntomas", "sintomático": "con síntomas",
		"etiología": "causa", "pronóstico": "qué se espera", "triaje": "primera valoración", "ambulatorio": "sin ingresar",
		"inmunización": "vacunación", "antihipertensivo": "medicina para la tensión", "anticoagulante": "medicina para que la sangre no se espese",
		"glucemia": "azúcar en sangre", "hiperglucemia": "azúcar alto", "hipoglucemia": "azúcar bajo", "neoplasia": "tumor",
		"maligno": "de cáncer", "benigno": "que no es cáncer", "facultativo": "médico", "sintomatología": "síntomas",
		"patología": "enfermedad", "patologías": "enfermedades", "deambular": "andar", "ingesta": "comida o bebida",
		"administrar": "dar", "adherencia": "tomarlo como se acordó", "intervención": "operación o tratamiento", "biopsia": "tomar una muestra",
		"imc": "peso para tu altura", "ecg": "registro del corazón", "tac": "radiografía por capas", "uci": "cuidados intensivos",
		"con el fin de": "para", "a efectos de": "para", "con anterioridad": "antes", "cefalea": "dolor de cabeza", "odinofagia": "dolor al tragar",
	},
}
