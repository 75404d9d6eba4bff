package show

import (
	"context"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/vitals"
	"github.com/mitral-health/mitral/ui/text"
)

// Problem says what is the matter with what was typed.
func Problem(ctx context.Context, p *vitals.Problem) string {
	limit := Decimal(ctx, strings.TrimSuffix(p.Limit, ".0"))
	switch p.Code {
	case vitals.NoNumber:
		return text.T(ctx, "Type the number that your device shows.")
	case vitals.NotNumber:
		return text.T(ctx, "Type it in digits, with a comma or a point before the decimals.")
	case vitals.NotWhole:
		return text.T(ctx, "This is counted in whole numbers.")
	case vitals.TooFine:
		return text.T(ctx, "Three decimals are enough.")
	case vitals.TooLow:
		return text.T(ctx, "It can't be less than %s. Look at the device again.", limit)
	case vitals.TooHigh:
		return text.T(ctx, "It can't be more than %s. Look at the device again.", limit)
	case vitals.UpsideDown:
		return text.T(ctx, "The top number is always higher than the bottom one. Are they the wrong way round?")
	case vitals.NoTime, vitals.BadTime:
		return text.T(ctx, "Choose the day and the time when you measured.")
	case vitals.NoUnit, vitals.OtherUnit:
		return text.T(ctx, "Choose the unit.")
	case vitals.TooLong:
		return text.T(ctx, "The note is too long. Use at most %d characters.", 1000)
	case vitals.UnlikelyLow:
		return text.T(ctx, "That is unusually low.")
	case vitals.UnlikelyHigh:
		return text.T(ctx, "That is unusually high.")
	case vitals.UnlikelyApart:
		return text.T(ctx, "The two numbers are unusually near to or far from each other.")
	case vitals.UnlikelyJump:
		return text.T(ctx, "Last time it was %s.", limit)
	}
	return text.T(ctx, "This form is incomplete. Open the page again.")
}
