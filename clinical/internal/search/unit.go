package search

import (
	"math"
	"strconv"
	"strings"
)

const ucum = "http://unitsofmeasure.org"

// unit says how a UCUM unit is turned into the one that all of its dimension are compared in:
// value*factor + offset. Exact by definition unless said.
type unit struct {
	code           string
	dimension      string
	factor, offset float64
}

// units is those that clinical quantities come in. What is not here is compared only with itself.
var units = []unit{
	{"kg", "g", 1e3, 0}, {"g", "g", 1, 0}, {"mg", "g", 1e-3, 0}, {"ug", "g", 1e-6, 0}, {"ng", "g", 1e-9, 0},
	{"[lb_av]", "g", 453.59237, 0}, {"[oz_av]", "g", 28.349523125, 0},
	{"km", "m", 1e3, 0}, {"m", "m", 1, 0}, {"dm", "m", 1e-1, 0}, {"cm", "m", 1e-2, 0}, {"mm", "m", 1e-3, 0}, {"um", "m", 1e-6, 0},
	{"[in_i]", "m", 0.0254, 0}, {"[ft_i]", "m", 0.3048, 0}, {"[mi_i]", "m", 1609.344, 0},
	{"Cel", "K", 1, 273.15}, {"K", "K", 1, 0}, {"[degF]", "K", 5.0 / 9, 459.67 * 5 / 9},
	{"Pa", "Pa", 1, 0}, {"hPa", "Pa", 1e2, 0}, {"kPa", "Pa", 1e3, 0}, {"mm[Hg]", "Pa", 133.322, 0}, {"cm[H2O]", "Pa", 98.0665, 0}, // mm[Hg]: as UCUM has it
	{"ms", "s", 1e-3, 0}, {"s", "s", 1, 0}, {"min", "s", 60, 0}, {"h", "s", 3600, 0}, {"d", "s", 86400, 0}, {"wk", "s", 604800, 0},
	{"mo", "s", 2629800, 0}, {"a", "s", 31557600, 0}, // the mean Julian month and year, as UCUM has them
	{"L", "L", 1, 0}, {"l", "L", 1, 0}, {"dL", "L", 1e-1, 0}, {"dl", "L", 1e-1, 0}, {"cL", "L", 1e-2, 0}, {"mL", "L", 1e-3, 0}, {"ml", "L", 1e-3, 0}, {"uL", "L", 1e-6, 0}, {"fL", "L", 1e-15, 0},
	{"/min", "/min", 1, 0}, {"1/min", "/min", 1, 0}, {"/s", "/min", 60, 0}, {"Hz", "/min", 60, 0}, {"/h", "/min", 1.0 / 60, 0},
	{"1", "1", 1, 0}, {"%", "1", 1e-2, 0}, {"[ppth]", "1", 1e-3, 0},
	{"g/L", "g/L", 1, 0}, {"g/dL", "g/L", 10, 0}, {"g/dl", "g/L", 10, 0}, {"mg/dL", "g/L", 1e-2, 0}, {"mg/dl", "g/L", 1e-2, 0}, {"mg/L", "g/L", 1e-3, 0}, {"mg/mL", "g/L", 1, 0},
	{"ug/dL", "g/L", 1e-5, 0}, {"ug/L", "g/L", 1e-6, 0}, {"ug/mL", "g/L", 1e-3, 0}, {"ng/mL", "g/L", 1e-6, 0}, {"ng/dL", "g/L", 1e-8, 0}, {"ng/L", "g/L", 1e-9, 0}, {"pg/mL", "g/L", 1e-9, 0}, {"g/mL", "g/L", 1e3, 0},
	{"mol/L", "mol/L", 1, 0}, {"mmol/L", "mol/L", 1e-3, 0}, {"umol/L", "mol/L", 1e-6, 0}, {"nmol/L", "mol/L", 1e-9, 0}, {"pmol/L", "mol/L", 1e-12, 0}, {"mmol/l", "mol/L", 1e-3, 0}, {"umol/l", "mol/L", 1e-6, 0},
	{"eq/L", "eq/L", 1, 0}, {"meq/L", "eq/L", 1e-3, 0},
	{"mol", "mol", 1, 0}, {"mmol", "mol", 1e-3, 0}, {"umol", "mol", 1e-6, 0},
	{"U/L", "U/L", 1, 0}, {"U/mL", "U/L", 1e3, 0}, {"mU/L", "U/L", 1e-3, 0}, {"uU/mL", "U/L", 1e-3, 0}, {"kU/L", "U/L", 1e3, 0},
	{"[iU]/L", "[iU]/L", 1, 0}, {"[IU]/L", "[iU]/L", 1, 0}, {"m[iU]/L", "[iU]/L", 1e-3, 0}, {"m[IU]/L", "[iU]/L", 1e-3, 0}, {"m[IU]/mL", "[iU]/L", 1, 0}, {"u[IU]/mL", "[iU]/L", 1e-3, 0}, {"k[iU]/L", "[iU]/L", 1e3, 0},
	{"10*9/L", "/L", 1e9, 0}, {"10*12/L", "/L", 1e12, 0}, {"10*3/uL", "/L", 1e9, 0}, {"10*6/uL", "/L", 1e12, 0}, {"10*3/mm3", "/L", 1e9, 0}, {"/uL", "/L", 1e6, 0}, {"/mL", "/L", 1e3, 0}, {"/L", "/L", 1, 0},
	{"kg/m2", "kg/m2", 1, 0}, {"g/m2", "kg/m2", 1e-3, 0}, {"m2", "m2", 1, 0}, {"cm2", "m2", 1e-4, 0},
	{"L/min", "L/min", 1, 0}, {"mL/min", "L/min", 1e-3, 0}, {"L/s", "L/min", 60, 0}, {"mL/h", "L/min", 1e-3 / 60, 0},
	{"m/s", "m/s", 1, 0}, {"cm/s", "m/s", 1e-2, 0}, {"km/h", "m/s", 1 / 3.6, 0},
	{"J", "J", 1, 0}, {"kJ", "J", 1e3, 0}, {"kcal", "J", 4184, 0}, {"cal", "J", 4.184, 0}, {"kcal_th", "J", 4184, 0},
	{"mg/g", "mg/g", 1, 0}, {"ug/mg", "mg/g", 1, 0}, {"mmol/mol", "mmol/mol", 1, 0},
	{"mg/kg", "mg/kg", 1, 0}, {"ug/kg", "mg/kg", 1e-3, 0}, {"g/kg", "mg/kg", 1e3, 0},
	{"mV", "V", 1e-3, 0}, {"uV", "V", 1e-6, 0}, {"V", "V", 1, 0},
}

// unitOf finds a UCUM code, without its annotations ("{beats}/min"), or makes a dimension of its own of it.
func unitOf(code string) unit {
	if u, ok := listed(code); ok {
		return u
	}
	if bare := withoutNotes(code); bare != code {
		if bare == "" {
			bare = "1"
		}
		if u, ok := listed(bare); ok {
			return u
		}
	}
	return unit{code, code, 1, 0}
}

func listed(code string) (unit, bool) {
	for _, u := range units {
		if u.code == code {
			return u, true
		}
	}
	return unit{}, false
}

func withoutNotes(code string) string {
	for {
		i := strings.IndexByte(code, '{')
		j := strings.IndexByte(code, '}')
		if i < 0 || j < i {
			return code
		}
		code = code[:i] + code[j+1:]
	}
}

// to turns v of u into the unit of u's dimension. Rounded to 12 digits, so that 5.6 g/dL and 56 g/L are equal.
func (u unit) to(v float64) float64 {
	if u.factor == 1 && u.offset == 0 || math.IsInf(v, 0) {
		return v
	}
	return round(v*u.factor + u.offset)
}

func (u unit) from(v float64) float64 { return (v - u.offset) / u.factor }

func round(v float64) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 11, 64), 64)
	return f
}
