package scan

import "strings"

// maxParts is how many parts a sum may have: a candidate keeps one bit for each.
const maxParts = 32

// weighs adds up what stands around m. cand remembers which pieces there are, and reaches over
// them if the sum joins.
func (s *state) weighs(r *rule, m *mark, cand *candidate) bool {
	total := 0
	for i := range r.sum {
		n := &r.sum[i]
		var best *mark
		reach := n.n
		if s.thread && r.Sum.Parts[i].Weight > 0 {
			reach = farApart
		}
		for _, c := range n.any {
			if o := s.near(m, c, reach, true, !n.before); o != nil && (best == nil || apart(m, o) < apart(m, best)) {
				best = o
			}
		}
		if best == nil {
			continue
		}
		weight := r.Sum.Parts[i].Weight
		total += weight
		if weight > 0 {
			cand.parts |= 1 << i
			if !r.Sum.Join && !s.thread {
				continue
			}
			cand.start, cand.end = min(cand.start, best.start), max(cand.end, best.end)
		}
	}
	return total >= r.Sum.Need
}

// told is the rule's reason with the pieces of its sum named.
func (r *rule) told(parts uint32) Message {
	if parts == 0 || !strings.Contains(r.Reason.EN, "{parts}") {
		return r.Reason
	}
	var en, es []string
	for i, p := range r.Sum.Parts {
		if parts&(1<<i) != 0 && p.Label.EN != "" {
			en, es = append(en, p.Label.EN), append(es, p.Label.ES)
		}
	}
	return Message{
		EN: strings.ReplaceAll(r.Reason.EN, "{parts}", strings.Join(en, ", ")),
		ES: strings.ReplaceAll(r.Reason.ES, "{parts}", strings.Join(es, ", ")),
	}
}
