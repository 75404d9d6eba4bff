package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/mitral-health/mitral/platform/fault"
)

// statuses is the one table from a kind of fault to HTTP.
var statuses = [...]int{
	fault.Internal:        http.StatusInternalServerError,
	fault.Invalid:         http.StatusBadRequest,
	fault.NotFound:        http.StatusNotFound,
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.Conflict:        http.StatusConflict,
	fault.TooLarge:        http.StatusRequestEntityTooLarge,
	fault.TooMany:         http.StatusTooManyRequests,
	fault.Unavailable:     http.StatusServiceUnavailable,
}

// statusGone is what the log says when the caller left before the answer; it is never sent.
const statusGone = 499

// errMethod marks the one status that HTTP knows and the domain does not.
var errMethod = errors.New("method not allowed")

// Status returns the HTTP status for err.
func Status(err error) int {
	if errors.Is(err, errMethod) {
		return http.StatusMethodNotAllowed
	}
	return statuses[fault.KindOf(err)]
}

// classify turns what the standard library says about a request into faults.
func classify(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal {
		return err
	}
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return tooLarge(big.Limit, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(err, fault.Unavailable, "This took too long. Please try again.")
	}
	return err
}

// tooLarge says how much would have been accepted.
func tooLarge(limit int64, cause error) error {
	const text = "What you sent is too large. The limit here is %d KB."
	if cause == nil {
		return fault.New(fault.TooLarge, text, max(limit>>10, 1))
	}
	return fault.Wrap(cause, fault.TooLarge, text, max(limit>>10, 1))
}
