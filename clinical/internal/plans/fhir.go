package plans

import (
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

// Names of ours in what is written.
const (
	recordSystem   = "urn:mitral:record"   // CarePlan.category: a plan made here; Observation.code: what was done of one
	homePlan       = "home-plan"           //
	planDone       = "plan-done"           //
	kindSystem     = "urn:mitral:activity" // of an activity's code: its Kind
	stepSystem     = "urn:mitral:step"     // Observation.code: "plan.activity"
	keySystem      = "urn:mitral:plan-act" // identifier of what is done or answered: "plan.activity.day.turn"
	templateURI    = "urn:mitral:plan:"
	exerciseURI    = "urn:mitral:exercise:"
	checkURI       = "urn:mitral:questionnaire:"
	loinc          = "http://loinc.org"
	ucum           = "http://unitsofmeasure.org"
	categories     = "http://terminology.hl7.org/CodeSystem/observation-category"
	translationURL = "http://hl7.org/fhir/StructureDefinition/translation"
)

// Short names for building resources.
var (
	obj, mem, str, arr = resource.O, resource.M, resource.S, resource.A
)

func ref(to string) resource.Node { return obj(mem("reference", str(to))) }

func coding(system, code string) resource.Node {
	return obj(mem("system", str(system)), mem("code", str(code)))
}

// putWords gives n a text and, beside it, its Spanish.
func putWords(n *resource.Node, name string, w Words) {
	if w.EN == "" {
		return
	}
	n.Set(name, str(w.EN))
	if w.ES != "" && w.ES != w.EN {
		n.Set("_"+name, obj(mem("extension", arr(obj(mem("extension", arr(
			obj(mem("url", str("lang")), mem("valueCode", str("es"))),
			obj(mem("url", str("content")), mem("valueString", str(w.ES))))), mem("url", str(translationURL)))))))
	}
}

// wordsOf reads what putWords wrote.
func wordsOf(n *resource.Node, name string) Words {
	w := Words{EN: n.Get(name).Str()}
	w.ES = w.EN
	for _, e := range n.Path("_"+name, "extension").Each() {
		if e.Get("url").Str() != translationURL {
			continue
		}
		parts := map[string]string{}
		for _, p := range e.Get("extension").Each() {
			parts[p.Get("url").Str()] = p.Get("valueCode").Str() + p.Get("valueString").Str()
		}
		if parts["lang"] == "es" {
			w.ES = parts["content"]
		}
	}
	return w
}

// carePlan writes a plan. by is who writes it.
func (p *Plan) carePlan(author, name string) resource.Node {
	n := obj(mem("resourceType", str("CarePlan")))
	if p.ID != "" {
		n.Set("id", str(p.ID))
	}
	if p.Template != "" {
		n.Set("instantiatesUri", arr(str(templateURI+p.Template)))
	}
	n.Set("status", str(string(p.Status)))
	n.Set("intent", str("plan"))
	n.Set("category", arr(obj(mem("coding", arr(coding(recordSystem, homePlan))))))
	putWords(&n, "title", p.Title)
	n.Set("subject", ref("Patient/"+p.Patient))
	n.Set("period", period(p.From, p.Until))
	n.Set("author", obj(mem("reference", str(author)), mem("display", str(name))))
	if len(p.Goals) > 0 {
		list := arr()
		for _, g := range p.Goals {
			list.Kids = append(list.Kids, ref("Goal/"+g.ID))
		}
		n.Set("goal", list)
	}
	if len(p.Activities) > 0 {
		list := arr()
		for i := range p.Activities {
			list.Kids = append(list.Kids, p.Activities[i].node(p))
		}
		n.Set("activity", list)
	}
	if len(p.Changes) > 0 {
		list := arr()
		for _, c := range p.Changes {
			list.Kids = append(list.Kids, obj(mem("authorReference", obj(mem("reference", str(c.By)), mem("display", str(c.Who)))),
				mem("time", str(instant(c.At))), mem("text", str(c.Why))))
		}
		n.Set("note", list)
	}
	return n
}

func period(from, until Day) resource.Node {
	n := obj()
	if from != 0 {
		n.Set("start", str(from.String()))
	}
	if until != 0 {
		n.Set("end", str(until.String()))
	}
	return n
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

var stateOf = map[Status]string{Draft: "not-started", Active: "in-progress", Completed: "completed", Revoked: "stopped"}

func (a *Activity) node(p *Plan) resource.Node {
	d := obj()
	switch {
	case a.Uses == "":
	case a.Kind == Exercise:
		d.Set("instantiatesUri", arr(str(exerciseURI+a.Uses)))
	case a.Kind == Questions:
		d.Set("instantiatesCanonical", arr(str(checkURI+a.Uses)))
	case a.Kind == Reading:
		d.Set("instantiatesUri", arr(str(a.Uses)))
	}
	codes := arr(coding(kindSystem, string(a.Kind)))
	if m := vitals.Of(a.Measure); m != nil && a.Kind == Measure {
		codes.Kids = append(codes.Kids, coding(loinc, m.Code.Code))
	}
	code := obj(mem("coding", codes))
	putWords(&code, "text", a.Title)
	d.Set("code", code)
	d.Set("status", str(stateOf[p.Status]))
	d.Set("scheduledTiming", obj(mem("repeat", a.Rhythm.repeat())))
	putWords(&d, "description", a.Words)
	return obj(mem("id", str(a.ID)), mem("detail", d))
}

var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (r *Rhythm) repeat() resource.Node {
	n := obj()
	if r.From != 0 || r.Until != 0 {
		n.Set("boundsPeriod", period(r.From, r.Until))
	}
	if r.Once {
		n.Set("count", resource.N("1"))
	}
	if r.Minutes > 0 {
		n.Set("duration", resource.N(number(r.Minutes)))
		n.Set("durationUnit", str("min"))
	}
	if !r.Once {
		times, unit := 1, "d"
		if r.Weekly > 0 {
			times, unit = r.Weekly, "wk"
		}
		n.Set("frequency", resource.N(number(times)))
		n.Set("period", resource.N("1"))
		n.Set("periodUnit", str(unit))
		if r.Days != [7]bool{} && r.Weekly == 0 {
			days := arr()
			for i := range 7 {
				if d := (i + 1) % 7; r.Days[d] { // from Monday
					days.Kids = append(days.Kids, str(weekdays[d]))
				}
			}
			n.Set("dayOfWeek", days)
		}
	}
	if r.Part != "" {
		n.Set("when", arr(str(r.Part)))
	}
	return n
}

var lifeOf = map[Status]string{Draft: "proposed", Active: "active", Completed: "completed", Revoked: "cancelled"}

// node writes a goal of a plan.
func (g *Goal) node(p *Plan, by string) resource.Node {
	n := obj(mem("resourceType", str("Goal")))
	if g.ID != "" {
		n.Set("id", str(g.ID))
	}
	n.Set("lifecycleStatus", str(lifeOf[p.Status]))
	d := obj()
	putWords(&d, "text", g.Words)
	n.Set("description", d)
	n.Set("subject", ref("Patient/"+p.Patient))
	n.Set("startDate", str(p.From.String()))
	n.Set("expressedBy", ref(by))
	def := vitals.Of(g.Measure)
	if def == nil {
		return n
	}
	targets, unit := arr(), def.Unit(g.Unit)
	for i, part := range def.Parts {
		r := obj()
		for _, end := range []struct{ name, digits string }{{"low", g.Low[i]}, {"high", g.High[i]}} {
			if end.digits != "" && unit != nil {
				r.Set(end.name, obj(mem("value", resource.N(end.digits)), mem("unit", str(unit.Symbol)), mem("system", str(ucum)), mem("code", str(unit.Code))))
			}
		}
		if len(r.Kids) > 0 {
			c := coding(loinc, part.Code.Code)
			if part.Code.Display != "" {
				c.Set("display", str(part.Code.Display))
			}
			targets.Kids = append(targets.Kids, obj(mem("measure", obj(mem("coding", arr(c)))), mem("detailRange", r)))
		}
	}
	if len(targets.Kids) > 0 {
		n.Set("target", targets)
	}
	return n
}

// key names one act, however often it is sent.
func key(plan, activity string, day Day, turn string) string {
	return strings.Join([]string{plan, activity, day.String(), turn}, ".")
}
