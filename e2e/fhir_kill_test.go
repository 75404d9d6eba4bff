package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

// fhir speaks to the FHIR interface of one server after another, with one token.
type fhir struct {
	t     testing.TB
	token string
	url   string
}

// token makes one for a hospital system that may everything, beside the running server.
func (p *program) token(t testing.TB, env ...string) string {
	t.Helper()
	out, errs, code := run(t, "", append(env, "MITRAL_URL="+p.URL), "admin", "token", "--data", p.Data, "--client", "e2e", "--scope", "system/*.cruds")
	if code != 0 {
		t.Fatalf("admin token: %d\n%s%s", code, out, errs)
	}
	return strings.TrimSpace(out)
}

// fhirResource is as much of a resource as these tests look at.
type fhirResource struct {
	ResourceType string
	ID           string
	Active       *bool
	Meta         struct{ VersionID string }
	Identifier   []struct{ System, Value string }
	Subject      struct{ Reference string }
	Code         struct{ Coding []struct{ Code string } }
	Entry        []struct {
		Resource *fhirResource
		Response struct{ Status, Location string }
	}
	Link []struct{ Relation, URL string }
}

// do sends a request. Status 0 says that there was no answer, or not all of one.
func (f *fhir) do(method, path, body string, headers ...string) (int, fhirResource, []byte) {
	if !strings.Contains(path, "://") {
		path = f.url + "/fhir/" + path
	}
	for {
		r, err := http.NewRequest(method, path, strings.NewReader(body))
		if err != nil {
			f.t.Error(err)
			return 0, fhirResource{}, nil
		}
		r.Header.Set("Authorization", "Bearer "+f.token)
		r.Header.Set("Content-Type", "application/fhir+json")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, fhirResource{}, nil
		}
		all, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return 0, fhirResource{}, nil
		}
		if res.StatusCode == http.StatusTooManyRequests {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		var n fhirResource
		if len(bytes.TrimSpace(all)) > 0 {
			if err := json.Unmarshal(all, &n); err != nil {
				f.t.Errorf("%s %s: %d and no JSON: %.200s", method, path, res.StatusCode, all)
			}
		}
		return res.StatusCode, n, all
	}
}

// all follows a search through its pages.
func (f *fhir) all(path string) (out []*fhirResource) {
	f.t.Helper()
	for path != "" {
		status, page, body := f.do("GET", path, "")
		if status != http.StatusOK {
			f.t.Fatalf("%s: %d %.500s", path, status, body)
		}
		for _, e := range page.Entry {
			out = append(out, e.Resource)
		}
		path = ""
		for _, l := range page.Link {
			if l.Relation == "next" {
				path = l.URL
			}
		}
	}
	return out
}

const killSystem = "urn:mitral:kill"

func identified(typ, value, more string) string {
	return `{"resourceType":"` + typ + `",` + more + `"identifier":[{"system":"` + killSystem + `","value":"` + value + `"}]}`
}

// TestKillFHIR kills the server again and again while hospital systems write, and looks at the end
// whether what was answered is there, once, and nothing by halves. MITRAL_TEST_KILLS is how often.
func TestKillFHIR(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); killFHIR(t) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); killFHIR(t, onPostgres(t)...) })
}

// onPostgres is the environment of a server on a database of its own.
func onPostgres(t *testing.T) []string {
	t.Helper()
	urls := dbtest.Roles(t)
	key := make([]byte, 32)
	rand.Read(key)
	env := []string{"MITRAL_KEY=" + base64.StdEncoding.EncodeToString(key)}
	for store, url := range urls {
		env = append(env, "MITRAL_DATABASES_"+strings.ToUpper(store)+"="+url)
	}
	return env
}

// flood is what was sent and what was answered.
type flood struct {
	mu      sync.Mutex
	next    int
	made    map[string]bool // identifier → it was answered; false: nobody knows
	wholes  map[string]bool // of transactions
	acked   []int           // per record that is changed over and over: changes answered …
	unknown []int           // … and not answered
}

func killFHIR(t *testing.T, env ...string) {
	kills := often(3, 8)
	if s := os.Getenv("MITRAL_TEST_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	const clients = 4
	data := t.TempDir()
	w := &flood{made: map[string]bool{}, wholes: map[string]bool{}, acked: make([]int, clients), unknown: make([]int, clients)}
	f := &fhir{t: t}
	for k := range kills {
		p := serve(t, data, append(env, "MITRAL_SITE_NAME=Orlena Health Centre")...)
		f.url = p.URL
		if k == 0 {
			f.token = p.token(t, env...)
			for c := range clients {
				if status, _, body := f.do("PUT", fmt.Sprint("Patient/often", c), identified("Patient", fmt.Sprint("often", c), fmt.Sprintf(`"id":"often%d",`, c))); status != http.StatusCreated {
					t.Fatalf("%d %s", status, body)
				}
			}
		}
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() { w.client(f, c) })
		}
		until := w.begun() + 20 + mrand.IntN(40)
		eventually(t, patience, "writes are taken", func() bool { return w.begun() >= until })
		p.kill()
		wg.Wait()
	}
	p := serve(t, data, env...)
	f.url = p.URL
	w.check(f)
	out, errs, code := run(t, "", append(env, "MITRAL_URL="+p.URL), "admin", "verify", "--data", data)
	if code != 0 {
		t.Errorf("admin verify: %d\n%s%s", code, out, errs)
	}
}

// begun is how many writes were sent so far.
func (w *flood) begun() int { w.mu.Lock(); defer w.mu.Unlock(); return w.next }

// client writes until the server is dead.
func (w *flood) client(f *fhir, c int) {
	for {
		w.mu.Lock()
		w.next++
		n := w.next
		w.mu.Unlock()
		name := fmt.Sprint("n", n)
		var status int
		switch n % 3 {
		case 0:
			status, _, _ = f.do("POST", "Patient", identified("Patient", name, ""))
			w.note(w.made, name, status)
		case 1:
			who := fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n)
			about := `"status":"final","code":{"text":"pulse"},"subject":{"reference":"` + who + `"},`
			entry := func(full, typ, resource string) string {
				return `{` + full + `"request":{"method":"POST","url":"` + typ + `"},"resource":` + resource + `}`
			}
			status, _, _ = f.do("POST", "", `{"resourceType":"Bundle","type":"transaction","entry":[`+entry("", "Observation", identified("Observation", name, about))+`,`+
				entry(`"fullUrl":"`+who+`",`, "Patient", identified("Patient", name, ""))+`,`+entry("", "Observation", identified("Observation", name, about))+`]}`)
			if status == http.StatusOK {
				status = http.StatusCreated
			}
			w.note(w.wholes, name, status)
		case 2:
			often := fmt.Sprint("often", c)
			status, _, _ = f.do("PUT", "Patient/"+often, identified("Patient", name, `"id":"`+often+`",`))
			w.mu.Lock()
			if status == http.StatusOK {
				w.acked[c]++
				status = http.StatusCreated
			} else {
				w.unknown[c]++
			}
			w.mu.Unlock()
		}
		if status != http.StatusCreated {
			if status != 0 && status < 500 {
				f.t.Errorf("%s: %d", name, status)
			}
			return
		}
	}
}

func (w *flood) note(in map[string]bool, name string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in[name] = status == http.StatusCreated
}

// check compares what was answered with what is there.
func (w *flood) check(f *fhir) {
	t := f.t
	count := map[string]map[string]int{"Patient": {}, "Observation": {}}
	ids := map[string]string{}
	for typ, of := range count {
		for _, n := range f.all(typ + "?identifier=" + killSystem + "%7C&_count=500") {
			of[n.Identifier[0].Value]++
			if typ == "Patient" {
				ids[n.Identifier[0].Value] = "Patient/" + n.ID
			} else if n.Subject.Reference != ids[n.Identifier[0].Value] && ids[n.Identifier[0].Value] != "" {
				t.Errorf("%s is about %s, not %s", n.ID, n.Subject.Reference, ids[n.Identifier[0].Value])
			}
		}
	}
	answered := 0
	for name, known := range w.made {
		if n := count["Patient"][name]; n > 1 || known && n != 1 {
			t.Errorf("%s is there %d times (answered: %v)", name, n, known)
		}
		answered++
	}
	for name, known := range w.wholes {
		p, o := count["Patient"][name], count["Observation"][name]
		if !(p == 1 && o == 2) && (known || p != 0 || o != 0) {
			t.Errorf("of the transaction %s are there %d patients and %d observations (answered: %v)", name, p, o, known)
		}
		answered++
	}
	for c := range w.acked {
		versions := len(f.all(fmt.Sprintf("Patient/often%d/_history?_count=500", c))) - 1
		if versions < w.acked[c] || versions > w.acked[c]+w.unknown[c] {
			t.Errorf("often%d was changed %d times, %d were answered and %d not", c, versions, w.acked[c], w.unknown[c])
		}
		answered += w.acked[c]
	}
	if answered < 30 {
		t.Errorf("only %d writes were answered: this proves little", answered)
	}
	t.Logf("%d writes, %d transactions among them", answered, len(w.wholes))
}

// TestTwoCopiesFHIR lets several clients change one record at two servers on one PostgreSQL.
func TestTwoCopiesFHIR(t *testing.T) {
	t.Parallel()
	env := onPostgres(t)
	data := t.TempDir()
	copies := []*program{serve(t, data, env...), serve(t, data, env...)}
	token := copies[0].token(t, env...)
	at := func(i int) *fhir { return &fhir{t: t, token: token, url: copies[i%2].URL} }
	if status, _, body := at(0).do("PUT", "Patient/shared", identified("Patient", "shared", `"id":"shared",`)); status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	// together runs f on several clients at once and counts the statuses.
	together := func(f func(i int) int) map[int]int {
		var mu sync.Mutex
		count := map[int]int{}
		var wg sync.WaitGroup
		begin := make(chan struct{})
		for i := range 6 {
			wg.Go(func() {
				<-begin
				status := f(i)
				mu.Lock()
				defer mu.Unlock()
				count[status]++
			})
		}
		close(begin)
		wg.Wait()
		return count
	}
	version := 1
	for round := range often(6, 15) {
		count := together(func(i int) int {
			status, _, _ := at(i).do("PUT", "Patient/shared", identified("Patient", fmt.Sprint("shared", round, i), `"id":"shared",`), "If-Match", fmt.Sprintf(`W/"%d"`, version))
			return status
		})
		if count[200] != 1 || count[409]+count[412] != 5 {
			t.Fatalf("version %d: %v", version, count)
		}
		version++
		count = together(func(i int) int {
			status, _, _ := at(i).do("POST", "Patient", identified("Patient", fmt.Sprint("once", round), ""), "If-None-Exist", "identifier="+killSystem+"%7Conce"+fmt.Sprint(round))
			return status
		})
		if count[201] != 1 || count[200]+count[409]+count[412] != 5 {
			t.Fatalf("made only if there is none: %v", count)
		}
	}
	history := at(1).all("Patient/shared/_history?_count=100")
	if len(history) != version || history[0].Meta.VersionID != strconv.Itoa(version) {
		t.Errorf("%d versions, want %d", len(history), version)
	}
}
