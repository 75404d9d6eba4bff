package identity

import (
	"context"
	"errors"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/jobs"
	"github.com/mitral-health/mitral/platform/mail"
	"github.com/mitral-health/mitral/ui/text"
)

// sendInvitation mails the link of one generation of an invitation.
type sendInvitation struct {
	ID         string `json:"id"`
	Generation int    `json:"generation"`
}

// Kind implements jobs.Args.
func (sendInvitation) Kind() string { return "identity.send-invitation" }

// sendReset mails the link of a reset, if the address has an account.
type sendReset struct {
	ID string `json:"id"`
}

// Kind implements jobs.Args.
func (sendReset) Kind() string { return "identity.send-reset" }

// sweepOld deletes what has expired.
type sweepOld struct{}

// Kind implements jobs.Args.
func (sweepOld) Kind() string { return "identity.sweep" }

// RegisterJobs adds identity's jobs to the registry of its store.
func (i *Identity) RegisterJobs(r *jobs.Registry) {
	jobs.Handle(r, i.mailInvitation)
	jobs.Handle(r, i.mailReset)
	jobs.Handle(r, func(ctx context.Context, _ sweepOld) error { return i.sweep(ctx) })
	jobs.Every(r, time.Hour, func() jobs.Args { return sweepOld{} })
}

// send has a mail sent if the transaction commits.
func (i *Identity) send(ctx context.Context, tx db.Tx, args jobs.Args) error {
	if i.queue == nil {
		return fault.New(fault.Unavailable, "Mail can't be sent right now. Try again in a minute.")
	}
	return i.queue.Insert(ctx, tx, args)
}

func (i *Identity) mailInvitation(ctx context.Context, args sendInvitation) error {
	var v *invitation
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		v, err = scanInvitation(tx.QueryRow(ctx, `SELECT `+invitationColumns+` FROM invitations
			WHERE id = $1 AND generation = $2 AND closed_at = 0 AND expires_at > $3`, args.ID, args.Generation, db.Micros(i.clock.Now())))
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return nil // accepted, revoked or replaced meanwhile
	}
	if err != nil {
		return err
	}
	ctx = text.With(ctx, v.Lang, nil)
	name := i.site.In(v.Lang).Name
	return i.mailer.Send(ctx, mail.Message{
		To:      v.Login,
		Subject: text.T(ctx, "Your invitation to %s", name),
		Text: text.T(ctx, "Hello,") + "\n\n" +
			text.T(ctx, "%s invites you to work on its public pages and conversations. Open this link to make your account:", name) + "\n\n" +
			i.site.URL + "/invite/" + i.invitationToken(v).Text() + "\n\n" +
			text.T(ctx, "The link works once, for seven days. It is for you alone: please don't pass it on.") + "\n\n" +
			text.T(ctx, "If you did not expect this, you can ignore it; no account is made.") + "\n",
	})
}

func (i *Identity) mailReset(ctx context.Context, args sendReset) error {
	var a *account
	token := i.resetToken(args.ID)
	err := i.store.Read(ctx, func(tx db.Tx) (err error) {
		_, a, err = i.findReset(ctx, tx, token)
		return err
	})
	if fault.Is(err, fault.NotFound) {
		return nil // no such account, or too late
	}
	if err != nil {
		return err
	}
	if !isAddress(a.Login) {
		return nil
	}
	ctx = text.With(ctx, a.Lang, nil)
	return i.mailer.Send(ctx, mail.Message{
		To:      a.Login,
		Subject: text.T(ctx, "A new password for %s", i.site.In(a.Lang).Name),
		Text: text.T(ctx, "Hello,") + "\n\n" +
			text.T(ctx, "Somebody, probably you, asked for a new password. Open this link to choose one:") + "\n\n" +
			i.site.URL + "/sign-in/reset/" + token.Text() + "\n\n" +
			text.T(ctx, "The link works once, for one hour. You will also need your second factor.") + "\n\n" +
			text.T(ctx, "If it was not you, do nothing: your password stays as it is.") + "\n",
	})
}

// sweep deletes what has expired. It runs as a job.
func (i *Identity) sweep(ctx context.Context) error {
	now := i.clock.Now()
	return i.store.Write(ctx, func(tx db.Tx) error {
		for _, d := range []struct {
			stmt   string
			before time.Time
		}{
			{`DELETE FROM ceremonies WHERE expires_at < $1`, now},
			{`DELETE FROM throttle WHERE full_at < $1`, now},
			{`DELETE FROM sessions WHERE created_at < $1`, now.Add(-sessionLimit)},
			{`DELETE FROM resets WHERE created_at < $1`, now.Add(-30 * 24 * time.Hour)},
		} {
			if _, err := tx.Exec(ctx, d.stmt, db.Micros(d.before)); err != nil {
				return err
			}
		}
		return nil
	})
}
