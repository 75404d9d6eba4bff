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
	"github.com/mitral-health/mitral/clinical/internal/triage"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/web"
)

// mostWaiting is how many patients the inbox shows: nobody reads further before these are answered.
const mostWaiting = 500

// waits is one patient's line in the inbox.
type waits struct {
	Patient  string
	Name     string
	Since    time.Time // of what has waited longest
	Count    int
	Urgent   bool
	First    string // logical id of what has waited longest, the urgent one first
	By       string // who said it
	For      bool   // somebody for the patient
	Text     string
	Files    int
	Assigned *assigned
	Answers  string // reference of who is to answer: who has it, or who is responsible, or who stands in
	Instead  string // name of who stands in for them
}

// inbox is what waits for the team.
type inbox struct {
	List  []waits
	Mine  bool
	Ref   string
	All   int // patients
	Now   time.Time
	Tag   string
	Away  *triage.Away // of who looks
	Names map[string]string
}

// waitingLines reads who waits, the urgent ones first, then who has waited longest. However much one of them writes, it is
// one line, and pushes nobody out.
func waitingLines(ctx context.Context, tx db.Tx) (out []waits, err error) {
	err = db.Each(ctx, tx, `SELECT patient, pressing, since, n, id FROM (SELECT patient, id, MAX(CASE WHEN urgent THEN 1 ELSE 0 END) OVER whole AS pressing,
		MIN(at) OVER whole AS since, COUNT(*) OVER whole AS n, ROW_NUMBER() OVER (PARTITION BY patient ORDER BY CASE WHEN urgent THEN 0 ELSE 1 END, at, id) AS place
		FROM talk_messages WHERE waits = TRUE WINDOW whole AS (PARTITION BY patient)) AS w
		WHERE place = 1 ORDER BY pressing DESC, since, patient LIMIT $1`, []any{mostWaiting}, func(r db.Row) error {
		var w waits
		var pressing, since int64
		err := r.Scan(&w.Patient, &pressing, &since, &w.Count, &w.First)
		w.Urgent, w.Since = pressing == 1, db.FromMicros(since)
		out = append(out, w)
		return err
	})
	return out, err
}

// Waiting counts the patients whose messages wait for the team.
func (k *Talk) Waiting(ctx context.Context) (n int, err error) {
	err = k.Store.Read(ctx, func(tx db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(DISTINCT patient) FROM talk_messages WHERE waits = TRUE`).Scan(&n)
	})
	return n, err
}

// inboxTag is another whenever the inbox has changed.
func (k *Talk) inboxTag(ctx context.Context) (tag string, err error) {
	var n, last, moved int64
	err = k.Store.Read(ctx, func(tx db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT count(*), coalesce(max(at), 0) FROM talk_messages WHERE waits = TRUE`).Scan(&n, &last); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT coalesce(max(at), 0) + count(*) FROM talk_assigned`).Scan(&moved)
	})
	return strconv.FormatInt(n, 36) + "." + strconv.FormatInt(last, 36) + "." + strconv.FormatInt(moved, 36), err
}

func (k *Talk) inboxState(v *door.Visit) error {
	tag, err := k.inboxTag(v.Ctx())
	if err != nil {
		return err
	}
	return web.JSON(v.W, http.StatusOK, struct {
		Tag string `json:"tag"`
	}{tag})
}

func (k *Talk) inboxPage(v *door.Visit) error {
	view := inbox{Now: k.Clock.Now(), Mine: v.R.URL.Query().Get("of") == "me", Ref: v.Ref}
	var err error
	if view.Tag, err = k.inboxTag(v.Ctx()); err != nil {
		return err
	}
	err = k.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error { return k.fill(v.Ctx(), t, &view) })
	if err != nil {
		return err
	}
	return web.Render(v.W, v.R, inboxTempl(&view))
}

// fill reads the inbox: what waits from the index, what it says and of whom from the records.
func (k *Talk) fill(ctx context.Context, t *records.Tx, view *inbox) (err error) {
	if view.List, err = waitingLines(ctx, t.Beside()); err != nil {
		return err
	}
	view.All = len(view.List)
	if view.Away, err = k.Triage.AwayNow(ctx, t.Beside(), view.Ref); err != nil {
		return err
	}
	instead := map[string]string{} // who does the work of whom
	refs := []string{view.Ref}
	if view.Away != nil {
		refs = append(refs, view.Away.StandIn)
	}
	for i := range view.List {
		w := &view.List[i]
		if w.Assigned, err = k.assignedTo(ctx, t.Beside(), w.Patient); err != nil {
			return err
		}
		if w.Assigned != nil {
			w.Answers = w.Assigned.Practitioner
		} else if f, err := k.Triage.Followed(ctx, t, w.Patient); err != nil {
			return err
		} else if f != nil {
			w.Answers = f.Responsible
		}
		if w.Answers == "" {
			continue
		}
		if _, known := instead[w.Answers]; !known {
			if instead[w.Answers], err = k.Triage.OnDuty(ctx, t.Beside(), w.Answers); err != nil {
				return err
			}
			refs = append(refs, w.Answers, instead[w.Answers])
		}
	}
	if view.Names, err = k.names(ctx, t, refs); err != nil {
		return err
	}
	for i := range view.List {
		if w := &view.List[i]; w.Answers != "" && instead[w.Answers] != w.Answers {
			w.Instead, w.Answers = view.Names[w.Answers], instead[w.Answers]
		}
	}
	if view.Mine {
		view.List = slices.DeleteFunc(view.List, func(w waits) bool { return w.Answers != view.Ref })
	}
	return k.describe(ctx, t, view.List)
}

// describe fills in who and what, in two searches.
func (k *Talk) describe(ctx context.Context, t *records.Tx, list []waits) error {
	for part := range slices.Chunk(list, 100) {
		var of, first []string
		for _, w := range part {
			of, first = append(of, w.Patient), append(first, w.First)
		}
		patients, err := k.bodies(ctx, t, "Patient", of)
		if err != nil {
			return err
		}
		messages, err := k.bodies(ctx, t, "Communication", first)
		if err != nil {
			return err
		}
		for i := range part {
			w := &part[i]
			w.Name = cmp.Or(people.Called(patients[w.Patient]), "Patient/"+w.Patient)
			n := messages[w.First]
			w.By, w.For = n.Path("sender", "display").Str(), !strings.HasPrefix(n.Path("sender", "reference").Str(), "Patient/")
			for _, p := range n.Get("payload").Each() {
				if p.Get("contentAttachment") != nil {
					w.Files++
				}
			}
			w.Text = begin(words(n), 140)
		}
	}
	return nil
}

// begin is how a text begins, in whole words.
func begin(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	s = string(r[:most])
	if i := strings.LastIndexByte(s, ' '); i > most/2 {
		s = s[:i]
	}
	return s + "…"
}
