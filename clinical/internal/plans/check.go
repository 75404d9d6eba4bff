package plans

import (
	"context"
	"strconv"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/platform/fault"
)

// Check is a check-in: a few questions in our own words. It is a file of library/checks and, once a plan uses
// it, a Questionnaire of the record. It is no validated instrument and claims to be none.
type Check struct {
	Name    string
	Version string
	Title   Words
	Intro   Words
	Items   []Item
	Waits   []ScoreWait // of the sum, highest first
}

// Item is one question: a choice of Choices or, without any, a number from From to To.
type Item struct {
	ID       string
	Ask      Words
	Hint     Words
	Choices  []Choice
	From, To int
	Low      Words // what From and To mean
	High     Words
	Waits    []ScoreWait // of the number, highest first
}

// Choice is one answer. Wait is how soon the team should look at it; "" is when they look anyway.
type Choice struct {
	Value string
	Label Words
	Score int
	Wait  thresholds.Severity
}

// ScoreWait asks for the team's eyes from a score on.
type ScoreWait struct {
	From int
	Wait thresholds.Severity
}

// item returns the item with this id and its place, nil if there is none.
func (c *Check) item(id string) (*Item, int) {
	for i := range c.Items {
		if c.Items[i].ID == id {
			return &c.Items[i], i
		}
	}
	return nil, -1
}

// answer is one answer as it counts.
type answer struct {
	Item  *Item
	Value string
	Label Words
	Score int
	Wait  thresholds.Severity
}

// take reads one answer as a form has it; false if it is none.
func (i *Item) take(value string) (answer, bool) {
	if len(i.Choices) > 0 {
		for _, c := range i.Choices {
			if c.Value == value {
				return answer{i, value, c.Label, c.Score, c.Wait}, true
			}
		}
		return answer{}, false
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < i.From || n > i.To || strconv.Itoa(n) != value {
		return answer{}, false
	}
	return answer{i, value, Words{value, value}, n, waitFrom(i.Waits, n)}, true
}

func waitFrom(all []ScoreWait, n int) thresholds.Severity {
	for _, w := range all {
		if n >= w.From {
			return w.Wait
		}
	}
	return ""
}

// result is a check-in with all its answers.
type result struct {
	Answers []answer
	Sum     int
	Wait    thresholds.Severity // the most pressing of all
}

// read takes all the answers of a check-in. What lacks one, has one that was not offered or one of another question
// is refused.
func (c *Check) read(values map[string]string) (result, error) {
	var r result
	for i := range c.Items {
		a, ok := c.Items[i].take(values[c.Items[i].ID])
		if !ok {
			return result{}, fault.New(fault.Invalid, "Choose one of the answers.")
		}
		r.Answers = append(r.Answers, a)
		r.Sum += a.Score
		r.Wait = worse(r.Wait, a.Wait)
	}
	if len(values) > len(c.Items) {
		return result{}, fault.New(fault.Invalid, "Choose one of the answers.")
	}
	r.Wait = worse(r.Wait, waitFrom(c.Waits, r.Sum))
	return r, nil
}

var rank = map[thresholds.Severity]int{thresholds.Info: 1, thresholds.Attention: 2, thresholds.Urgent: 3}

func worse(a, b thresholds.Severity) thresholds.Severity {
	if rank[b] > rank[a] {
		return b
	}
	return a
}

const (
	ordinalURL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
	minURL     = "http://hl7.org/fhir/StructureDefinition/minValue"
	maxURL     = "http://hl7.org/fhir/StructureDefinition/maxValue"
	waitURL    = "urn:mitral:waits" // of an answer: how soon the team should look at it
	scoreItem  = "score"
)

func ext(url, name string, v resource.Node) resource.Node {
	return obj(mem("url", str(url)), mem(name, v))
}

// coded is a choice as a Coding with its score.
func (c *Check) coded(o *Choice) resource.Node {
	more := arr(ext(ordinalURL, "valueDecimal", resource.N(number(o.Score))))
	if o.Wait != "" {
		more.Kids = append(more.Kids, ext(waitURL, "valueCode", str(string(o.Wait))))
	}
	n := obj(mem("extension", more), mem("system", str(checkURI+c.Name)), mem("code", str(o.Value)))
	putWords(&n, "display", o.Label)
	return n
}

// questionnaire writes the check-in as FHIR has it.
func (c *Check) questionnaire() resource.Node {
	items := arr()
	for i := range c.Items {
		it := &c.Items[i]
		n := obj()
		if len(it.Choices) == 0 {
			n.Set("extension", arr(ext(minURL, "valueInteger", resource.N(number(it.From))), ext(maxURL, "valueInteger", resource.N(number(it.To)))))
		}
		n.Set("linkId", str(it.ID))
		putWords(&n, "text", it.Ask)
		n.Set("type", str("integer"))
		n.Set("required", resource.B(true))
		if len(it.Choices) > 0 {
			n.Set("type", str("choice"))
			options := arr()
			for j := range it.Choices {
				options.Kids = append(options.Kids, obj(mem("valueCoding", c.coded(&it.Choices[j]))))
			}
			n.Set("answerOption", options)
		}
		items.Kids = append(items.Kids, n)
	}
	items.Kids = append(items.Kids, obj(mem("linkId", str(scoreItem)), mem("text", str("Sum of the answers")), mem("type", str("integer")), mem("readOnly", resource.B(true))))
	n := obj(mem("resourceType", str("Questionnaire")), mem("url", str(checkURI+c.Name)), mem("version", str(c.Version)), mem("name", str(identifierName(c.Name))))
	putWords(&n, "title", c.Title)
	n.Set("status", str("active"))
	n.Set("subjectType", arr(str("Patient")))
	n.Set("item", items)
	return n
}

// identifierName is a name by FHIR's rule for names of definitions: "HeartFailure".
func identifierName(s string) string {
	out, up := []byte{}, true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			up = true
		case up:
			out, up = append(out, c&^0x20), false
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// canonical names this version of the check-in.
func (c *Check) canonical() string { return checkURI + c.Name + "|" + c.Version }

// publish sees to it that the check-ins that a plan uses stand in the record: once each, by the program itself, because
// they are about nobody.
func (p *Plans) publish(ctx context.Context, plan *Plan) error {
	scopes, err := access.ParseScopes("system/Questionnaire.crus")
	if err != nil {
		return err
	}
	ask := records.Ask{Who: access.Who{Kind: access.System, ID: "plans", Name: "Mitral", Scopes: scopes}}
	for i := range plan.Activities {
		c := books().checks[plan.Activities[i].Uses]
		if c == nil || plan.Activities[i].Kind != Questions {
			continue
		}
		err := p.Records.Do(ctx, ask, func(t *records.Tx) error {
			same, err := t.Query("Questionnaire", "url", checkURI+c.Name, "version", c.Version)
			if err != nil {
				return err
			}
			found, err := t.Match(ctx, same)
			if err != nil || len(found) > 0 {
				return err
			}
			n := c.questionnaire()
			_, err = t.Create(ctx, &n)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
