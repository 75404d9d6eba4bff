package main

import (
	"errors"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	wrongType    = regexp.MustCompile("cannot unmarshal (?:!!\\w+ `([^`]*)`|!!(\\w+)) into (\\S+)")
)

// plainYAML says what is wrong with a file in the words of who wrote it, not of the program's types.
func plainYAML(err error) error {
	var wrong *yaml.TypeError
	if !errors.As(err, &wrong) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var lines []string
	for _, line := range wrong.Errors {
		line = unknownField.ReplaceAllString(line, `there is no setting "$1" here`)
		line = wrongType.ReplaceAllStringFunc(line, func(s string) string {
			m := wrongType.FindStringSubmatch(s)
			what := `"` + m[1] + `"`
			if m[2] != "" {
				what = map[string]string{"map": "a group of settings", "seq": "a list"}[m[2]]
			}
			return what + " stands where " + wanted(m[3]) + " is wanted"
		})
		lines = append(lines, line)
	}
	return errors.New("\n  " + strings.Join(lines, "\n  "))
}

// wanted names what a field takes.
func wanted(goType string) string {
	switch {
	case goType == "int":
		return "a whole number"
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string" || goType == "logs.Secret":
		return "a text"
	}
	return "a group of settings"
}
