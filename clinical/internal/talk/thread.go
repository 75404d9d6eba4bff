package talk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui"
	"github.com/mitral-health/mitral/ui/text"
)

const perPage = 30

// said is one message as a page shows it.
type said struct {
	line
	Name  string // of who said it
	Text  string
	Files []File
	Read  []mark // by the other side
	New   bool   // to whoever looks
	Known bool   // the other side has said something since
}

// thread is what the pages show of one patient's messages.
type thread struct {
	Patient string
	Name    string // of the patient
	Ref     string // of who looks
	Team    bool   // the team's page
	Now     time.Time
	List    []said // oldest first
	Older   string // cursor of the page before; "" is none
	Paged   bool   // an older page: nothing to write
	Newest  string // logical id of the newest message that is shown
	Tag     string

	Waits    int // messages that wait for the team
	Followed *triage.Followed
	Names    map[string]string // of Practitioners
	Away     *triage.Away      // of the one who is responsible, or has it
	Assigned *assigned
	Staff    []colleague

	By, When string // when an answer can be expected, when the team reads
	Draft    draft
	Sent     bool
	Error    string
	Asks     bool      // the draft reads like danger, and whether to send it is asked
	Marks    []ui.Mark // what of it does
	NoteText string
	NoteFail string
}

// draft is what stands in the form.
type draft struct {
	Text, Key string
	Files     []File
}

// mine reports whether who looks said it.
func (v *thread) mine(s said) bool { return s.Author == v.Ref }

// forPatient reports whether somebody who cares for the patient said it.
func (v *thread) forPatient(s said) bool { return s.Side == home && s.Author != "Patient/"+v.Patient }

// bodies reads records by their ids, in one search.
func (k *Talk) bodies(ctx context.Context, t *records.Tx, typ string, ids []string) (map[string]*resource.Node, error) {
	out := map[string]*resource.Node{}
	if len(ids) == 0 {
		return out, nil
	}
	page, err := t.Find(ctx, typ, "_id", strings.Join(ids, ","), "_count", strconv.Itoa(len(ids)))
	if err != nil {
		return nil, err
	}
	for i := range page.Records {
		n, err := resource.Parse(page.Records[i].Body)
		if err != nil {
			return nil, err
		}
		out[n.ID()] = n
	}
	return out, nil
}

// load fills in a page of the thread.
func (k *Talk) load(ctx context.Context, t *records.Tx, v *thread, before string) error {
	list, err := lines(ctx, t.Beside(), v.Patient, before, perPage+1, v.Team)
	if err != nil {
		return err
	}
	if len(list) > perPage {
		list = list[:perPage]
		v.Older = list[perPage-1].cursor()
	}
	var ids []string
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	bodies, err := k.bodies(ctx, t, "Communication", ids)
	if err != nil {
		return err
	}
	read, err := marks(ctx, t.Beside(), ids)
	if err != nil {
		return err
	}
	files, err := filesOf(ctx, t.Beside(), ids)
	if err != nil {
		return err
	}
	slices.Reverse(list)
	for _, l := range list {
		n := bodies[l.ID]
		if n == nil {
			continue // it is not for who looks
		}
		s := said{line: l, Name: n.Path("sender", "display").Str(), Text: words(n), Files: files[l.ID], New: l.Side != sideOf(v.Ref) && l.Side != notes}
		for _, m := range read[l.ID] {
			if m.Reader == v.Ref {
				s.New = false
			}
			if sideOf(m.Reader) != l.Side {
				s.Read = append(s.Read, m)
			}
		}
		if l.Side != notes {
			v.Newest = l.ID
		}
		v.List = append(v.List, s)
	}
	spoken := map[string]bool{}
	for i := len(v.List) - 1; i >= 0; i-- {
		if s := &v.List[i]; s.Side != notes {
			s.Known = spoken[other(s.Side)]
			spoken[s.Side] = true
		}
	}
	return k.around(ctx, t, v)
}

// around fills in who looks after the patient, and what waits.
func (k *Talk) around(ctx context.Context, t *records.Tx, v *thread) (err error) {
	if v.Followed, err = k.Triage.Followed(ctx, t, v.Patient); err != nil {
		return err
	}
	err = t.Beside().QueryRow(ctx, `SELECT count(*) FROM talk_messages WHERE patient = $1 AND waits = TRUE`, v.Patient).Scan(&v.Waits)
	if err != nil {
		return err
	}
	if v.Assigned, err = k.assignedTo(ctx, t.Beside(), v.Patient); err != nil {
		return err
	}
	if who := v.responsible(); who != "" {
		if v.Away, err = k.Triage.AwayNow(ctx, t.Beside(), who); err != nil {
			return err
		}
	}
	var refs []string
	if v.Followed != nil {
		refs = append(refs, v.Followed.Responsible, v.Followed.Deputy)
	}
	if v.Away != nil {
		refs = append(refs, v.Away.Practitioner, v.Away.StandIn)
	}
	v.Names, err = k.names(ctx, t, refs)
	return err
}

// threadPage shows a thread, and marks what is new to who looks as read.
func (k *Talk) threadPage(v *door.Visit) error {
	q, err := web.Query(v.R)
	if err != nil {
		return err
	}
	view := k.view(v)
	view.Sent = q.Get("sent") != ""
	return k.show(v, http.StatusOK, view, q.Get("before"))
}

func (k *Talk) view(v *door.Visit) *thread {
	return &thread{Patient: v.Patient, Ref: v.Ref, Team: sideOf(v.Ref) == team, Now: k.Clock.Now(), Draft: draft{Key: newKey()}}
}

func (k *Talk) show(v *door.Visit, status int, view *thread, before string) error {
	ctx := v.Ctx()
	view.Paged = before != ""
	var err error
	if view.Tag, err = k.tag(ctx, v.Patient, !view.Team); err != nil {
		return err
	}
	err = k.Records.Look(ctx, v.Ask, func(t *records.Tx) error {
		view.List, view.Older, view.Newest, view.Staff = nil, "", "", nil
		name, err := people.Name(ctx, t, v.Patient)
		if err != nil {
			return err
		}
		view.Name = cmp.Or(name, "Patient/"+v.Patient)
		if view.Team && !view.Paged {
			if view.Staff, err = k.colleagues(ctx, t); err != nil {
				return err
			}
		}
		return k.load(ctx, t, view, before)
	})
	if err != nil {
		return err
	}
	var seen []string
	for _, s := range view.List {
		if s.New {
			seen = append(seen, s.ID)
		}
	}
	if v.R.Header.Get("Sec-Purpose") == "" && v.R.Method == http.MethodGet { // what a browser fetches ahead, nobody has read
		if err := k.read(ctx, v.Patient, v.Ref, v.Name, seen); err != nil {
			return err
		}
		if len(seen) > 0 {
			if view.Tag, err = k.tag(ctx, v.Patient, !view.Team); err != nil {
				return err
			}
		}
	}
	view.By, view.When = k.by(ctx, k.expected(view.Now), view.Now), k.when(ctx)
	if view.Team {
		return web.RenderStatus(v.W, v.R, status, teamThread(view))
	}
	return web.RenderStatus(v.W, v.R, status, ownThread(view))
}

// state says whether an open page is still as the thread is.
func (k *Talk) state(v *door.Visit) error {
	tag, err := k.tag(v.Ctx(), v.Patient, sideOf(v.Ref) != team)
	if err != nil {
		return err
	}
	return web.JSON(v.W, http.StatusOK, struct {
		Tag string `json:"tag"`
	}{tag})
}

// newDay reports whether a message is the first of its day on the page.
func newDay(ctx context.Context, list []said, i int) bool {
	zone := text.Zone(ctx)
	y, m, d := list[i].At.In(zone).Date()
	if i == 0 {
		return true
	}
	py, pm, pd := list[i-1].At.In(zone).Date()
	return y != py || m != pm || d != pd
}
