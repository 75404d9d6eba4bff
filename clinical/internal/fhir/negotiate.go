package fhir

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/outcome"
)

// mediaType is what every answer is.
const mediaType = "application/fhir+json; charset=utf-8"

// form is how an answer should look.
type form struct {
	pretty   bool
	summary  string   // true, text, data, count or ""
	elements []string // top-level elements asked for
}

// readForm takes the parameters that are about the answer out of params. With search, _summary and
// _elements stay in as well, because they belong to the query and its links.
func readForm(h http.Header, params url.Values, search bool) (form, error) {
	var f form
	if wanted := params["_format"]; len(wanted) > 0 && wanted[0] != "" {
		for _, w := range wanted {
			if !isJSON(strings.ReplaceAll(w, " ", "+")) { // "+" unescaped in an address is a blank
				return f, notAcceptable()
			}
		}
	} else if !accepts(h["Accept"]) {
		return f, notAcceptable()
	}
	switch params.Get("_pretty") {
	case "", "false":
	case "true":
		f.pretty = true
	default:
		return f, outcome.New(http.StatusBadRequest, outcome.Value, "", "_pretty is true or false.")
	}
	f.summary = params.Get("_summary")
	if !slices.Contains([]string{"", "true", "text", "data", "count", "false"}, f.summary) {
		return f, outcome.New(http.StatusBadRequest, outcome.Value, "", "_summary is one of true, text, data, count and false.")
	}
	if f.summary == "false" {
		f.summary = ""
	}
	for _, list := range params["_elements"] {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				_, below, dotted := strings.Cut(name, ".") // "Patient.name" is as good as "name"
				if dotted {
					name = below
				}
				f.elements = append(f.elements, name)
			}
		}
	}
	params.Del("_format")
	params.Del("_pretty")
	if !search {
		params.Del("_summary")
		params.Del("_elements")
	}
	return f, nil
}

func notAcceptable() error {
	return outcome.New(http.StatusNotAcceptable, outcome.NotSupported, "", "Answers are JSON here: application/fhir+json.")
}

// isJSON reports whether a media type, or the short name of one, is FHIR's JSON in release 4.
func isJSON(s string) bool {
	t, args, err := mime.ParseMediaType(s)
	if err != nil {
		return false
	}
	if v, ok := args["fhirversion"]; ok && v != "4.0" && v != "4.0.1" {
		return false
	}
	return t == "application/fhir+json" || t == "application/json" || t == "text/json" || t == "json"
}

// accepts reports whether the Accept header lets us answer with JSON.
func accepts(lines []string) bool {
	any := false
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "" {
				continue
			}
			any = true
			t, args, err := mime.ParseMediaType(item)
			if err != nil || args["q"] == "0" || strings.HasPrefix(args["q"], "0.0") && strings.Trim(args["q"], "0.") == "" {
				continue
			}
			if t == "*/*" || t == "application/*" || isJSON(item) {
				return true
			}
		}
	}
	return !any
}

// checkType refuses a body of another kind than the interaction takes.
func checkType(h http.Header, types ...string) (string, error) {
	refuse := outcome.New(http.StatusUnsupportedMediaType, outcome.NotSupported, "", "Send the body as "+strings.Join(types, " or ")+".")
	t, args, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil || len(h["Content-Type"]) != 1 || !slices.Contains(types, t) {
		return "", refuse
	}
	if c := strings.ToLower(args["charset"]); c != "" && c != "utf-8" && c != "utf8" {
		return "", refuse
	}
	if v, ok := args["fhirversion"]; ok && v != "4.0" && v != "4.0.1" {
		return "", refuse
	}
	if e := h.Get("Content-Encoding"); e != "" && e != "identity" {
		return "", outcome.New(http.StatusUnsupportedMediaType, outcome.NotSupported, "", "Send the body without compression.")
	}
	return t, nil
}

// The media types of bodies.
const (
	typeFHIR  = "application/fhir+json"
	typeJSON  = "application/json"
	typePatch = "application/json-patch+json"
	typeForm  = "application/x-www-form-urlencoded"
)

// preference is what the Prefer header asks for.
type preference struct {
	give   string // "representation", "minimal" or "OperationOutcome"
	given  bool   // the client said so
	strict bool
}

func readPreference(h http.Header) preference {
	p := preference{give: "representation"}
	for _, line := range h["Prefer"] {
		for item := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == ',' || r == ';' }) {
			name, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "return":
				if value == "minimal" || value == "OperationOutcome" || value == "representation" {
					p.give, p.given = value, true
				}
			case "handling":
				p.strict = value == "strict"
			}
		}
	}
	return p
}
