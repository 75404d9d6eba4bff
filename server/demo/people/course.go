package people

import "math/rand/v2"

// habit is what somebody measures and when: on every so many days, at these hours, and how often of a hundred
// times they do.
type habit struct {
	kind  Kind
	every int
	hours []float64
	keeps int
	with  []Kind // measured in the same minutes
}

// away is a stretch of days in which fewer readings come, of a hundred.
type away struct {
	from, to int
	keeps    int
}

// life is what a person's numbers come from.
type life struct {
	days      int // from the first day to today
	body      body
	effects   []effect
	habits    []habit
	gaps      []away
	lows      []int // days with a sugar that falls
	crisis    bool
	medicines []Medicine
	rounds    int // how often of a hundred what is typed is rounded
}

func live(p *Person, dice *rand.Rand, days int) *life {
	l := &life{days: days, rounds: 10 + dice.IntN(30), body: body{dice: dice, base: map[part]float64{}, drift: map[part]float64{}, mood: map[part]float64{}, day: -1}}
	l.born(p, dice)
	for _, c := range p.Conditions {
		switch c {
		case Hypertension, Pregnancy, Menopause:
			l.pressures(p, c, dice)
		case Diabetes2:
			l.sugars(p, dice)
		case Diabetes1:
			l.insulin(p, dice)
		case HeartFailure:
			l.heart(p, dice)
		case COPD, Asthma:
			l.lungs(p, c, dice)
		case JointRecovery, BackPain:
			l.joints(p, c)
		}
	}
	switch p.Story {
	case Holiday:
		from := days - 23
		l.gaps = append(l.gaps, away{from, from + 13, 4})
		l.add(part{Pressure, 0}, float64(from)+2, 6, 9, 6, 13)
		l.add(part{Pressure, 1}, float64(from)+2, 6, 9, 6, 7)
		l.add(part{Glucose, 0}, float64(from)+1, 3, 11, 5, 34)
		l.add(part{Weight, 0}, float64(from)+1, 10, 3, 14, 1.4)
	case Ill:
		from := days - 17
		l.gaps = append(l.gaps, away{from, from + 6, 45})
		l.add(part{Heat, 0}, float64(from), 1, 3, 1.5, 1.7)
		l.add(part{Pulse, 0}, float64(from), 1, 3, 2.5, 14)
		l.add(part{Glucose, 0}, float64(from), 1, 4, 3, 62)
		l.add(part{Pressure, 0}, float64(from), 1, 3, 3, -7)
		l.add(part{PeakFlow, 0}, float64(from), 2, 5, 4, -110)
	case Gone:
		l.gaps = append(l.gaps, away{days - 9, days + 1, 0})
	case Crisis:
		l.crisis = true
	}
	return l
}

func (l *life) add(of part, from, rise, hold, fade, size float64) {
	l.effects = append(l.effects, effect{of, from, rise, hold, fade, size})
}

// born gives somebody the numbers of a person of their age without a condition.
func (l *life) born(p *Person, dice *rand.Rand) {
	about := func(mid, by float64) float64 { return mid + by*dice.NormFloat64() }
	tall := 0.0
	if p.Gender == "male" {
		tall = 11
	}
	for at, v := range map[part]float64{{Pressure, 0}: 124, {Pressure, 1}: 77, {Pulse, 0}: 70, {Heat, 0}: 36.5, {Oxygen, 0}: 96.6, {Weight, 0}: 69 + tall,
		{Pain, 0}: 1, {PeakFlow, 0}: 400 + 5*tall, {Breathing, 0}: 15, {Steps, 0}: 5200, {Glucose, 0}: 97} {
		l.body.base[at] = v
	}
	for _, at := range parts { // in this order, for the dice
		by := map[Kind]float64{Pressure: 3, Pulse: 6, Heat: 0.1, Oxygen: 0.5, Weight: 9, PeakFlow: 40, Breathing: 0.8, Steps: 1500, Glucose: 4}[at.kind]
		l.body.base[at] = about(l.body.base[at], by)
	}
}

// takes notes a medicine that was begun so many days ago; 0 is long since.
func (l *life) takes(name, nameES, atc, dose, doseES string, ago int) {
	if ago == 0 {
		ago = 400 + l.body.dice.IntN(900)
	}
	l.medicines = append(l.medicines, Medicine{Name: name, NameES: nameES, ATC: atc, Dose: dose, DoseES: doseES, From: ago})
}

func (l *life) pressures(p *Person, c Condition, dice *rand.Rand) {
	up := 8 + dice.Float64()*6
	l.body.base[part{Pressure, 0}] += up
	l.body.base[part{Pressure, 1}] += up * 0.5
	morning, evening := 7+dice.Float64(), 20+dice.Float64()*2
	h := habit{kind: Pressure, every: 1, hours: []float64{morning}, keeps: 62 + dice.IntN(28)}
	if dice.IntN(4) == 0 {
		h.every = 2
	}
	if p.Device != "" {
		h.with = []Kind{Pulse}
	}
	switch c {
	case Menopause:
		h.every, l.body.base[part{Pressure, 0}] = 7, 122
	case Pregnancy:
		h.every, h.hours, h.keeps = 1, []float64{morning, evening}, 84
		l.body.drift[part{Weight, 0}] = 0.055
		l.body.drift[part{Pressure, 0}] = 0.05
		l.takes("Labetalol", "Labetalol", "C07AG01", "200 mg twice a day", "200 mg dos veces al día", l.days-3)
	default:
		l.takes("Amlodipine", "Amlodipino", "C08CA01", "5 mg in the morning", "5 mg por la mañana", 0)
	}
	today := float64(l.days)
	switch p.Story {
	case Better:
		l.body.base[part{Pressure, 0}] += 15
		l.body.base[part{Pressure, 1}] += 8
		since := min(35, today-14)
		l.add(part{Pressure, 0}, today-since, 24, always, 0, -20)
		l.add(part{Pressure, 1}, today-since, 24, always, 0, -10)
		l.takes("Losartan", "Losartán", "C09CA01", "50 mg in the morning", "50 mg por la mañana", int(since))
	case Worse, Underway:
		l.add(part{Pressure, 0}, today-26, 20, always, 0, 16)
		l.add(part{Pressure, 1}, today-26, 20, always, 0, 8)
		h.every, h.hours, h.keeps = 1, []float64{morning, evening}, 97
	}
	l.habits = append(l.habits, h, habit{kind: Weight, every: 7, hours: []float64{7.3}, keeps: 80})
}

func (l *life) sugars(p *Person, dice *rand.Rand) {
	l.body.base[part{Glucose, 0}] = 126 + dice.Float64()*26
	l.body.base[part{Weight, 0}] += 12
	l.body.drift[part{Weight, 0}] = -0.012
	l.takes("Metformin", "Metformina", "A10BA02", "850 mg twice a day", "850 mg dos veces al día", 0)
	today := float64(l.days)
	h := habit{kind: Glucose, every: 1 + dice.IntN(3), hours: []float64{7.2}, keeps: 82}
	if dice.IntN(2) == 0 {
		h.hours = append(h.hours, 21.2)
	}
	switch p.Story {
	case Better:
		l.body.base[part{Glucose, 0}] += 38
		l.add(part{Glucose, 0}, today-40, 28, always, 0, -44)
		l.add(part{Weight, 0}, today-40, 40, always, 0, -3.1)
		l.takes("Empagliflozin", "Empagliflozina", "A10BK03", "10 mg in the morning", "10 mg por la mañana", 40)
	case Worse:
		l.add(part{Glucose, 0}, today-24, 18, always, 0, 62)
		h.every, h.hours, h.keeps = 1, []float64{7.2, 21.2}, 95
	}
	l.habits = append(l.habits, h, habit{kind: Weight, every: 7, hours: []float64{7.4}, keeps: 75})
}

func (l *life) insulin(p *Person, dice *rand.Rand) {
	l.body.base[part{Glucose, 0}] = 138 + dice.Float64()*18
	l.takes("Insulin glargine", "Insulina glargina", "A10AE04", "18 units at night", "18 unidades por la noche", 0)
	l.takes("Insulin aspart", "Insulina aspart", "A10AB05", "with each meal, as counted", "con cada comida, según lo contado", 0)
	l.days = min(l.days, 64) // four a day are many
	l.habits = append(l.habits, habit{kind: Glucose, every: 1, hours: []float64{7.4, 13.4, 19.9, 22.8}, keeps: 78})
	step := 19
	if p.Story == Lows {
		step = 6
	}
	for day := l.days - 1 - dice.IntN(step); day > 0; day -= step + dice.IntN(3) {
		l.lows = append(l.lows, day)
	}
}

func (l *life) heart(p *Person, dice *rand.Rand) {
	l.body.base[part{Pressure, 0}] = 116 + dice.Float64()*12
	l.body.base[part{Pressure, 1}] = 70 + dice.Float64()*6
	l.takes("Bisoprolol", "Bisoprolol", "C07AB07", "5 mg in the morning", "5 mg por la mañana", 0)
	l.takes("Furosemide", "Furosemida", "C03CA01", "40 mg in the morning", "40 mg por la mañana", 0)
	morning := 6.8 + dice.Float64()
	l.habits = append(l.habits, habit{kind: Weight, every: 1, hours: []float64{morning}, keeps: 92},
		habit{kind: Pressure, every: 2, hours: []float64{morning + 0.1}, keeps: 85, with: []Kind{Pulse}})
	// Water comes first, on the scale; then the heart beats faster and the air gets short.
	decompensates := func(from, hold, fade float64) {
		l.add(part{Weight, 0}, from, 5, hold, fade, 3.4)
		l.add(part{Pulse, 0}, from+3, 3, hold, fade, 17)
		l.add(part{Oxygen, 0}, from+3, 3, hold, fade, -3)
	}
	today := float64(l.days)
	switch p.Story {
	case Underway:
		decompensates(today-5, always, 0)
		l.habits = append(l.habits, habit{kind: Oxygen, every: 2, hours: []float64{morning + 0.2}, keeps: 90})
	case Episode:
		decompensates(today-21, 1, 3)
		l.takes("Furosemide, for a week", "Furosemida, una semana", "C03CA01", "40 mg more at noon", "40 mg más al mediodía", 15)
		l.medicines[len(l.medicines)-1].To = 8
	case Better:
		l.add(part{Weight, 0}, today-28, 12, always, 0, -2.2)
		l.takes("Sacubitril and valsartan", "Sacubitrilo y valsartán", "C09DX04", "24/26 mg twice a day", "24/26 mg dos veces al día", 28)
	}
}

func (l *life) lungs(p *Person, c Condition, dice *rand.Rand) {
	if c == Asthma {
		l.takes("Budesonide and formoterol", "Budesonida y formoterol", "R03AK07", "one puff, twice a day", "una inhalación, dos veces al día", 0)
		l.habits = append(l.habits, habit{kind: PeakFlow, every: 1, hours: []float64{7.5, 21}, keeps: 66})
		return
	}
	l.body.base[part{Oxygen, 0}] = 91.8 + dice.Float64()*1.8
	l.body.base[part{Breathing, 0}], l.body.base[part{Steps, 0}] = 17, 3300
	l.takes("Tiotropium", "Tiotropio", "R03BB04", "one puff in the morning", "una inhalación por la mañana", 0)
	morning := 8 + dice.Float64()
	l.habits = append(l.habits, habit{kind: Oxygen, every: 1, hours: []float64{morning}, keeps: 86, with: []Kind{Pulse}},
		habit{kind: Steps, every: 3, hours: []float64{21.6}, keeps: 80})
	worsens := func(from, hold, fade float64) {
		l.add(part{Oxygen, 0}, from, 3, hold, fade, -5.2)
		l.add(part{Breathing, 0}, from, 3, hold, fade, 5)
		l.add(part{Pulse, 0}, from, 3, hold, fade, 12)
		l.add(part{Heat, 0}, from, 2, min(hold, 4), 2, 1.2)
		l.add(part{Steps, 0}, from, 2, hold, fade*2, -2100)
		l.habits = append(l.habits, habit{kind: Heat, every: 2, hours: []float64{morning + 0.1}, keeps: 70, with: []Kind{Breathing}})
	}
	today := float64(l.days)
	switch p.Story {
	case Underway:
		worsens(today-3.5, always, 0)
	case Episode:
		worsens(today-24, 2, 4)
		l.takes("Prednisolone, for five days", "Prednisolona, cinco días", "H02AB06", "30 mg in the morning", "30 mg por la mañana", 20)
		l.medicines[len(l.medicines)-1].To = 15
	}
}

func (l *life) joints(p *Person, c Condition) {
	if c == BackPain {
		l.body.base[part{Pain, 0}] = 5.5
		l.add(part{Pain, 0}, 5, 40, always, 0, -2.6)
		l.habits = append(l.habits, habit{kind: Pain, every: 2, hours: []float64{20.5}, keeps: 70}, habit{kind: Steps, every: 2, hours: []float64{21.5}, keeps: 70})
		return
	}
	l.days = min(l.days, 33) // since the operation
	l.add(part{Pain, 0}, -0.1, 0.1, 2, 11, 5.6)
	l.add(part{Steps, 0}, -0.1, 0.1, 4, 16, -4300)
	l.takes("Paracetamol", "Paracetamol", "N02BE01", "1 g up to three times a day", "1 g hasta tres veces al día", l.days)
	l.habits = append(l.habits, habit{kind: Pain, every: 1, hours: []float64{9, 20}, keeps: 88},
		habit{kind: Heat, every: 1, hours: []float64{19.8}, keeps: 70}, habit{kind: Steps, every: 1, hours: []float64{21.4}, keeps: 75})
	if p.Story == Underway { // a wound that warms, and hurts more again
		today := float64(l.days)
		l.add(part{Heat, 0}, today-1.4, 1, always, 0, 2)
		l.add(part{Pain, 0}, today-3, 2, always, 0, 3.4)
		l.add(part{Pulse, 0}, today-1.4, 1, always, 0, 14)
	}
}
