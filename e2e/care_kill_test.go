package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSameQueueThrice: a phone sends the same queue three times, at once and out of order, and its clock is three hours fast.
func TestSameQueueThrice(t *testing.T) {
	t.Parallel()
	p := ownDemo(t, t.TempDir())
	v := p.as(t, "jimena")
	owner := v.owner(t)
	const n = 12
	now := time.Now().Add(3 * time.Hour) // by the phone
	var queue []unsent
	for i := range n {
		queue = append(queue, pressure(fmt.Sprintf("thrice-%02d-%x", i, rand.Uint32()), now.Add(-time.Duration(n-i)*time.Minute), 110+i, 71))
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	stored := map[string]int{}
	for range 3 {
		part := slices.Clone(queue)
		rand.Shuffle(n, func(i, j int) { part[i], part[j] = part[j], part[i] })
		wg.Go(func() {
			status, became := v.sync(owner, now, part...)
			mu.Lock()
			defer mu.Unlock()
			if status != http.StatusOK || len(became) != n {
				t.Errorf("%d for %v", status, became)
			}
			for key, is := range became {
				if is == "stored" {
					stored[key]++
				} else if is != "same" {
					t.Errorf("%s is %s", key, is)
				}
			}
		})
	}
	wg.Wait()
	f := &fhir{t: t, token: p.FHIRToken, url: p.URL}
	for _, one := range queue {
		if there := len(f.all("Observation?identifier=" + url.QueryEscape("urn:mitral:entry|"+one.Key))); there != 1 || stored[one.Key] != 1 {
			t.Errorf("%s is there %d times, and was said to be stored %d times", one.Key, there, stored[one.Key])
		}
	}
	// In the order in which they were measured, however they came; and none of the future.
	said := v.get(t, "/my/trends/blood-pressure?for=week").want(t, 200).all(`<td class="num">\s*(1\d\d/71)\s*</td>`)
	var want []string
	for i := range n {
		want = append(want, fmt.Sprintf("%d/71", 110+n-1-i))
	}
	if len(said) < n || !slices.Equal(said[:n], want) {
		t.Errorf("the list is %v, want %v first", said, want)
	}
	if status, _ := p.as(t, "edda").sync(owner, now, queue...); status != http.StatusConflict {
		t.Errorf("on another's account: %d", status)
	}
}

// TestKillMeasurements kills the server again and again while hospital systems and phones send readings: each that was answered
// for is there once, and whoever had a crisis has one alert about it.
func TestKillMeasurements(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); killMeasurements(t) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); killMeasurements(t, onPostgres(t)...) })
}

// ill is one patient of the flood.
type ill struct {
	id    string
	phone *visitor // nil sends over FHIR
	owner string
	known map[string]bool // key → it was answered for; false: nobody knows
	queue []unsent        // what waits on the phone
	high  map[string]bool // keys of readings that call for the team at once
}

func killMeasurements(t *testing.T, env ...string) {
	w := newWard(t, env...)
	var all []*ill
	for i := range 6 {
		one := &ill{id: fmt.Sprint("ill", i), known: map[string]bool{}, high: map[string]bool{}}
		w.follow(t, one.id, "Ill "+itoa(i))
		if i < 2 {
			one.phone = w.phone(t, one.id)
			one.owner = one.phone.owner(t)
		}
		all = append(all, one)
	}
	kills := often(4, 8)
	var answers atomic.Int64
	for range kills {
		var wg sync.WaitGroup
		for _, one := range all {
			wg.Go(func() { one.measures(w.f, &answers) })
		}
		until := answers.Load() + 10 + rand.Int64N(30)
		eventually(t, patience, "readings are taken", func() bool { return answers.Load() >= until })
		w.p.kill() // whatever it is at
		wg.Wait()
		w.p = serve(t, w.data, w.env...)
		w.f.url = w.p.URL
		for _, one := range all {
			if one.phone != nil {
				one.phone = one.phone.at(w.p.URL)
			}
		}
	}
	for _, one := range all { // phones come back to what had no answer; systems of others may not
		if one.phone != nil && len(one.queue) > 0 && !one.sends() {
			t.Fatalf("%s can't send", one.id)
		}
	}
	answered, crises := 0, 0
	for _, one := range all {
		there := map[string]int{}
		for _, o := range w.f.all("Observation?patient=" + one.id + "&_count=500") {
			if len(o.Identifier) > 0 {
				there[o.Identifier[0].Value]++
			}
		}
		due := 0
		for key, known := range one.known {
			if n := there[key]; n > 1 || known && n != 1 {
				t.Errorf("%s of %s is there %d times (answered: %v)", key, one.id, n, known)
			}
			if one.high[key] && there[key] > 0 {
				due = 1
			}
			answered++
		}
		if len(there) > len(one.known) {
			t.Errorf("%s has %d readings, and sent %d", one.id, len(there), len(one.known))
		}
		raised := 0
		for _, a := range w.f.all("DetectedIssue?patient=" + one.id + "&_count=100") {
			if len(a.Code.Coding) > 0 && a.Code.Coding[0].Code == "bp-crisis" {
				raised++
			}
		}
		if raised != due {
			t.Errorf("%s has %d alerts, want %d", one.id, raised, due)
		}
		crises += due
	}
	if answered < 60 || crises < 2 {
		t.Errorf("%d readings and %d crises prove little", answered, crises)
	}
	t.Logf("%d kills, %d readings, %d patients with a crisis", kills, answered, crises)
}

// measures sends readings until the server is dead.
func (one *ill) measures(f *fhir, answers *atomic.Int64) {
	for {
		key := fmt.Sprintf("%s-%04d-%08x", one.id, len(one.known), rand.Uint32())
		high, low := 118, 76
		if rand.IntN(12) == 0 {
			high, low, one.high[key] = 191, 104, true
		}
		one.known[key] = false
		if one.phone != nil {
			one.queue = append(one.queue, pressure(key, time.Now(), high, low))
			if len(one.queue)%3 == 0 {
				if !one.sends() {
					return
				}
				answers.Add(3)
			}
			continue
		}
		part := func(code string, value int) string {
			return fmt.Sprintf(`{"code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"valueQuantity":{"value":%d,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`, code, value)
		}
		status, _, body := f.do("POST", "Observation", `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/`+one.id+`"},"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
			"identifier":[{"system":"`+killSystem+`","value":"`+key+`"}],"effectiveDateTime":"`+time.Now().UTC().Format(time.RFC3339)+`","component":[`+part("8480-6", high)+`,`+part("8462-4", low)+`]}`)
		if status != http.StatusCreated {
			if status != 0 && status < 500 {
				f.t.Errorf("%s: %d %s", key, status, body)
			}
			return
		}
		one.known[key] = true
		answers.Add(1)
	}
}

// sends sends what waits on the phone; false says that there was no answer, and it still waits.
func (one *ill) sends() bool {
	status, became := one.phone.sync(one.owner, time.Now(), one.queue...)
	if status != http.StatusOK {
		return false
	}
	for key := range became {
		one.known[key] = true
	}
	one.queue = nil
	return true
}
