package talk

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf16"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// form reads what is sent: words, files that come with them, and files that came before.
func (k *Talk) form(v *door.Visit, view *thread) (url.Values, error) {
	if !strings.HasPrefix(v.R.Header.Get("Content-Type"), "multipart/form-data") {
		return web.Form(v.R)
	}
	return web.Upload(v.R, maxFile, func(f *web.File) error {
		if len(view.Draft.Files) >= maxFiles {
			return fault.New(fault.Invalid, "Send at most %d photos or papers at a time.", maxFiles)
		}
		got, err := k.upload(v.Ctx(), v.Ask.Who.ID, v.Patient, f.Name, f)
		if err == nil {
			view.Draft.Files = append(view.Draft.Files, got)
		}
		return err
	})
}

// send takes in a message. What reads like danger is asked about first: whether to wait for an answer at all.
func (k *Talk) send(v *door.Visit) error {
	ctx := v.Ctx()
	view := k.view(v)
	// Before anything is stored: may they see the patient at all?
	if err := k.Records.Look(ctx, v.Ask, func(t *records.Tx) error {
		_, err := t.Read(ctx, "Patient", v.Patient)
		return err
	}); err != nil {
		return err
	}
	form, failed := k.form(v, view)
	if failed != nil && !fault.Is(failed, fault.Invalid) && !fault.Is(failed, fault.TooLarge) {
		return failed
	}
	view.Draft.Text = strings.TrimSpace(form.Get("text"))
	if key := form.Get("key"); len(key) >= 16 && len(key) <= 64 {
		view.Draft.Key = key
	}
	if err := k.keep(v, view, form["kept"], form.Get("drop")); err != nil {
		return err
	}
	urgent := !view.Team && k.danger.in(view.Draft.Text)
	if view.Asks = urgent && form.Get("sure") == ""; failed == nil && (view.Asks || form.Get("drop") != "") {
		view.Marks = k.danger.stretches(view.Draft.Text)
		return k.show(v, http.StatusUnprocessableEntity, view, "")
	}
	m := Message{Patient: v.Patient, From: v.Ref, Text: view.Draft.Text, Urgent: urgent, Key: view.Draft.Key, Seen: form.Get("seen")}
	for _, f := range view.Draft.Files {
		m.Files = append(m.Files, f.ID)
	}
	if failed == nil {
		failed = k.Records.Do(ctx, v.Ask, func(t *records.Tx) error {
			_, err := k.Send(ctx, t, m)
			return err
		})
	}
	if fault.Is(failed, fault.Invalid) || fault.Is(failed, fault.TooLarge) {
		view.Error = text.Fault(ctx, failed)
		return k.show(v, http.StatusUnprocessableEntity, view, "")
	}
	if failed != nil {
		return failed
	}
	for _, f := range view.Draft.Files { // those of a message that was sent before are there a second time
		if err := k.drop(ctx, v.Ask.Who.ID, v.Patient, f.ID); err != nil {
			return err
		}
	}
	return web.Redirect(v.W, v.R, k.path(v)+"?sent=1#write")
}

// path is the address of the thread for who looks.
func (k *Talk) path(v *door.Visit) string {
	if sideOf(v.Ref) == team {
		return "/care/" + v.Patient + "/messages"
	}
	return v.Path("/messages")
}

// keep takes over files that came with a form that was shown again, but for the one that is dropped.
func (k *Talk) keep(v *door.Visit, view *thread, ids []string, dropped string) error {
	if dropped != "" {
		if err := k.drop(v.Ctx(), v.Ask.Who.ID, v.Patient, dropped); err != nil {
			return err
		}
	}
	return k.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		for _, id := range ids {
			got, err := k.pending(v.Ctx(), t, v.Patient, []string{id})
			if id != dropped && err == nil && len(view.Draft.Files) < maxFiles {
				view.Draft.Files = append(got, view.Draft.Files...)
			}
		}
		return nil
	})
}

type (
	checkIn struct {
		Text string `json:"text"`
	}
	checkMark struct {
		Start int `json:"start"` // UTF-16 units, as scripts count
		End   int `json:"end"`
	}
	checkOut struct {
		Urgent bool        `json:"urgent"`
		Marks  []checkMark `json:"marks"`
	}
)

// check says what of a text that is being written reads like danger. Nothing is kept and nothing is logged.
func (k *Talk) check(v *door.Visit) error {
	var in checkIn
	if err := web.ReadJSON(v.R, &in); err != nil {
		return err
	}
	where, is := k.danger.find(in.Text)
	out := checkOut{Urgent: is, Marks: []checkMark{}}
	for _, s := range where {
		out.Marks = append(out.Marks, checkMark{units(in.Text[:s.from]), units(in.Text[:s.to])})
	}
	return web.JSON(v.W, http.StatusOK, out)
}

func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// file shows a picture or hands over a paper, as a thing of its own: it can run nothing and belongs to no page.
func (k *Talk) file(v *door.Visit) error {
	var f File
	var data []byte
	err := k.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) (err error) {
		f, data, err = k.Open(v.Ctx(), t, v.Patient, v.R.PathValue("file"))
		return err
	})
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", f.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", disposition(f))
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", itoa(len(data)))
	_, err = v.W.Write(data)
	return err
}
