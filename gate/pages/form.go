package pages

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/gate/review"
	"github.com/mitral-health/mitral/platform/fault"
)

// wordingPrefix names the form's fields that hold the reviewer's wording: "wording:body".
const wordingPrefix = "wording:"

// parseDecision reads the form of an item. Whether the act may be done is not decided here.
func parseDecision(form url.Values) (gate.Decision, error) {
	d := gate.Decision{Act: review.Act(form.Get("act")), Comment: form.Get("comment")}
	n, err := strconv.ParseInt(form.Get("revision"), 10, 32)
	if err != nil || n < 0 {
		return d, fault.New(fault.Invalid, "This form is incomplete. Open the text again.")
	}
	d.Revision = int(n)
	for name, values := range form {
		if field, ok := strings.CutPrefix(name, wordingPrefix); ok && len(values) > 0 {
			d.Suggestion = append(d.Suggestion, gate.Field{Name: field, Text: values[0]})
		}
	}
	return d, nil
}
