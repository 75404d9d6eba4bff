package care

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// said is one message as the patient's screen shows it.
type said struct {
	At     time.Time
	Team   bool
	Text   string
	Urgent bool
}

const saidCount, saidLength = 3, 240

// lastSaid are the newest messages of a thread, oldest first.
func (c *Care) lastSaid(ctx context.Context, t *records.Tx, patient string) (out []said, err error) {
	page, err := t.Find(ctx, "Communication", "patient", "Patient/"+patient, "_sort", "-sent", "_count", "10")
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		one := said{Team: strings.HasPrefix(n.Path("sender", "reference").Str(), "Practitioner/"), Urgent: n.Get("priority").Str() == "urgent"}
		for _, p := range n.Get("payload").Each() {
			if one.Text == "" {
				one.Text = short(p.Get("contentString").Str(), saidLength)
			}
		}
		if one.At, err = time.Parse(time.RFC3339, n.Get("sent").Str()); err == nil && one.Text != "" && len(out) < saidCount {
			out = append(out, one)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// short cuts a text at a word.
func short(s string, most int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= most {
		return string(r)
	}
	cut := string(r[:most])
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
