package voices

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate"
	"github.com/mitral-health/mitral/identity"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/id"
	"github.com/mitral-health/mitral/social/internal/media"
	"github.com/mitral-health/mitral/social/internal/posts"
	"github.com/mitral-health/mitral/social/internal/profiles"
)

func TestWhoMayEnter(t *testing.T) {
	each(t, func(w *world) {
		for _, path := range []string{"/admin/profiles", "/admin/profiles/new", "/admin/profiles/new?kind=clinician", "/admin/topics"} {
			for _, c := range []struct {
				who    *identity.Principal
				status int
			}{{nil, 303}, {w.admin, 200}, {w.ama, 200}, {w.doctor, 403}, {w.reviewer, 403}} {
				w.who = c.who
				w.page(c.status, path)
			}
		}
		for _, path := range []string{"/admin/profiles/new", "/admin/profiles/x", "/admin/topics", "/admin/topics/x"} {
			w.who = w.doctor
			w.send(403, path, w.doctorForm()...)
		}
		w.who = nil
		w.send(401, "/admin/profiles/new", w.doctorForm()...)
		w.who = identity.NewPrincipal("New", identity.Administrator)
		w.who.Accepted = false
		w.says(w.send(403, "/admin/profiles/new", w.doctorForm()...), "acceptable-use policy")
		w.who = w.admin
		w.page(404, "/admin/profiles/nobody")
		w.page(404, "/admin/topics/nothing")
	})
}

func TestMakeAClinician(t *testing.T) {
	each(t, func(w *world) {
		before := w.directory()
		w.send(303, "/admin/profiles/new", "do", "save", "kind", "department", "name_en", "Family medicine", "name_es", "Medicina de familia", "handle", "@Family-Medicine ")
		dep := w.profile("family-medicine")
		to := w.upload(303, "/admin/profiles/new", picture(t), w.doctorForm("department", dep.ID.String(), "verified", "2026-11-01", "name_en", "  Dr  Marisol\u202e Quenby ")...)
		if to != "/admin/profiles/marisol?done=saved" {
			t.Errorf("leads to %s", to)
		}
		p := w.profile("marisol")
		if p.Name != (profiles.Words{EN: "Dr Marisol Quenby", ES: "Dra. Marisol Quenby"}) || p.Title.ES != "Médica de familia" || p.Bio.EN == "" || p.Since != 2012 ||
			p.Department != dep.ID || p.Avatar.IsZero() || p.VerifiedOn.Format(time.DateOnly) != "2026-11-01" || p.Position <= dep.Position || p.Declares.ES != "Nada" {
			t.Errorf("stored %+v", p)
		}
		if !p.MaySpeak(w.doctor) || !p.MaySpeak(w.ama) || p.MaySpeak(w.reviewer) {
			t.Error("the wrong people may speak")
		}
		if now := w.directory(); now <= before {
			t.Errorf("the directory is still %d: public pages would not change", now)
		}
		w.says(w.page(200, to), "Saved. Readers see it now.", "/u/marisol", `value="2026-11-01"`)
		w.says(w.page(200, "/admin/profiles"), "Dr Quenby and communications", "Verified", "Family medicine")
		w.lang = "es"
		w.says(w.page(200, "/admin/profiles"), "Dra. Marisol Quenby", "Médica de familia · Medicina de familia", "Verificado")
	})
}

func TestWhatAFormRefuses(t *testing.T) {
	each(t, func(w *world) {
		w.send(303, "/admin/profiles/new", w.doctorForm()...)
		other := func(changes ...string) []string {
			return w.doctorForm(append([]string{"handle", "other", "account", ""}, changes...)...)
		}
		for name, c := range map[string]struct {
			status int
			fields []string
			says   string
		}{
			"taken handle":      {409, other("handle", "marisol"), "Another profile has this handle already."},
			"page's own handle": {409, other("handle", "new"), "Another profile has this handle already."},
			"climbing":          {400, other("handle", "../../etc"), "A handle has 1 to 30"},
			"slash":             {400, other("handle", "a/b"), "A handle has 1 to 30"},
			"encoded":           {400, other("handle", "%2e%2e"), "A handle has 1 to 30"},
			"long handle":       {400, other("handle", strings.Repeat("a", 31)), "A handle has 1 to 30"},
			"no handle":         {400, other("handle", ""), "A handle has 1 to 30"},
			"no name":           {400, other("name_en", " \u202e "), "Write a name."},
			"long bio":          {413, other("bio_es", strings.Repeat("ñ", 601)), "at most 600 characters"},
			"taken person":      {409, other("account", w.doctor.Subject(identity.Social).String()), "This person has a profile already."},
			"stranger":          {400, other("account", w.ama.Subject(identity.Social).String()), "Choose an account from the list."},
			"no subject":        {400, other("account", "root"), "Choose an account from the list."},
			"year":              {400, other("since", "2027"), "Write the year with four digits"},
			"year of words":     {400, other("since", "last"), "Write the year with four digits"},
			"tomorrow":          {400, other("verified", "2026-11-13"), "today or earlier"},
			"no date":           {400, other("verified", "yesterday"), "today or earlier"},
			"department":        {400, other("department", w.profile("marisol").ID.String()), "Choose a department from the list."},
			"lost picture":      {404, other("avatar", id.Random[profiles.Profile]().String()), "Add it again."},
			"held words":        {400, other("bio_en", "A [hold] word"), "let these words be public"},
			"held name":         {400, other("name_en", "Nada [hold]"), "let these words be public"},
			"unread warning":    {400, other("title_es", "Un [warn]"), "The gate warns."},
			"gate down":         {503, other("bio_es", "[panic]"), "The gate can&#39;t check texts at the moment"},
			"kind":              {400, other("kind", "patient"), "A profile is the organisation"},
		} {
			body := w.send(c.status, "/admin/profiles/new", c.fields...)
			if !strings.Contains(body, c.says) {
				t.Errorf("%s: the page does not say %q: %s", name, c.says, excerpt(body))
			}
			if name != "kind" && !strings.Contains(body, "Nada") {
				t.Errorf("%s: what was written is lost", name)
			}
		}
		w.says(w.upload(413, "/admin/profiles/new", make([]byte, media.MaxBytes+1), other()...), "Nada", `id="portrait-error"`)
		w.says(w.upload(413, "/admin/profiles/new", make([]byte, media.MaxBytes+100_000), other()...), "Nada", `id="portrait-error"`)
		body := w.upload(400, "/admin/profiles/new", []byte("<svg onload=alert(1)>"), other()...)
		w.says(body, "This is not a picture we can read.", "Nada", `id="portrait-error"`)
		if _, err := w.stored(context.Background(), "other", profiles.ID{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("something was stored: %v", err)
		}
		w.says(w.send(400, "/admin/profiles/new", other("bio_en", "A [warn] word")...), "The engine&#39;s reason.", `name="attest"`)
		w.send(303, "/admin/profiles/new", other("bio_en", "A [warn] word", "attest", "yes")...)
		w.send(400, "/admin/profiles/new", other("handle", "third", "bio_en", "A [hold] word", "attest", "yes")...)
	})
}

func TestTheSealBelongsToWhoSawIt(t *testing.T) {
	each(t, func(w *world) {
		w.who = w.ama
		w.send(303, "/admin/profiles/new", w.doctorForm("verified", "2026-11-01")...)
		if p := w.profile("marisol"); p.Verified() {
			t.Fatal("communications verified somebody")
		}
		w.silent(w.page(200, "/admin/profiles/marisol"), `name="verified"`)
		w.who = w.officer
		w.send(303, "/admin/profiles/marisol", w.doctorForm("verified", "2026-11-01", "rev", "1")...)
		w.who = w.ama
		to := w.send(303, "/admin/profiles/marisol", w.doctorForm("bio_en", "Hearts and salt.", "verified", "", "rev", "2")...)
		if p := w.profile("marisol"); !p.Verified() || p.Bio.EN != "Hearts and salt." || to != "/admin/profiles/marisol?done=saved" {
			t.Errorf("a change of the bio: %s, %+v", to, p)
		}
		to = w.send(303, "/admin/profiles/marisol", w.doctorForm("title_en", "Surgeon", "rev", "3")...)
		if p := w.profile("marisol"); p.Verified() || to != "/admin/profiles/marisol?done=unsealed" {
			t.Errorf("a surgeon whom nobody has seen is verified: %s", to)
		}
		w.says(w.page(200, to), "The seal is off")
	})
}

func TestTheSecondEditorIsTold(t *testing.T) {
	each(t, func(w *world) {
		w.send(303, "/admin/profiles/new", w.doctorForm()...)
		which := w.profile("marisol").ID.String()
		w.send(303, "/admin/profiles/marisol", w.doctorForm("bio_en", "Theirs.", "handle", "quenby", "rev", "1", "id", which)...)
		body := w.send(409, "/admin/profiles/marisol", w.doctorForm("bio_en", "Mine.", "rev", "1", "id", which)...)
		w.says(body, "Somebody changed this meanwhile. Nothing was overwritten.", "Theirs.", "Mine.", "quenby", `name="rev" value="2"`)
		if p := w.profile("quenby"); p.Bio.EN != "Theirs." || p.Rev != 2 {
			t.Errorf("overwritten: %+v", p)
		}
		w.says(w.send(409, "/admin/profiles/quenby", "do", "retire", "rev", "1"), "Somebody changed this meanwhile.")
		w.send(303, "/admin/profiles/quenby", w.doctorForm("bio_en", "Mine.", "handle", "quenby", "rev", "2")...)
		if p := w.profile("quenby"); p.Bio.EN != "Mine." {
			t.Error("a knowing second save is not stored")
		}
	})
}

func TestRacingEditors(t *testing.T) {
	each(t, func(w *world) {
		w.send(303, "/admin/profiles/new", w.doctorForm()...)
		p := w.profile("marisol")
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wg.Go(func() {
				mine := p
				mine.Bio.EN = strconv.Itoa(i)
				errs[i] = w.write(context.Background(), &mine, p)
			})
		}
		wg.Wait()
		stored := 0
		for _, err := range errs {
			if err == nil {
				stored++
			} else if err != profiles.ErrChanged {
				t.Errorf("told %v", err)
			}
		}
		if stored != 1 || w.profile("marisol").Rev != 2 {
			t.Errorf("%d of six were stored, revision %d", stored, w.profile("marisol").Rev)
		}
	})
}

func TestRetire(t *testing.T) {
	each(t, func(w *world) {
		w.send(303, "/admin/profiles/new", w.doctorForm("verified", "2026-11-01")...)
		before := w.directory()
		w.send(303, "/admin/profiles/marisol", "do", "retire", "rev", "1")
		p := w.profile("marisol")
		if p.MaySpeak(w.doctor) || p.MaySpeak(w.ama) || p.Verified() || w.directory() <= before {
			t.Error("a retired profile speaks")
		}
		if err := p.Lend(w.ama); !fault.Is(err, fault.Forbidden) {
			t.Errorf("told %v", err)
		}
		w.says(w.page(200, "/admin/profiles"), "Retired profiles", "Nobody")
		if _, err := w.publish(p.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("published as a retired profile: %v", err)
		}
		if _, err := w.publish(id.New[profiles.Profile](noon)); !fault.Is(err, fault.NotFound) {
			t.Errorf("published as nobody: %v", err)
		}
		w.send(303, "/admin/profiles/marisol", "do", "restore", "rev", "2")
		if p := w.profile("marisol"); !p.MaySpeak(w.doctor) || !p.Verified() {
			t.Error("restored, but silent")
		}
	})
}

// publish takes a note through the gate.
func (w *world) publish(as profiles.ID, about ...string) (out posts.ID, err error) {
	w.Helper()
	ctx := context.Background()
	c := posts.Content{Draft: id.New[posts.Post](w.clock.Now()).String(), Profile: as, Kind: posts.Note, Lang: "en", Body: "Hello.", Topics: about,
		Author: gate.Author{Subject: w.ama.Subject(identity.Social)}}
	done, err := w.Gate.Submit(ctx, c.GateDraft(), true)
	if err != nil {
		w.Fatal(err)
	}
	err = w.Store.Write(ctx, func(tx db.Tx) error {
		out, err = w.Posts.Publish(ctx, tx, done.Cleared, c, w.clock.Now())
		return err
	})
	return out, err
}

func TestTheHandleStaysOncePostsLeadThere(t *testing.T) {
	each(t, func(w *world) {
		w.send(303, "/admin/profiles/new", w.doctorForm()...)
		if to := w.send(303, "/admin/profiles/marisol", w.doctorForm("handle", "quenby", "rev", "1")...); to != "/admin/profiles/quenby?done=saved" {
			t.Errorf("leads to %s", to)
		}
		if _, err := w.publish(w.profile("quenby").ID); err != nil {
			t.Fatal(err)
		}
		w.silent(w.page(200, "/admin/profiles/quenby"), `name="handle"`)
		w.send(303, "/admin/profiles/quenby", w.doctorForm("handle", "another", "since", "2013", "rev", "2")...)
		if p := w.profile("quenby"); p.Since != 2013 {
			t.Error("the rest was not stored")
		}
	})
}

func TestOrderOfPeople(t *testing.T) {
	each(t, func(w *world) {
		for _, h := range []string{"a", "b", "c"} {
			w.send(303, "/admin/profiles/new", w.doctorForm("handle", h, "account", "")...)
		}
		w.send(303, "/admin/profiles/new", "do", "save", "kind", "department", "name_en", "D", "handle", "d")
		w.send(303, "/admin/profiles/c", "do", "up")
		w.send(303, "/admin/profiles/a", "do", "down")
		w.send(303, "/admin/profiles/c", "do", "up") // it is first already
		w.send(303, "/admin/profiles/d", "do", "up") // nobody stands beside it
		var order string
		if err := w.Store.Read(context.Background(), func(tx db.Tx) error {
			all, err := w.Profiles.All(context.Background(), tx)
			order = ""
			for _, p := range all {
				order += p.Handle
			}
			return err
		}); err != nil || order != "cabd" {
			t.Errorf("the order is %s, %v", order, err)
		}
		if p := w.profile("c"); p.Rev != 1 {
			t.Error("moving counts as a change, so that an editor would be told of nothing")
		}
	})
}

func TestPortrait(t *testing.T) {
	each(t, func(w *world) {
		w.upload(303, "/admin/profiles/new", picture(t), w.doctorForm()...)
		had := w.profile("marisol").Avatar
		if had.IsZero() {
			t.Fatal("no portrait")
		}
		w.send(303, "/admin/profiles/marisol", w.doctorForm("rev", "1", "avatar", had.String())...)
		if w.profile("marisol").Avatar != had {
			t.Error("the portrait is gone after a change of something else")
		}
		w.send(303, "/admin/profiles/marisol", w.doctorForm("rev", "2", "avatar", had.String(), "drop", "yes")...)
		if !w.profile("marisol").Avatar.IsZero() {
			t.Error("the portrait stays")
		}
		body := w.upload(400, "/admin/profiles/marisol", picture(t), w.doctorForm("rev", "3", "name_en", "")...)
		w.says(body, `name="avatar" value="`+had.String()) // the same pixels, kept through the mistake
	})
}

func TestBegin(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := w.Begin(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p := w.profile("orlena")
		if p.Kind != profiles.Organisation || p.Name != (profiles.Words{EN: "Orlena Health Centre", ES: "Centro de Salud de Orlena"}) || p.Bio.EN != "Plain answers." || !p.MaySpeak(w.ama) {
			t.Errorf("made %+v", p)
		}
		if _, err := w.publish(p.ID); err != nil {
			t.Errorf("nobody can speak yet: %v", err)
		}
		w.send(303, "/admin/profiles/orlena", "do", "retire", "rev", "1")
		if err := w.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := w.Store.Read(ctx, func(tx db.Tx) error {
			all, err := w.Profiles.All(ctx, tx)
			n = len(all)
			return err
		}); err != nil || n != 1 {
			t.Errorf("%d profiles, %v", n, err)
		}
	})
}

func TestHandleOf(t *testing.T) {
	for _, c := range [][3]string{
		{"https://www.orlena.example", "Orlena Health Centre", "orlena"},
		{"https://Salud.Orlena.example:8443", "x", "salud"},
		{"http://localhost:8080", "Orlena Health Centre", "orlena-health-centre"},
		{"http://127.0.0.1:8080", "Atención Primaria, Ñuñoa", "atencion-primaria-nunoa"},
		{"http://[::1]:8080", "Mitral", "mitral"},
		{"", "Hospital Universitario de la Santa Cruz", "hospital-universitario-de-la"},
		{"https://new.example", "New", "organisation"},
		{"https://-x.example", "健康", "organisation"},
		{"%", "", "organisation"},
	} {
		if got := handleOf(c[0], c[1]); got != c[2] || !free(got) {
			t.Errorf("%s, %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func FuzzSlug(f *testing.F) {
	f.Add("Tensión y corazón")
	f.Add("../../ETC/passwd")
	f.Fuzz(func(t *testing.T, s string) {
		if h := slug(s, 30); h != "" && profiles.CheckHandle(h) != nil {
			t.Errorf("%q makes %q", s, h)
		}
	})
}
