package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// FieldSpec describes one control of a form. Its id is its name; hint and error have ids derived
// from it, so that a screen reader hears label, hint and error, in this order.
type FieldSpec struct {
	Name         string
	Label        string
	Hint         string
	Type         string // of an input; "" is text
	Value        string
	Error        string
	Autocomplete string
	InputMode    string
	Required     bool
	Optional     bool // the label says so
	Checked      bool // of a Checkbox
	Rows         int  // of a TextArea; 0 is 4
	MaxLength    int
	Lang         string // of what is written
	Class        string // "short" and "tiny" narrow the control to what it holds
	Attrs        templ.Attributes
}

// Option is one choice of a Select, of Radios or of Checkboxes.
type Option struct {
	Value, Label, Hint string
	Selected, Disabled bool
}

// FieldError is one line of the error summary; Name is the field that it leads to, "" none.
type FieldError struct{ Name, Text string }

func (f FieldSpec) describedBy() string {
	ids := ""
	if f.Hint != "" {
		ids = f.Name + "-hint"
	}
	if f.Error != "" {
		if ids != "" {
			ids += " "
		}
		ids += f.Name + "-error"
	}
	return ids
}

func (f FieldSpec) attrs() templ.Attributes {
	out := templ.Attributes{}
	if d := f.describedBy(); d != "" {
		out["aria-describedby"] = d
	}
	if f.Error != "" {
		out["aria-invalid"] = "true"
	}
	set := func(name, value string) {
		if value != "" {
			out[name] = value
		}
	}
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	set("lang", f.Lang)
	if f.Required {
		out["required"] = true
	}
	if f.MaxLength > 0 {
		out["maxlength"] = f.MaxLength
	}
	for k, v := range f.Attrs {
		out[k] = v
	}
	return out
}

func rows(f FieldSpec) int {
	if f.Rows > 0 {
		return f.Rows
	}
	return 4
}

// optionID gives the first option the field's own id, so that the error summary leads to it.
func optionID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i)
}
