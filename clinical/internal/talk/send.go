package talk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/resource"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

// MaxText is how long a message may be, in characters.
const MaxText = 5000

// KeySystem is the system of the identifier that says which sending a message is.
const KeySystem = "urn:mitral:message-key"

const waiting = "message" // the kind of what waits, as triage knows it

// Message is something to say to a patient or to the team.
type Message struct {
	Patient string // logical id: whose thread
	From    string // "Patient/x", "RelatedPerson/x", "Practitioner/x"
	Text    string
	Urgent  bool     // what reads like danger is urgent anyway, if the patient's side says it
	About   string   // what it is about, "Observation/x" say; may be ""
	Key     string   // with the same one and the same content it is the same message, and sent once; "" is a new one
	Files   []string // ids of what this person has uploaded for it
	Seen    string   // of the team's answer: logical id of the newest message that it answers; it and those before wait no longer
}

// Send writes a message into a patient's thread, and in the same transaction onto the team's list if it comes from
// the patient's side, or what it answers off it if it is the team's. It returns the Communication's reference.
func (k *Talk) Send(ctx context.Context, t *records.Tx, m Message) (ref string, err error) {
	m.Text = strings.TrimSpace(m.Text)
	switch {
	case m.Text == "" && len(m.Files) == 0:
		return "", fault.New(fault.Invalid, "Write something, or add a photo or a paper.")
	case utf8.RuneCountInString(m.Text) > MaxText:
		return "", fault.New(fault.Invalid, "This is too long for one message. The limit is %d characters.", MaxText)
	case len(m.Files) > maxFiles:
		return "", fault.New(fault.Invalid, "Send at most %d photos or papers at a time.", maxFiles)
	}
	files, err := k.pending(ctx, t, m.Patient, m.Files)
	if err != nil {
		return "", err
	}
	hash := m.hash(files)
	if m.Key != "" {
		if before, err := k.sentBefore(ctx, t, m.From, hash); err != nil || before != "" {
			return before, err
		}
	}
	l := line{At: t.Now(), Side: sideOf(m.From), Author: m.From, Urgent: m.Urgent}
	l.Urgent = l.Urgent || l.Side == home && k.danger.in(m.Text)
	n := m.resource(l, t.Ask().Who.Name, files)
	made, err := t.Create(ctx, &n)
	if err != nil {
		return "", err
	}
	l.ID = made.ID // from here on it is in the thread, and waits: watch sees to that
	if m.Key != "" {
		if _, err := t.Beside().Exec(ctx, `UPDATE talk_keys SET message = $3 WHERE author = $1 AND hash = $2`, m.From, hash, l.ID); err != nil {
			return "", err
		}
	}
	if err := k.claim(ctx, t, l.ID, files); err != nil {
		return "", err
	}
	if l.Side == team && m.Seen != "" {
		_, err = k.settled(ctx, t, m.Patient, m.Seen, "")
	}
	return "Communication/" + l.ID, err
}

// hash says which sending this is: the form's key and all that it says, so that a form which is brought back and
// written anew is another message.
func (m *Message) hash(files []File) string {
	h := sha256.New()
	for _, part := range []string{m.Key, m.Patient, m.Text} {
		_, _ = h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	for _, f := range files {
		_, _ = h.Write([]byte(f.sum))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// sentBefore returns the message that was sent with this hash, "" if none was: then nobody else sends it until the
// transaction ends.
func (k *Talk) sentBefore(ctx context.Context, t *records.Tx, author, hash string) (string, error) {
	n, err := t.Beside().Exec(ctx, `INSERT INTO talk_keys (author, hash, message) VALUES ($1, $2, '') ON CONFLICT DO NOTHING`, author, hash)
	if err != nil || n == 1 {
		return "", err
	}
	var id string
	err = t.Beside().QueryRow(ctx, `SELECT message FROM talk_keys WHERE author = $1 AND hash = $2`, author, hash).Scan(&id)
	return "Communication/" + id, err
}

// resource is the message as records keep it.
func (m *Message) resource(l line, name string, files []File) resource.Node {
	o, mem, s := resource.O, resource.M, resource.S
	ref := func(to string) resource.Node { return o(mem("reference", s(to))) }
	priority := "routine"
	if l.Urgent {
		priority = "urgent"
	}
	patient := "Patient/" + m.Patient
	n := o(mem("resourceType", s("Communication")), mem("status", s("completed")), mem("priority", s(priority)), mem("subject", ref(patient)))
	if m.Key != "" {
		n.Set("identifier", resource.A(o(mem("system", s(KeySystem)), mem("value", s(m.Key)))))
	}
	if m.About != "" {
		n.Set("about", resource.A(ref(m.About)))
	}
	n.Set("sent", s(l.At.UTC().Format("2006-01-02T15:04:05.000Z")))
	if l.Side == team {
		n.Set("recipient", resource.A(ref(patient)))
	}
	n.Set("sender", o(mem("reference", s(m.From)), mem("display", s(name))))
	var payload []resource.Node
	if m.Text != "" {
		payload = append(payload, o(mem("contentString", s(m.Text))))
	}
	for _, f := range files {
		payload = append(payload, o(mem("contentAttachment", o(mem("contentType", s(f.Type)), mem("url", s("urn:uuid:"+f.ID)),
			mem("size", resource.N(strconv.FormatInt(f.Size, 10))), mem("title", s(f.Title)), mem("creation", s(l.At.UTC().Format(time.RFC3339)))))))
	}
	n.Set("payload", resource.A(payload...))
	return n
}

// settled takes what waits in a thread, up to the message seen, off the team's list, and says how much that was. by is
// who says that it needs no answer; "" is that it was answered.
func (k *Talk) settled(ctx context.Context, t *records.Tx, patient, seen, by string) (n int, err error) {
	var at int64
	err = t.Beside().QueryRow(ctx, `SELECT at FROM talk_messages WHERE id = $1 AND patient = $2`, seen, patient).Scan(&at)
	if err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "Open the messages again: there are others than before.")
	}
	var ids []string
	err = db.Each(ctx, t.Beside(), `SELECT id FROM talk_messages WHERE patient = $1 AND at <= $2 AND waits = TRUE`, []any{patient, at}, func(r db.Row) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := t.Beside().Exec(ctx, `UPDATE talk_messages SET waits = FALSE, settled = $2 WHERE id = $1`, id, by); err != nil {
			return 0, err
		}
		if err := k.Triage.Settle(ctx, t, patient, waiting, "Communication/"+id); err != nil {
			return 0, err
		}
	}
	return len(ids), bump(ctx, t.Beside(), patient, false)
}
