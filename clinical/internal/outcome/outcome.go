// Package outcome is how the private chamber says, in FHIR's own terms, what is wrong with what it
// was sent: OperationOutcome (http://hl7.org/fhir/R4/operationoutcome.html). Imports nothing of
// Mitral.
//
// A diagnostics text names elements, parameters and codes of the standard, and values only of the
// request that it answers. It never tells of another record, and it is never logged.
package outcome

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Severity is how bad an issue is (http://hl7.org/fhir/issue-severity).
type Severity string

// The severities.
const (
	Fatal       Severity = "fatal"
	Err         Severity = "error"
	Warning     Severity = "warning"
	Information Severity = "information"
)

// Code is the kind of an issue (http://hl7.org/fhir/issue-type).
type Code string

// The kinds in use.
const (
	Invalid       Code = "invalid"
	Structure     Code = "structure"
	Required      Code = "required"
	Value         Code = "value"
	Invariant     Code = "invariant"
	Login         Code = "login"
	Forbidden     Code = "forbidden"
	Processing    Code = "processing"
	NotSupported  Code = "not-supported"
	Duplicate     Code = "duplicate"
	MultipleMatch Code = "multiple-matches"
	NotFound      Code = "not-found"
	Deleted       Code = "deleted"
	TooLong       Code = "too-long"
	CodeInvalid   Code = "code-invalid"
	TooCostly     Code = "too-costly"
	BusinessRule  Code = "business-rule"
	Conflict      Code = "conflict"
	Transient     Code = "transient"
	Throttled     Code = "throttled"
	Exception     Code = "exception"
	Informational Code = "informational"
)

// Issue is one thing to say about a request.
type Issue struct {
	Severity    Severity
	Code        Code
	Diagnostics string // an English sentence
	Expression  string // FHIRPath of the element it is about, such as "Observation.component[1].code"; "" is the whole
}

// Error refuses a request: the HTTP status to answer with and why.
type Error struct {
	Status int
	Issues []Issue
}

// Error joins the diagnostics.
func (e *Error) Error() string {
	texts := make([]string, len(e.Issues))
	for i, is := range e.Issues {
		texts[i] = is.Diagnostics
		if is.Expression != "" {
			texts[i] = is.Expression + ": " + texts[i]
		}
	}
	return strings.Join(texts, "; ")
}

// New refuses with one issue. expression may be "".
func New(status int, code Code, expression, diagnostics string) *Error {
	return &Error{Status: status, Issues: []Issue{{Err, code, diagnostics, expression}}}
}

// Gone, absent and refused records have one answer, so that nobody learns which it was.
func Absent() *Error {
	return New(http.StatusNotFound, NotFound, "", "There is no such record, or none that you may see.")
}

// Of returns the outcome.Error in err's chain, or nil.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// JSON writes issues as an OperationOutcome. No issues say that all is well.
func JSON(issues []Issue) []byte {
	if len(issues) == 0 {
		issues = []Issue{{Information, Informational, "All OK", ""}}
	}
	type issue struct {
		Severity    Severity `json:"severity"`
		Code        Code     `json:"code"`
		Diagnostics string   `json:"diagnostics,omitempty"`
		Expression  []string `json:"expression,omitempty"`
	}
	out := struct {
		ResourceType string  `json:"resourceType"`
		Issue        []issue `json:"issue"`
	}{ResourceType: "OperationOutcome"}
	for _, is := range issues {
		one := issue{is.Severity, is.Code, is.Diagnostics, nil}
		if is.Expression != "" {
			one.Expression = []string{is.Expression}
		}
		out.Issue = append(out.Issue, one)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // strings only: it can't fail
	return bytes.TrimRight(b.Bytes(), "\n")
}
