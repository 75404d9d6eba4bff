package scan

import (
	"cmp"
	"slices"
	"strings"
)

// candidate is a finding before those that say the same are merged. Offsets are in the folded text.
type candidate struct {
	rule       *rule
	start, end int32
	word       [2]int32 // what the rule looked for, when the finding reaches further
	plain      int32
	parts      uint32 // which parts of the rule's sum were found
}

// findings merges candidates and turns them into findings of the original text, in order of place.
func (s *state) findings(found []candidate, in Context) []Finding {
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rule.Kind, b.rule.Kind), cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end),
			cmp.Compare(b.rule.Severity, a.rule.Severity), cmp.Compare(a.rule.Pack, b.rule.Pack), cmp.Compare(a.rule.ID, b.rule.ID))
	})
	merged := found[:0]
	for _, c := range found {
		if n := len(merged); n > 0 && merged[n-1].rule.Kind == c.rule.Kind && c.start < merged[n-1].end {
			last := &merged[n-1]
			last.end = max(last.end, c.end)
			if c.rule.Severity > last.rule.Severity {
				last.rule, last.plain, last.parts = c.rule, c.plain, c.parts
			} else if c.rule == last.rule {
				last.parts |= c.parts
			}
			continue
		}
		merged = append(merged, c)
	}
	slices.SortFunc(merged, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), cmp.Compare(b.rule.Severity, a.rule.Severity), cmp.Compare(a.rule.Kind, b.rule.Kind))
	})
	var out []Finding
	reach := int32(0) // how far candidates before i reach
	for i, c := range merged {
		covered := false
		for k := i - 1; k >= 0 && reach > c.start && !covered; k-- {
			if k < i-32 {
				break
			}
			covered = merged[k].covers(c)
		}
		for k := i + 1; k < len(merged) && k < i+32 && merged[k].start < c.end && !covered; k++ {
			covered = merged[k].covers(c)
		}
		reach = max(reach, c.end)
		if !covered {
			out = append(out, s.finding(c, in))
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) }) // some have been widened
	return out
}

// covers says whether c says nothing that f does not.
func (f candidate) covers(c candidate) bool {
	return f.start < c.end && c.start < f.end && f.rule.Severity >= c.rule.Severity && slices.Contains(f.rule.Covers, c.rule.Kind)
}

func (s *state) finding(c candidate, in Context) Finding {
	r := c.rule
	if r.Sum.Join && !s.thread {
		c.start, c.end = s.whole(c.start, c.end)
	}
	start, end := s.text.span(s.source, c.start, c.end)
	var plain Plain
	if c.plain >= 0 {
		plain = s.engine.plain[c.plain]
	}
	text, word := s.source[start:end], ""
	if c.word[1] > c.word[0] {
		from, to := s.text.span(s.source, c.word[0], c.word[1])
		word = s.source[from:to]
	}
	say := []string{"{text}", text, "{mark}", word, "{plain}", plain.Wording, "{emergency}", emergencyNumber(in.Jurisdiction)}
	f := Finding{
		Start: start, End: end, Kind: r.Kind, Severity: r.Severity, Rule: r.ID, Pack: r.Pack,
		Reason: fill(r.told(c.parts), say),
	}
	switch {
	case in.AuthorRole == "member": // what others wrote is not ours to word
	case r.Answer.EN == "":
		f.Suggestion = fill(r.Suggestion, say)
	case in.Kind == Reply || in.Kind == Comment && in.Parent != "":
		f.Suggestion, f.Whole = fill(r.Answer, say), true
	}
	return f
}

// fill puts the words that were found, their plain wording and the emergency number into a message.
func fill(m Message, say []string) Message {
	if !strings.Contains(m.EN, "{") && !strings.Contains(m.ES, "{") {
		return m
	}
	r := strings.NewReplacer(say...)
	return Message{EN: r.Replace(m.EN), ES: r.Replace(m.ES)}
}

// emergencyNumber is the number to call in a jurisdiction.
func emergencyNumber(jurisdiction string) string {
	switch jurisdiction {
	case "us":
		return "911"
	case "uk":
		return "999"
	}
	return "112"
}
