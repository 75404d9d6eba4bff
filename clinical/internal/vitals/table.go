package vitals

// GlucoseFactor is how many mg/dL one mmol/L is. The molar mass of glucose, 180.156 g/mol, gives
// 18.016; meters and guidelines use 18, and with 18 the limits that are published in both units
// (3.0/54, 3.9/70, 10.0/180, 13.9/250) agree in both directions once rounded as people write them.
const GlucoseFactor = 18

const profile = "http://hl7.org/fhir/StructureDefinition/"

// one is the unit of a measure that has no other: n thousandths stay n.
func one(code, symbol string, decimals int, also ...string) Unit {
	return Unit{Code: code, Symbol: symbol, Also: also, Decimals: decimals, Num: 1, Den: 1, Step: 1}
}

// of makes a Range from whole numbers.
func of(least, low, high, most Amount) Range {
	return Range{least * unit, low * unit, high * unit, most * unit}
}

// table is every measure, never changed. LOINC and UCUM: the R4 vital signs profiles
// (http://hl7.org/fhir/R4/observation-vitalsigns.html) for pressure, weight, oxygen, heart and
// respiratory rate and temperature; 72514-3 and {score} as Synthea writes pain; 41653-7 and 14743-9
// (glucose in capillary blood by glucometer, mass and moles), 41950-7 and 55423-8 (steps in 24 hours,
// steps by pedometer), 19935-6 and 33452-4 (maximum expiratory gas flow) by their LOINC names.
var table = []Definition{
	{
		Measure: BloodPressure, Code: Coding{"85354-9", "Blood pressure panel with all children optional"},
		Also: []string{"55284-4", "35094-2"}, Category: "vital-signs", Profile: profile + "bp",
		Units: []Unit{
			one("mm[Hg]", "mmHg", 0, "mm Hg", "mm[hg]"),
			{Code: "kPa", Symbol: "kPa", Decimals: 1, Num: 1_000_000, Den: 133_322, Step: unit, Outside: true}, // 1 mm[Hg] is 133.322 Pa
		},
		Parts: []PartOf{
			{Coding{"8480-6", "Systolic blood pressure"}, of(30, 70, 230, 350)},
			{Coding{"8462-4", "Diastolic blood pressure"}, of(10, 35, 140, 250)},
		},
	},
	{
		Measure: Glucose, Code: Coding{"41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer"},
		Also: []string{"14743-9", "2339-0", "15074-8", "2345-7", "14749-6", "99504-3", "105272-9"}, Category: "laboratory",
		Units: []Unit{
			one("mg/dL", "mg/dL", 0, "mg/dl"),
			{Code: "mmol/L", Symbol: "mmol/L", Also: []string{"mmol/l"}, Decimals: 1, Num: GlucoseFactor, Den: 1, Step: unit},
		},
		Parts: []PartOf{{Coding{"41653-7", ""}, of(10, 40, 500, 1000)}},
	},
	{
		Measure: Weight, Code: Coding{"29463-7", "Body weight"}, Also: []string{"3141-9"},
		Category: "vital-signs", Profile: profile + "bodyweight",
		Units: []Unit{
			one("kg", "kg", 1),
			{Code: "[lb_av]", Symbol: "lb", Also: []string{"lbs", "[lb_us]"}, Decimals: 1, Num: 45_359_237, Den: 100_000_000, Step: 10},
			{Code: "g", Symbol: "g", Decimals: 0, Num: 1, Den: 1000, Step: 1},
		},
		Parts: []PartOf{{Coding{"29463-7", ""}, of(1, 30, 250, 650)}},
	},
	{
		Measure: Oxygen, Code: Coding{"2708-6", "Oxygen saturation in Arterial blood"},
		Extra: []Coding{{"59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"}},
		Also:  []string{"59408-5"}, Category: "vital-signs", Profile: profile + "oxygensat",
		Units: []Unit{one("%", "%", 0)},
		Parts: []PartOf{{Coding{"2708-6", ""}, of(35, 80, 100, 100)}},
	},
	{
		Measure: HeartRate, Code: Coding{"8867-4", "Heart rate"},
		Category: "vital-signs", Profile: profile + "heartrate",
		Units: []Unit{one("/min", "bpm", 0, "{beats}/min", "1/min", "{Beats}/min", "beats/min", "beats/minute")},
		Parts: []PartOf{{Coding{"8867-4", ""}, of(15, 35, 200, 300)}},
	},
	{
		Measure: Temperature, Code: Coding{"8310-5", "Body temperature"},
		Also: []string{"8331-1", "8333-7", "8332-9", "8328-7"}, Category: "vital-signs", Profile: profile + "bodytemp",
		Units: []Unit{
			one("Cel", "°C", 1, "C", "degC"),
			{Code: "[degF]", Symbol: "°F", Also: []string{"F", "degF"}, Decimals: 1, Num: 5, Den: 9, Zero: 32 * unit, Step: 10},
		},
		Parts: []PartOf{{Coding{"8310-5", ""}, Range{25 * unit, 34 * unit, 41*unit + 500, 46 * unit}}},
	},
	{
		Measure: PeakFlow, Code: Coding{"19935-6", "Maximum expiratory gas flow by Peak flow meter"},
		Also: []string{"33452-4"}, Category: "vital-signs",
		Units: []Unit{
			one("L/min", "L/min", 0, "l/min"),
			{Code: "L/s", Symbol: "L/s", Also: []string{"l/s"}, Decimals: 2, Num: 60, Den: 1, Step: 1},
		},
		Parts: []PartOf{{Coding{"19935-6", ""}, of(20, 80, 800, 1000)}},
	},
	{
		Measure: Pain, Code: Coding{"72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"},
		Category: "vital-signs", Unitless: true,
		Units: []Unit{one("{score}", "/10", 0, "1", "{Score}")},
		Parts: []PartOf{{Coding{"72514-3", ""}, of(0, 0, 10, 10)}},
	},
	{
		Measure: Steps, Code: Coding{"41950-7", "Number of steps in 24 hour Measured"},
		Also: []string{"55423-8"}, Category: "activity", Unitless: true,
		Units: []Unit{one("{steps}", "steps", 0, "1", "/d", "{steps}/d", "{steps}/(24.h)", "1/(24.h)")},
		Parts: []PartOf{{Coding{"41950-7", ""}, of(0, 0, 60_000, 200_000)}},
	},
	{
		Measure: Breathing, Code: Coding{"9279-1", "Respiratory rate"},
		Category: "vital-signs", Profile: profile + "resprate",
		Units: []Unit{one("/min", "/min", 0, "{breaths}/min", "1/min", "breaths/min")},
		Parts: []PartOf{{Coding{"9279-1", ""}, of(2, 6, 60, 120)}},
	},
}
