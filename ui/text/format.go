package text

import (
	"fmt"
	"strconv"
	"strings"
)

// format fills the %s, %d and %[n]s of a form. It knows no other verb; %% is a per cent sign. An
// argument too few shows as nothing, so that a mistake in a translation never breaks a page.
func format(form string, args []any) string {
	if len(args) == 0 && !strings.Contains(form, "%%") {
		return form
	}
	var b strings.Builder
	b.Grow(len(form) + 16*len(args))
	next := 0
	for {
		i := strings.IndexByte(form, '%')
		if i < 0 || i+1 == len(form) {
			b.WriteString(form)
			return b.String()
		}
		b.WriteString(form[:i])
		form = form[i+1:]
		if form[0] == '[' {
			if n, rest, ok := strings.Cut(form[1:], "]"); ok && rest != "" {
				if k, err := strconv.Atoi(n); err == nil {
					next, form = k-1, rest
				}
			}
		}
		verb := form[0]
		form = form[1:]
		switch verb {
		case 's', 'd', 'v':
			if next >= 0 && next < len(args) {
				write(&b, args[next])
			}
			next++
		case '%':
			b.WriteByte('%')
		default:
			b.WriteByte('%')
			b.WriteByte(verb)
		}
	}
}

func write(b *strings.Builder, arg any) {
	switch v := arg.(type) {
	case string:
		b.WriteString(v)
	case int:
		b.WriteString(strconv.Itoa(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	default:
		fmt.Fprint(b, v)
	}
}

// verbs counts the arguments that a form takes.
func verbs(form string) int { return len(placeholders(form)) }

// placeholders returns the verbs of a form, the numbered ones with their number.
func placeholders(form string) []string {
	var out []string
	for i := 0; i+1 < len(form); i++ {
		if form[i] != '%' {
			continue
		}
		rest := form[i+1:]
		switch {
		case rest[0] == '%':
			i++
		case rest[0] == 's' || rest[0] == 'd' || rest[0] == 'v':
			out = append(out, rest[:1])
		case rest[0] == '[':
			if end := strings.IndexByte(rest, ']'); end > 0 && end+1 < len(rest) {
				out = append(out, rest[:end+2])
			}
		}
	}
	return out
}

// group writes n as the language does: English parts every thousand by a comma, Spanish by a point
// and only from five digits on (CLDR, minimumGroupingDigits 2).
func group(lang string, n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	least, mark := 4, ","
	if lang == "es" {
		least, mark = 5, "."
	}
	if len(s) < least {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	head := len(s) % 3
	b.WriteString(s[:head])
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			b.WriteString(mark)
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}
