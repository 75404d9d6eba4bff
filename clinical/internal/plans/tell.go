package plans

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/triage"
)

// waitsAs is the kind of what waits for the team.
const waitsAs = "questionnaire"

// seenURL is the extension of answers that says who of the team has seen them.
const seenURL = "urn:mitral:seen"

// Answer stores the answers of a check-in that a plan asks for: item → value of the choice, as its form has them. Once for
// each day. What the check-in says the team should look at waits for it from then on, in the same transaction.
func (p *Plans) Answer(ctx context.Context, t *records.Tx, plan *Plan, activity, by string, day Day, at time.Time, answers map[string]string) error {
	return p.tell(ctx, t, plan, activity, act{by: by, day: day, at: at, turn: "0", done: true}, answers)
}

func (p *Plans) tell(ctx context.Context, t *records.Tx, plan *Plan, activity string, say act, answers map[string]string) error {
	a := plan.activity(activity)
	if a == nil || a.Kind != Questions || books().checks[a.Uses] == nil || !plausible(say.turn) {
		return absent()
	}
	c := books().checks[a.Uses]
	r, wrong := c.read(answers)
	for said := true; said; {
		before, err := p.answered(ctx, t, plan, key(plan.ID, a.ID, say.day, say.turn))
		switch said = before != nil; {
		case err != nil:
			return err
		case said && (wrong != nil || before.says(&r)):
			return nil // the same once more
		case said: // other answers, of a page that was as old: they say something, and must not be lost
			if say.turn = next(mark{Turn: say.turn}); !plausible(say.turn) {
				return absent()
			}
		}
	}
	if wrong != nil {
		return wrong
	}
	n := c.response(&r, plan, a, say)
	made, err := t.Create(ctx, &n)
	if err != nil {
		return err
	}
	say.from, say.sum = "QuestionnaireResponse/"+made.ID, &r.Sum
	if err := p.mark(ctx, t, plan, activity, say); err != nil {
		return err
	}
	if r.Wait == "" || p.Triage == nil {
		return nil
	}
	return p.Triage.Wait(ctx, t, triage.Waiting{Patient: plan.Patient, Kind: waitsAs, Ref: say.from, Severity: r.Wait, Since: say.at})
}

// answered are the answers that were told with a key, nil if none were.
func (p *Plans) answered(ctx context.Context, t *records.Tx, plan *Plan, key string) (*told, error) {
	q, err := t.Query("QuestionnaireResponse", "patient", "Patient/"+plan.Patient, "identifier", keySystem+"|"+key)
	if err != nil {
		return nil, err
	}
	found, err := t.Match(ctx, q)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return toldOf(&found[0])
}

// says reports whether two say the same.
func (r *result) says(o *result) bool {
	return slices.EqualFunc(r.Answers, o.Answers, func(a, b answer) bool { return a.Value == b.Value })
}

// response writes the answers, each with its question, its words and its score, so that they can be read
// without the Questionnaire.
func (c *Check) response(r *result, plan *Plan, a *Activity, say act) resource.Node {
	items := arr()
	for _, one := range r.Answers {
		v := obj()
		if len(one.Item.Choices) > 0 {
			v.Set("valueCoding", c.coded(&Choice{one.Value, one.Label, one.Score, one.Wait}))
		} else {
			v.Set("valueInteger", resource.N(one.Value))
		}
		n := obj(mem("linkId", str(one.Item.ID)))
		putWords(&n, "text", one.Item.Ask)
		n.Set("answer", arr(v))
		items.Kids = append(items.Kids, n)
	}
	items.Kids = append(items.Kids, obj(mem("linkId", str(scoreItem)), mem("text", str("Sum of the answers")),
		mem("answer", arr(obj(mem("valueInteger", resource.N(number(r.Sum))))))))
	return obj(mem("resourceType", str("QuestionnaireResponse")),
		mem("identifier", obj(mem("system", str(keySystem)), mem("value", str(key(plan.ID, a.ID, say.day, say.turn))))),
		mem("basedOn", arr(ref("CarePlan/"+plan.ID))),
		mem("questionnaire", str(c.canonical())),
		mem("status", str("completed")),
		mem("subject", ref("Patient/"+plan.Patient)),
		mem("authored", str(instant(say.at))),
		mem("author", ref(say.by)),
		mem("source", ref(say.by)),
		mem("item", items))
}

// told are answers as they stand in the record.
type told struct {
	ID     string
	Check  string // its name
	At     time.Time
	By     string
	Plan   string
	result // of an item that this version of the check-in doesn't have, Item is nil
	Asked  []Words
	Seen   string // name of who of the team has seen it
}

// toldOf reads a QuestionnaireResponse of ours; nil is none.
func toldOf(r *records.Record) (*told, error) {
	n, err := resource.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	name, ok := checkOf(n.Get("questionnaire").Str())
	if !ok {
		return nil, nil
	}
	out := &told{ID: r.ID, Check: name, By: n.Path("author", "reference").Str(), Plan: n.Path("basedOn", "reference").Str()}
	for _, e := range n.Get("extension").Each() {
		if e.Get("url").Str() == seenURL {
			out.Seen = e.Path("valueReference", "display").Str()
		}
	}
	out.At, _ = time.Parse(time.RFC3339, n.Get("authored").Str())
	c := books().checks[name]
	values := map[string]string{}
	for _, it := range n.Get("item").Each() {
		id, v := it.Get("linkId").Str(), it.Path("answer")
		v = v.At(0)
		value := v.Path("valueCoding", "code").Str()
		if i := v.Get("valueInteger"); i != nil {
			value = i.Text
		}
		if id == scoreItem {
			out.Sum = turn(value)
			continue
		}
		one := answer{Value: value, Label: Words{value, value}}
		if code := v.Get("valueCoding"); code != nil {
			one.Label = wordsOf(code, "display")
		}
		if c != nil {
			if known, _ := c.item(id); known != nil {
				if as, ok := known.take(value); ok {
					one = as
				}
			}
		}
		values[id] = value
		out.Asked = append(out.Asked, wordsOf(&it, "text"))
		out.Answers = append(out.Answers, one)
		out.Wait = worse(out.Wait, one.Wait)
	}
	if c != nil {
		out.Wait = worse(out.Wait, waitFrom(c.Waits, out.Sum))
	}
	return out, nil
}

// checkOf is the name of the check-in that a canonical reference names.
func checkOf(canonical string) (string, bool) {
	name, ok := strings.CutPrefix(canonical, checkURI)
	name, _, _ = strings.Cut(name, "|")
	return name, ok
}

// lately are the newest answers to the check-ins of a plan, newest first.
func (p *Plans) lately(ctx context.Context, t *records.Tx, patient, plan string, count int) ([]told, error) {
	page, err := t.Find(ctx, "QuestionnaireResponse", "patient", "Patient/"+patient, "based-on", "CarePlan/"+plan, "_sort", "-authored", "_count", number(count))
	if err != nil {
		return nil, err
	}
	var out []told
	for i := range page.Records {
		one, err := toldOf(&page.Records[i])
		if err != nil {
			return nil, err
		}
		if one != nil {
			out = append(out, *one)
		}
	}
	return out, nil
}
