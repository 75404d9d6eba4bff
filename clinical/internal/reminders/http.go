package reminders

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

const (
	formBody  = 16 << 10
	maxPhones = 10 // browsers of one patient
)

// Routes lists the pages.
func (r *Reminders) Routes() []web.Route {
	d := door.Door{People: r.People}
	return slices.Concat(
		d.Own("GET", "/me/reminders", r.page),
		d.Own("POST", "/me/reminders", r.save, door.Body(formBody)),
		d.Own("POST", "/me/reminders/phone", r.subscribe, door.Body(formBody)),
		d.Own("POST", "/me/reminders/phone/end", r.unsubscribe, door.Body(formBody)))
}

// view is what the page shows.
type view struct {
	setting
	Phones []subscription
	Key    string // the public one
	Mail   bool   // it can be sent
	Days   []time.Weekday
	Times  [maxTimes]string
	Saved  bool
	Error  string // of the times
}

func (r *Reminders) view(v *door.Visit) (*view, error) {
	out := &view{Key: r.vapid.public, Mail: r.Letter != nil, Days: []time.Weekday{1, 2, 3, 4, 5, 6, 0}}
	err := r.Store.Read(v.Ctx(), func(tx db.Tx) error {
		s, err := find(v.Ctx(), tx, v.Patient)
		if err != nil {
			return err
		}
		if s == nil || s.subject != v.Ask.Who.ID {
			s = &setting{messages: true, week: usual()}
		}
		out.setting = *s
		out.Phones, err = subscriptions(v.Ctx(), tx, `patient = $1 AND subject = $2`, v.Patient, v.Ask.Who.ID)
		return err
	})
	for i, m := range out.week.Times {
		out.Times[i] = m.String()
	}
	return out, err
}

func (r *Reminders) page(v *door.Visit) error {
	out, err := r.view(v)
	if err != nil {
		return err
	}
	out.Saved = v.R.URL.Query().Get("done") == "saved"
	return web.Render(v.W, v.R, page(out))
}

// save stores what was chosen; with it goes the language and the time zone that the page was read in.
func (r *Reminders) save(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	out, err := r.view(v)
	if err != nil {
		return err
	}
	out.setting = setting{patient: v.Patient, subject: v.Ask.Who.ID, lang: text.Lang(v.Ctx()), zone: text.Zone(v.Ctx()),
		push: form.Get("push") != "", mail: form.Get("mail") != "" && r.Letter != nil, messages: form.Get("messages") != ""}
	w := &out.week
	for _, d := range form["day"] {
		if n, err := strconv.Atoi(d); err == nil && n >= 0 && n < 7 {
			w.Days[n] = true
		}
	}
	wrong := false
	for i := range maxTimes {
		typed := strings.TrimSpace(form.Get("time" + strconv.Itoa(i)))
		out.Times[i] = typed
		if m, ok := parseMinute(typed); ok && !slices.Contains(w.Times, m) {
			w.Times = append(w.Times, m)
		} else if !ok && typed != "" {
			wrong = true
		}
	}
	slices.Sort(w.Times)
	from, ok1 := parseMinute(form.Get("from"))
	until, ok2 := parseMinute(form.Get("until"))
	w.From, w.Until = from, until
	if wrong || !ok1 || !ok2 {
		out.Error = text.T(v.Ctx(), "Write times like 8:00 or 20:30.")
		return web.RenderStatus(v.W, v.R, http.StatusUnprocessableEntity, page(out))
	}
	err = r.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error { return out.setting.save(v.Ctx(), t.Beside(), t.Now()) })
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/my/me/reminders?done=saved")
}

// subscribed is what a browser tells of its subscription.
type subscribed struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
	Name     string `json:"name"`
}

// subscribe takes in a browser. One that another account used before is this one's from now on.
func (r *Reminders) subscribe(v *door.Visit) error {
	var in subscribed
	if err := web.ReadJSON(v.R, &in); err != nil {
		return err
	}
	refused := fault.New(fault.Invalid, "This browser can’t be reached for reminders.")
	if _, err := checkEndpoint(in.Endpoint); err != nil {
		return refused
	}
	s := subscription{Endpoint: in.Endpoint, P256dh: in.P256dh, Auth: in.Auth}
	key, auth, err := s.keys()
	if err != nil {
		return refused
	}
	if _, err := sealed([]byte("{}"), key, auth); err != nil {
		return refused
	}
	if len(in.Name) > 60 {
		in.Name = ""
	}
	ctx := v.Ctx()
	err = r.Records.Do(ctx, v.Ask, func(t *records.Tx) error {
		tx := t.Beside()
		all, err := subscriptions(ctx, tx, `patient = $1`, v.Patient)
		if err != nil {
			return err
		}
		for i, old := range all { // those of an account that was this patient's before, and the oldest of too many
			if old.Subject != v.Ask.Who.ID || i <= len(all)-maxPhones {
				if _, err := tx.Exec(ctx, `DELETE FROM reminders_push WHERE id = $1`, old.ID); err != nil {
					return err
				}
			}
		}
		_, err = tx.Exec(ctx, `INSERT INTO reminders_push (id, patient, subject, endpoint, p256dh, auth, name, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (endpoint) DO UPDATE SET patient = excluded.patient, subject = excluded.subject, p256dh = excluded.p256dh, auth = excluded.auth, name = excluded.name, made = excluded.made`,
			id.New[subscription](t.Now()).String(), v.Patient, v.Ask.Who.ID, in.Endpoint, in.P256dh, in.Auth, in.Name, db.Micros(t.Now()))
		if err != nil {
			return err
		}
		set, err := find(ctx, tx, v.Patient)
		if err != nil {
			return err
		}
		if set == nil || set.subject != v.Ask.Who.ID {
			set = &setting{patient: v.Patient, messages: true, week: usual()}
		}
		set.subject, set.lang, set.zone, set.push = v.Ask.Who.ID, text.Lang(ctx), text.Zone(ctx), true
		return set.save(ctx, tx, t.Now())
	})
	if err != nil {
		return err
	}
	return web.JSON(v.W, http.StatusOK, map[string]bool{"ok": true})
}

// unsubscribe takes one browser out.
func (r *Reminders) unsubscribe(v *door.Visit) error {
	form, err := web.Form(v.R)
	if err != nil {
		return err
	}
	err = r.Records.Do(v.Ctx(), v.Ask, func(t *records.Tx) error {
		_, err := t.Beside().Exec(v.Ctx(), `DELETE FROM reminders_push WHERE id = $1 AND patient = $2`, form.Get("id"), v.Patient)
		return err
	})
	if err != nil {
		return err
	}
	return web.Redirect(v.W, v.R, "/my/me/reminders?done=saved")
}
