package control

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
	"github.com/mitral-health/mitral/clinical/internal/people"
	"github.com/mitral-health/mitral/ui/text"
)

func purposeTitle(ctx context.Context, p Purpose) string {
	switch p {
	case Following:
		return text.T(ctx, "Your team follows what you measure at home")
	case Reminders:
		return text.T(ctx, "The app reminds you")
	case Sharing:
		return text.T(ctx, "Other programs read your record")
	}
	return text.T(ctx, "Research")
}

func purposeMeans(ctx context.Context, p Purpose) string {
	switch p {
	case Following:
		return text.T(ctx, "Each reading is held against the limits that you and your team agreed on. When one needs a look, your team is told.")
	case Reminders:
		return text.T(ctx, "At the times that you choose, on your phone or by mail. A reminder says that something waits, never what.")
	case Sharing:
		return text.T(ctx, "Programs that the centre has let in, such as a laboratory or another hospital that looks after you, read what they need over a protected connection. You see each look under “Who looked”.")
	}
	return text.T(ctx, "The centre may use your readings, without your name, for studies that an ethics committee has approved. Without your yes it never does.")
}

func purposeStops(ctx context.Context, p Purpose) string {
	switch p {
	case Following:
		return text.T(ctx, "from that moment nobody is alerted by your readings. They still reach your record. Your team is told that you stopped, so that they can ask how you are.")
	case Reminders:
		return text.T(ctx, "no reminder goes out any more.")
	case Sharing:
		return text.T(ctx, "from the next request on it is for them as if you weren’t here. What they have read already they keep by their own duties. What they have to send you, such as a result, still arrives.")
	}
	return text.T(ctx, "your readings go into no further study. What a finished study has worked out stays.")
}

func purposeIcon(p Purpose) string {
	switch p {
	case Following:
		return "heart-pulse"
	case Reminders:
		return "bell"
	case Sharing:
		return "share-2"
	}
	return "lightbulb"
}

// sinceWord says since when, or that it is what holds by itself.
func sinceWord(ctx context.Context, s State) string {
	switch {
	case !s.Since.IsZero():
		return text.T(ctx, "Since %s.", text.DateTime(ctx, s.Since))
	case s.Allowed:
		return text.T(ctx, "as part of your care, until you say otherwise")
	}
	return text.T(ctx, "until you say yes")
}

func saidWord(ctx context.Context, s *State) string {
	if s.Allowed {
		return text.T(ctx, "Allowed: %s.", purposeTitle(ctx, s.Purpose))
	}
	return text.T(ctx, "Stopped: %s.", purposeTitle(ctx, s.Purpose))
}

func (l *looks) did() string {
	s := strings.Join(l.Did, ", ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func caringWord(ctx context.Context, all []people.Caregiver) string {
	var names []string
	waiting := 0
	for _, c := range all {
		if c.Since.IsZero() {
			waiting++
		} else {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, ", ")
	case waiting > 0:
		return text.N(ctx, waiting, "One invitation is open", "%d invitations are open")
	}
	return text.T(ctx, "Nobody")
}

// relationWord is who somebody is to the patient.
func relationWord(ctx context.Context, code string) string {
	switch code {
	case "SPS":
		return text.T(ctx, "Partner")
	case "CHILD":
		return text.T(ctx, "Daughter or son")
	case "PRN":
		return text.T(ctx, "Mother or father")
	case "SIB":
		return text.T(ctx, "Sister or brother")
	case "FAMMEMB":
		return text.T(ctx, "Somebody else of the family")
	case "FRND":
		return text.T(ctx, "Friend")
	case "NBOR":
		return text.T(ctx, "Neighbour")
	}
	return text.T(ctx, "Somebody else")
}

func groundWord(ctx context.Context, g people.Ground) string {
	switch g {
	case people.Guardian:
		return text.T(ctx, "Guardian by law")
	case people.Attorney:
		return text.T(ctx, "By power of attorney")
	}
	return text.T(ctx, "By the patient’s own choice")
}

// orAbsent is what was asked for and isn't there, unless something failed.
func orAbsent(err error) error {
	if err != nil {
		return err
	}
	return outcome.Absent()
}

// teamPurpose names a purpose for the team.
func teamPurpose(ctx context.Context, p Purpose) string {
	switch p {
	case Following:
		return text.T(ctx, "Following at home, with alerts")
	case Reminders:
		return text.T(ctx, "Reminders")
	case Sharing:
		return text.T(ctx, "Reading by programs of others")
	}
	return text.T(ctx, "Research")
}

func teamSince(ctx context.Context, s State) string {
	if s.Since.IsZero() {
		return text.T(ctx, "nothing said: this is what holds by itself")
	}
	return text.T(ctx, "Since %s.", text.DateTime(ctx, s.Since))
}
