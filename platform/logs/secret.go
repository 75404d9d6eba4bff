package logs

import (
	"fmt"
	"log/slog"
)

// Secret is text that must not be seen: a password, a key, a token. However it is printed (fmt with
// any verb, slog, JSON and other encodings of text) it reads "[secret]"; convert it to string where
// it is used.
type Secret string

const masked = "[secret]"

// String masks the secret.
func (Secret) String() string { return masked }

// GoString masks the secret under %#v.
func (Secret) GoString() string { return masked }

// Format masks the secret under every verb, the ones that print numbers or bytes included.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the secret in logs.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the secret in JSON and YAML. There is no UnmarshalText: reading keeps the text.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
