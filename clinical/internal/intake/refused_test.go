package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mitral-health/mitral/clinical/internal/intake"
)

// What is refused moves no condition to another record.
func TestConditionsBehindWhatIsRefused(t *testing.T) {
	const one, bad = `{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"1"}]}`, `{"resourceType":"Patient","gender":"blue"}`
	each(t, func(d *desk) {
		dir := t.TempDir()
		d.run(intake.Options{}, write(t, dir, "there.json", strings.Replace(one, `{`, `{"id":"there",`, 1)))
		_, refused := d.run(intake.Options{}, write(t, dir, "a.json", `{"resourceType":"Bundle","type":"batch","entry":[
			{"resource":`+bad+`,"request":{"method":"POST","url":"Patient"}},
			{"resource":`+one+`,"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:x|1"}},
			{"resource":{"resourceType":"Patient","id":"other","gender":"male"},"request":{"method":"PUT","url":"Patient/other"}}]}`))
		if strings.Count(refused, "\n") != 0 || !strings.Contains(refused, "gender") {
			t.Errorf("refused: %s", refused)
		}
		if n := d.read("Patient", "there"); n.Get("identifier") == nil || n.Get("gender") != nil {
			t.Errorf("it was overwritten: %s", n.Bytes())
		}
		_, refused = d.run(intake.Options{}, write(t, dir, "b.ndjson", "\xef\xbb\xbf"+strings.Replace(one, "1", "2", 1)+"\n"+bad+"\n"+fmt.Sprintf(pulse, "Patient?identifier=urn:x|9")+`
{"resourceType":"Patient","id":"there","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}}`))
		if lines := strings.Split(refused, "\n"); len(lines) != 3 || !strings.Contains(refused, "line 2 ") || !strings.Contains(refused, "line 3") || !strings.Contains(refused, "line 4") {
			t.Errorf("refused: %s", refused)
		}
		if n := d.read("Patient", "there"); n.Get("identifier") == nil {
			t.Errorf("a part took the rest away: %s", n.Bytes())
		}
	})
}
