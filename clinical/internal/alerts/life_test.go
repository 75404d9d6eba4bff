package alerts

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/thresholds"
	"github.com/mitral-health/mitral/clinical/internal/validate"
	"github.com/mitral-health/mitral/clinical/internal/vitals"
)

const (
	doctor = "Practitioner/d"
	nurse  = "Practitioner/n"
)

func crisis(t *testing.T, hours, upper float64) Finding {
	t.Helper()
	out := Evaluate(read(vitals.BloodPressure, hours, upper, 80), defaults(thresholds.Hypertension), State{})
	if len(out.Findings) != 1 {
		t.Fatalf("%+v", out)
	}
	return out.Findings[0]
}

func fever(t *testing.T, hours, degrees float64) Finding {
	t.Helper()
	out := Evaluate(read(vitals.Temperature, hours, degrees), defaults(thresholds.JointRecovery), State{})
	return out.Findings[0]
}

// step is one that nothing is wrong with, but for the state.
func step(do Do, minutes int) Step {
	s := Step{Do: do, By: nurse, At: start.Add(time.Duration(minutes) * time.Minute), Reason: "as agreed", To: doctor, Action: SendMessage}
	if automatic(do) {
		s.By = System
	}
	if do == Snooze {
		s.Until = s.At.Add(time.Hour)
	}
	return s
}

// in brings an alert into a state.
func in(t *testing.T, a Alert, s Status) Alert {
	t.Helper()
	path := map[Status][]Do{Raised: {}, Acknowledged: {Acknowledge}, Snoozed: {Snooze}, Decided: {Acknowledge, Decide}, Closed: {Acknowledge, Decide, Close}}
	for _, do := range path[s] {
		var err error
		if a, err = a.Do(step(do, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if a.Status != s {
		t.Fatalf("%s instead of %s", a.Status, s)
	}
	return a
}

// TestEveryStepFromEveryState: what isn't in this table, written by hand, is refused and changes nothing.
func TestEveryStepFromEveryState(t *testing.T) {
	table := map[string]Status{
		"raised escalate": Raised, "raised acknowledge": Acknowledged, "raised snooze": Snoozed, "raised withdraw": Closed, "raised answer": Closed,
		"acknowledged hand-over": Acknowledged, "acknowledged snooze": Snoozed, "acknowledged decide": Decided, "acknowledged withdraw": Closed, "acknowledged answer": Closed,
		"snoozed wake": Raised, "snoozed acknowledge": Acknowledged, "snoozed withdraw": Closed, "snoozed answer": Closed,
		"decided worsen": Raised, "decided hand-over": Decided, "decided close": Closed, "decided withdraw": Closed, "decided answer": Closed,
	}
	missing := Overdue(defaults(thresholds.HeartFailure), vitals.Weight, State{}, start.Add(80*time.Hour))[0]
	tried := 0
	for _, status := range []Status{Raised, Acknowledged, Snoozed, Decided, Closed} {
		for _, do := range []Do{Raise, Escalate, Wake, Worsen, Answer, Acknowledge, HandOver, Snooze, Decide, Close, Withdraw, "dance"} {
			a := in(t, Open("p1", missing, start), status)
			b, err := a.Do(step(do, 200))
			want, ok := table[string(status)+" "+string(do)]
			var refusal *Refusal
			switch {
			case ok && (err != nil || b.Status != want || len(b.Steps) != len(a.Steps)+1):
				t.Errorf("%s %s: %s %v", status, do, b.Status, err)
			case !ok && (!errors.As(err, &refusal) || refusal.Why != NotNow || !reflect.DeepEqual(a, b)):
				t.Errorf("%s %s is not refused: %s %v", status, do, b.Status, err)
			}
			if ok {
				tried++
			}
		}
	}
	if tried != len(table) {
		t.Errorf("%d of %d steps tried", tried, len(table))
	}
}

func TestStepsThatLackSomething(t *testing.T) {
	for _, c := range []struct {
		status Status
		do     Do
		change func(*Step)
		why    Why
	}{
		{Raised, Acknowledge, func(s *Step) { s.By = "" }, NoActor},
		{Raised, Acknowledge, func(s *Step) { s.By = System }, WrongActor},
		{Raised, Escalate, func(s *Step) { s.By = nurse }, WrongActor},
		{Raised, Escalate, func(s *Step) { s.To = "" }, NobodyTo},
		{Raised, Answer, func(*Step) {}, NotMissing},
		{Raised, Acknowledge, func(s *Step) { s.At = start.Add(-time.Second) }, Backwards},
		{Raised, Snooze, func(s *Step) { s.Reason = "" }, NoReason},
		{Raised, Snooze, func(s *Step) { s.Until = s.At }, BadUntil},
		{Raised, Snooze, func(s *Step) { s.Until = s.At.Add(31 * day) }, BadUntil},
		{Raised, Withdraw, func(s *Step) { s.Reason = "" }, NoReason},
		{Snoozed, Wake, func(s *Step) { s.At = start.Add(10 * time.Minute) }, BadUntil},
		{Acknowledged, HandOver, func(s *Step) { s.To = "" }, NobodyTo},
		{Acknowledged, Decide, func(s *Step) { s.Action = "" }, NoAct},
		{Acknowledged, Decide, func(s *Step) { s.Action, s.Reason = NoAction, "" }, NoReason},
		{Acknowledged, Decide, func(s *Step) { s.Reason = strings.Repeat("ñ", 1001) }, LongReason},
	} {
		a := in(t, Open("p1", crisis(t, 0, 190), start), c.status)
		s := step(c.do, 200)
		c.change(&s)
		var r *Refusal
		if _, err := a.Do(s); !errors.As(err, &r) || r.Why != c.why {
			t.Errorf("%s %s: %v, wanted %s", c.status, c.do, err, c.why)
		}
	}
	a := in(t, Open("p1", crisis(t, 0, 190), start), Acknowledged)
	s := step(Decide, 5)
	s.Action, s.Reason = NoAction, "measured after running"
	if b, err := a.Do(s); err != nil || b.Decision().Reason != s.Reason || a.Decision() != nil {
		t.Error(err)
	}
}

func TestWhoHasIt(t *testing.T) {
	a := Open("p1", crisis(t, 0, 190), start)
	a, _ = a.Do(step(Escalate, 15))
	if a.Deputy != doctor || a.Owner != "" {
		t.Errorf("%+v", a)
	}
	a, _ = a.Do(step(Acknowledge, 16))
	if a.Owner != nurse {
		t.Errorf("%+v", a)
	}
	a, _ = a.Do(step(HandOver, 17))
	if a.Owner != doctor || len(a.Steps) != 4 {
		t.Errorf("%+v", a)
	}
}

// TestOneLifeDoesNotWriteIntoAnother: two steps from the same alert leave each other alone.
func TestOneLifeDoesNotWriteIntoAnother(t *testing.T) {
	a := in(t, Open("p1", crisis(t, 0, 190), start), Acknowledged)
	b, _ := a.Do(step(Decide, 3))
	c, _ := a.Do(step(Snooze, 4))
	if b.Steps[2].Do != Decide || c.Steps[2].Do != Snooze || len(a.Steps) != 2 {
		t.Errorf("%+v %+v", b.Steps, c.Steps)
	}
}

func TestRepeatsAreFolded(t *testing.T) {
	at := start.Add(5 * time.Hour)
	a := Open("p1", fever(t, 0, 38.2), start)
	fold := func(a Alert, f Finding, want Status, worst string) Alert {
		t.Helper()
		b, err := a.Fold(f, at)
		if err != nil || b.Status != want || b.Worst.String() != worst || b.Repeats != a.Repeats+1 {
			t.Errorf("%v: %s, worst %s, %d repeats", err, b.Status, b.Worst, b.Repeats)
		}
		return b
	}
	a = fold(a, fever(t, 2, 38.4), Raised, "0.4")
	a = fold(a, fever(t, 1, 38), Raised, "0.4")
	if !a.Latest.At.Equal(start.Add(2*time.Hour)) || len(a.Steps) != 1 {
		t.Errorf("%+v", a)
	}
	snoozed := in(t, a, Snoozed)
	snoozed = fold(snoozed, fever(t, 3, 38.6), Snoozed, "0.4") // a fifth of a degree is not noticeable
	snoozed = fold(snoozed, fever(t, 4, 38.7), Raised, "0.7")  // three tenths since the snooze are
	if last := snoozed.Steps[len(snoozed.Steps)-1]; last.Do != Wake || last.By != System || !snoozed.Waiting().Equal(at) {
		t.Errorf("%+v", last)
	}
	decided := fold(in(t, a, Decided), fever(t, 3, 38.8), Raised, "0.8")
	if last := decided.Steps[len(decided.Steps)-1]; last.Do != Worsen || decided.Owner != "" {
		t.Errorf("%+v", decided)
	}
	fold(in(t, Open("p1", crisis(t, 0, 190), start), Decided), crisis(t, 1, 191), Raised, "11") // urgent: the least bit
	fold(in(t, Open("p1", crisis(t, 0, 190), start), Decided), crisis(t, 1, 190), Decided, "10")
	for _, bad := range []Alert{in(t, a, Closed), Open("p1", crisis(t, 0, 190), start)} {
		if b, err := bad.Fold(fever(t, 1, 38), at); err == nil || !reflect.DeepEqual(b, bad) {
			t.Errorf("folded: %+v", b)
		}
	}
}

func TestQuietHours(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Skip(err)
	}
	night := Quiet{From: 20 * time.Hour, To: 8 * time.Hour, Weekends: true, Zone: madrid}
	local := func(text string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", text, madrid)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for text, want := range map[string]bool{
		"2026-03-02 07:59": true, "2026-03-02 08:00": false, "2026-03-02 19:59": false, "2026-03-02 20:00": true,
		"2026-03-07 12:00": true, "2026-03-09 12:00": false,
	} {
		if night.Holds(local(text)) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
	for _, c := range []struct {
		q        Quiet
		from     string
		d        time.Duration
		to, name string
	}{
		{night, "2026-03-02 09:00", 4 * time.Hour, "2026-03-02 13:00", "by day"},
		{night, "2026-03-02 18:00", 4 * time.Hour, "2026-03-03 10:00", "over the night"},
		{night, "2026-03-02 23:00", 4 * time.Hour, "2026-03-03 12:00", "from the night"},
		{night, "2026-03-06 18:00", 4 * time.Hour, "2026-03-09 10:00", "over the weekend"},
		{night, "2026-03-27 19:00", 2 * time.Hour, "2026-03-30 09:00", "over the night of summer time"},
		{night, "2026-03-02 16:00", 4 * time.Hour, "2026-03-02 20:00", "to the very end"},
		{Quiet{Zone: madrid}, "2026-03-07 23:00", 4 * time.Hour, "2026-03-08 03:00", "never quiet"},
		{Quiet{From: 1 * time.Hour, To: 5 * time.Hour, Zone: madrid}, "2026-03-29 00:30", time.Hour, "2026-03-29 05:30", "an hour that isn't there"},
		{Quiet{From: 0, To: 24 * time.Hour, Zone: madrid}, "2026-03-02 09:00", time.Hour, "2026-03-02 10:00", "always quiet"},
	} {
		if got := c.q.After(local(c.from), c.d).In(madrid); !got.Equal(local(c.to)) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestEscalation(t *testing.T) {
	night := Quiet{From: 20 * time.Hour, To: 8 * time.Hour}
	p := DefaultPolicy(night)
	late := start.Add(14 * time.Hour) // ten in the evening
	urgent, calm := Open("p1", crisis(t, 0, 190), late), Open("p1", fever(t, 0, 38.2), late)
	if due, ok := p.Due(&urgent); !ok || !due.Equal(late.Add(15*time.Minute)) {
		t.Errorf("urgent: %v %v", due, ok)
	}
	if due, ok := p.Due(&calm); !ok || !due.Equal(start.Add(28*time.Hour)) {
		t.Errorf("attention: %v %v", due, ok)
	}
	told := Open("p1", Overdue(defaults(thresholds.HeartFailure), vitals.Weight, State{}, start.Add(80*time.Hour))[0], late)
	if due, ok := p.Due(&told); ok {
		t.Errorf("info: %v", due)
	}
	once, err := urgent.Do(Step{Do: Escalate, By: System, At: late.Add(15 * time.Minute), To: doctor})
	if _, ok := p.Due(&once); ok || err != nil {
		t.Errorf("twice: %v", err)
	}
	taken, err := urgent.Do(Step{Do: Acknowledge, By: nurse, At: late.Add(time.Minute)})
	if _, ok := p.Due(&taken); ok || err != nil {
		t.Errorf("after it was acknowledged: %v", err)
	}
	woken, _ := once.Do(Step{Do: Snooze, By: doctor, At: late.Add(20 * time.Minute), Reason: "asleep", Until: late.Add(8 * time.Hour)})
	woken, err = woken.Do(Step{Do: Wake, By: System, At: late.Add(8 * time.Hour)})
	if due, ok := p.Due(&woken); !ok || err != nil || !due.Equal(late.Add(8*time.Hour+15*time.Minute)) {
		t.Errorf("woken: %v %v %v", due, ok, err)
	}
}

// lives are alerts of every kind and state.
func lives(t *testing.T) []Alert {
	var all []Alert
	missing := Overdue(defaults(thresholds.HeartFailure), vitals.Weight, State{}, start.Add(80*time.Hour))[0]
	_, found := feed(defaults(thresholds.HeartFailure), "weight-gain", read(vitals.Weight, 0, 80), read(vitals.Weight, 24, 83.25))
	for _, f := range []Finding{crisis(t, 0, 190), fever(t, 1, 38.2), missing, found[0]} {
		for _, s := range []Status{Raised, Acknowledged, Snoozed, Decided, Closed} {
			a := Open("p1", f, start.Add(123456*time.Microsecond-time.Second))
			a = in(t, a, s)
			all = append(all, a)
			g := f
			if g.At, g.Reading, g.Ref = g.At.Add(time.Hour), "another", "Observation/again"; g.Kind != thresholds.Missing {
				g.Over += vitals.Units(3)
			}
			if b, err := a.Fold(g, start.Add(9*time.Hour)); err == nil {
				all = append(all, b)
			}
			if b, err := a.Do(step(Withdraw, 100)); err == nil {
				all = append(all, b)
			}
		}
	}
	a, _ := in(t, Open("p1", missing, start), Raised).Do(step(Escalate, 60))
	a, _ = a.Do(Step{Do: Acknowledge, By: "PractitionerRole/r", At: start.Add(2 * time.Hour)})
	a, _ = a.Do(Step{Do: Withdraw, By: "Patient/p1", At: start.Add(3 * time.Hour), Reason: "I mistyped"})
	b, _ := Open("p1", missing, start).Do(Step{Do: Answer, By: System, At: start.Add(time.Hour)})
	a.ID = "a1"
	return append(all, a, b)
}

func TestAlertsAreDetectedIssues(t *testing.T) {
	all := lives(t)
	if len(all) < 40 {
		t.Fatal(len(all))
	}
	for _, a := range all {
		n := Encode(&a)
		for _, is := range validate.Resource(&n) {
			t.Errorf("%s: %s %s %s", a.Status, is.Severity, is.Expression, is.Diagnostics)
		}
		parsed, err := resource.Parse(n.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(parsed)
		if err != nil {
			t.Fatalf("%v: %s", err, n.Bytes())
		}
		if !reflect.DeepEqual(*back, a) {
			t.Fatalf("\n%+v came back as\n%+v", a, *back)
		}
	}
}

func TestALifeThatCouldNotHaveBeenIsRefused(t *testing.T) {
	a := in(t, Open("p1", crisis(t, 0, 190), start), Closed)
	n := Encode(&a)
	n.Get("mitigation").Kids = append(n.Get("mitigation").Kids[:1], n.Get("mitigation").Kids[2:]...) // decided without having been acknowledged
	if _, err := Decode(&n); err == nil {
		t.Error("taken")
	}
}

func FuzzDecode(f *testing.F) {
	a := Open("p1", fever(&testing.T{}, 0, 38.2), start)
	for _, s := range []Step{step(Escalate, 1), step(Acknowledge, 2), step(Decide, 3)} {
		a, _ = a.Do(s)
	}
	n := Encode(&a)
	f.Add(n.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := resource.Parse(b)
		if err != nil {
			return
		}
		a, err := Decode(n)
		if err != nil {
			return
		}
		again := Encode(a)
		if back, err := Decode(&again); err != nil || !reflect.DeepEqual(a, back) {
			t.Fatalf("%v\n%+v\n%+v", err, a, back)
		}
	})
}

// TestFoldingAnyOrder: whatever the order in which a queue arrives, and however often, one alert is
// open for each rule, with the same number of repeats, the same newest and the same worst reading.
func TestFoldingAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	set := defaults(thresholds.JointRecovery)
	var queue []vitals.Reading
	for i := range 50 {
		queue = append(queue, read(vitals.Temperature, float64(i*3), 37+float64(random.IntN(30))/10))
	}
	run := func(queue []vitals.Reading) map[string]Alert {
		open, s := map[string]Alert{}, State{}
		for _, r := range queue {
			out := Evaluate(r, set, s)
			s = out.State
			for _, f := range out.Findings {
				a, is := open[f.Rule]
				if !is {
					open[f.Rule] = Open("p1", f, start)
					continue
				}
				a, err := a.Fold(f, start)
				if err != nil {
					t.Fatal(err)
				}
				open[f.Rule] = a
			}
		}
		return open
	}
	want := run(queue)
	if len(want) != 2 || want["fever"].Repeats < 5 {
		t.Fatalf("%+v", want)
	}
	for range 30 {
		twice := slices.Concat(queue, queue)
		random.Shuffle(len(twice), func(i, j int) { twice[i], twice[j] = twice[j], twice[i] })
		got := run(twice)
		for rule, w := range want {
			g := got[rule]
			if len(got) != len(want) || g.Repeats != w.Repeats || g.Worst != w.Worst || g.Latest.Reading != w.Latest.Reading || len(g.Steps) != 1 {
				t.Fatalf("%s: %+v\n%+v", rule, g, w)
			}
		}
	}
}
