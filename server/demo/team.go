package demo

import (
	"context"
	"hash/fnv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/identity"
)

// staff is a clinician by their handle, or by a reference.
func (b *builder) staff(handle string) clinical.Staff {
	handle = strings.TrimPrefix(handle, "Practitioner/")
	for _, p := range b.Profiles {
		if p.Handle == handle {
			s := clinical.Staff{Ref: "Practitioner/" + handle, Name: p.Name}
			if who := b.people[p.Login]; who != nil {
				s.Subject = who.Subject(identity.Clinical).String()
			}
			return s
		}
	}
	return clinical.Staff{Ref: "Practitioner/" + handle, Name: handle}
}

func dice(words ...string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.Join(words, "\x00")))
	return int(h.Sum32() % 100)
}

// round is the team at work: what waits is taken and decided, what was decided is closed, some of it is put off.
// Of the last days it leaves most as it is.
func (b *builder) round(ctx context.Context) error {
	day := b.clock.Now().In(b.zone).Weekday()
	return b.look(ctx, day == time.Saturday || day == time.Sunday)
}

// onDuty is whoever looks after what is urgent when the others have gone home.
func (b *builder) onDuty(ctx context.Context) error { return b.look(ctx, true) }

func (b *builder) look(ctx context.Context, urgentOnly bool) error {
	if err := b.srv.Clinical.Tick(ctx); err != nil {
		return err
	}
	now := b.clock.Now()
	left := b.today.Sub(now)
	open, err := b.srv.Clinical.Open(ctx, b.staff("marisol"))
	if err != nil {
		return err
	}
	var all []clinical.Taken
	for _, o := range open {
		by := b.staff(o.Responsible)
		n := dice(o.ID, now.String())
		switch {
		case urgentOnly && o.Severity != "urgent", left < 40*time.Hour && o.Severity != "urgent", left < 4*time.Hour:
		case o.Status == "decided" && n >= 25 && o.Patient != noisy: // it shows first whether what was done helps
		case o.Status == "decided":
			all = append(all, clinical.Taken{By: by, Open: o, Act: clinical.Act{Do: "close"}})
		case o.Status != "raised" && o.Status != "acknowledged", n < 15 && o.Severity != "urgent" && o.Patient != noisy:
		case n < 24 && o.Severity != "urgent" && o.Patient != noisy && left > 6*24*time.Hour:
			all = append(all, clinical.Taken{By: by, Open: o, Act: clinical.Act{Do: "snooze", Reason: "Known, and agreed on the phone: we look again in three days.", Until: now.Add(3 * 24 * time.Hour)}})
		default:
			all = append(all, b.decide(by, o, n)...)
		}
	}
	return b.srv.Clinical.Take(ctx, all)
}

// noisy is somebody whose threshold is too narrow: nothing is done about nearly every alert, and a quieter one is suggested.
const noisy = "resident-36"

// decide takes an alert and says what comes of it.
func (b *builder) decide(by clinical.Staff, o clinical.Open, n int) (all []clinical.Taken) {
	if o.Status == "raised" {
		all = append(all, clinical.Taken{By: by, Open: o, Act: clinical.Act{Do: "acknowledge"}})
	}
	say := sayings[about(o.Rule)]
	a := clinical.Act{Do: "decide", Action: "none", Reason: say.none}
	switch {
	case o.Severity == "urgent":
		a.Action, a.Reason = "call", say.call
	case n > 55 && o.Patient != noisy:
		a.Action, a.Reason, a.Tell = "message", say.why, say.en
		if b.speaks(o.Patient) == "es" {
			a.Tell = say.es
		}
	}
	return append(all, clinical.Taken{By: by, Open: o, Act: a})
}

func (b *builder) speaks(patient string) string {
	for i := range b.patients {
		if b.patients[i].ID == patient {
			return b.patients[i].Lang
		}
	}
	return "en"
}

// leave sets what is open at the end so that every state can be seen: some raised, some taken, put off, decided.
func (b *builder) leave(ctx context.Context) error {
	if err := b.srv.Clinical.Tick(ctx); err != nil {
		return err
	}
	open, err := b.srv.Clinical.Open(ctx, b.staff("marisol"))
	if err != nil {
		return err
	}
	var all []clinical.Taken
	n := 0
	for _, o := range open {
		if o.Status != "raised" || o.Severity == "urgent" {
			continue
		}
		by := b.staff(o.Responsible)
		switch n++; n % 5 {
		case 2:
			all = append(all, clinical.Taken{By: by, Open: o, Act: clinical.Act{Do: "acknowledge"}})
		case 3:
			all = append(all, clinical.Taken{By: by, Open: o, Act: clinical.Act{Do: "snooze", Reason: "Seen in the clinic this morning; the new tablet needs a few days.", Until: b.today.Add(3 * 24 * time.Hour)}})
		case 4:
			all = append(all, b.decide(by, o, 80)...)
		}
	}
	return b.srv.Clinical.Take(ctx, all)
}

// about is what a rule is about, by the beginning of its name.
func about(rule string) string {
	if strings.HasSuffix(rule, "-missing") {
		return "missing"
	}
	word, kind, _ := strings.Cut(rule, "-")
	switch {
	case word == "glucose" && !strings.HasSuffix(kind, "low"):
		word = "sugar"
	case word == "bp" && kind == "low":
		word = "other"
	}
	if _, known := sayings[word]; !known {
		return "other"
	}
	return word
}

// sayings are what the team writes: why nothing is done, why a call or a message is, and the message in both languages.
var sayings = map[string]struct{ none, call, why, en, es string }{
	"bp": {"The two readings after it were in the band again.", "Called: sat down, measured again, 162/94, no symptoms. Tablet moved to the morning.",
		"Above the band for a week; asked about tablets and salt before changing anything.",
		"Your blood pressure has been a little higher this week. Have you been able to take the tablets every day? Please measure morning and evening until Friday, and we look at it together.",
		"Tu tensión ha estado un poco más alta esta semana. ¿Has podido tomar las pastillas todos los días? Mídete por la mañana y por la noche hasta el viernes y lo vemos juntos."},
	"sugar": {"After a birthday dinner, and back to the usual the next morning.", "Called: thirsty, no vomiting, no ketones. Went through the doses and what to do if it stays above 250.",
		"Above the band for a week; asked about meals and tablets before changing anything.",
		"Your blood sugar has been higher than we want this week. Have the meals changed, or did a tablet get lost? Please measure before breakfast until Friday, and we look at it together.",
		"Esta semana has tenido el azúcar más alto de lo que queremos. ¿Han cambiado las comidas o se ha olvidado alguna pastilla? Mídete antes del desayuno hasta el viernes y lo vemos juntos."},
	"glucose": {"Ate at once, 96 a quarter of an hour later.", "Called: had juice and bread, 96 after a quarter of an hour. Went through the dose before sport.",
		"The third one in two weeks: the dose at lunch may be too much.",
		"I saw the low reading before lunch. Please carry something sweet, and tell me what you ate and did that morning, so that we find the right dose.",
		"He visto el azúcar bajo de antes de comer. Lleva siempre algo dulce y cuéntame qué comiste e hiciste esa mañana, y así encontramos la dosis."},
	"weight": {"Scale moved to another floor; pressure and breath as usual.", "Called: breath is short on the stairs, ankles swollen. One tablet more of furosemide for five days, nurse visits tomorrow.",
		"Two kilos in three days, no other signs.",
		"Your weight went up by two kilos in three days. Are your ankles swollen, or is your breath shorter? Please take the extra water tablet we agreed on, and weigh yourself tomorrow as usual.",
		"Has subido dos kilos en tres días. ¿Tienes los tobillos hinchados o te falta más el aire? Toma la pastilla extra para orinar que acordamos y pésate mañana como siempre."},
	"oxygen": {"Cold fingers: 92 a quarter of an hour later.", "Called: speaks in whole sentences, phlegm is yellow. Prednisolone and antibiotic by the plan; comes in this afternoon.",
		"Lower than usual for three days.",
		"Your oxygen has been lower than usual for three days. How is the phlegm, and how are the stairs? If your breath gets worse, call us at once.",
		"El oxígeno lleva tres días más bajo de lo normal. ¿Cómo son las flemas y qué tal las escaleras? Si respiras peor, llámanos enseguida."},
	"missing": {"On holiday until Monday, as told at the desk.", "", "No reading for some days.",
		"We haven't seen a reading from you for some days. Is everything all right, or is the device on strike? Whenever it suits you.",
		"Hace unos días que no vemos ninguna medida tuya. ¿Va todo bien, o el aparato está en huelga? Cuando te venga bien."},
	"fever": {"One warm evening, 36.9 the next morning, wound dry in the picture.", "Called: wound is red and warm. Comes in at noon.", "Warm since yesterday.",
		"Your temperature is up. Is the wound red, warm, or wet? A photo helps. If it goes above 38.5, call us at once.",
		"Te ha subido la temperatura. ¿La herida está roja, caliente o mojada? Una foto ayuda. Si pasa de 38,5, llámanos enseguida."},
	"pain": {"Walked two kilometres the day before; better after a day of rest.", "", "More pain than last week.",
		"I see that it hurts more than last week. Try two shorter walks in place of a long one, and the ice afterwards. How is it tomorrow?",
		"Veo que duele más que la semana pasada. Prueba dos paseos cortos en vez de uno largo, y el hielo después. ¿Qué tal mañana?"},
	"heart": {"Measured right after the stairs.", "", "Pulse higher than usual.",
		"Your pulse was high. Was that after walking? Please sit for five minutes and measure once more.",
		"Tenías el pulso alto. ¿Fue después de andar? Siéntate cinco minutos y mídete otra vez."},
	"other": {"Looked at with the other readings of the week: nothing to do.", "Called, and went through it.", "Worth a question.",
		"I looked at your readings of today. How do you feel?", "He visto tus medidas de hoy. ¿Cómo te encuentras?"},
}
