package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretNeverShows(t *testing.T) {
	const s = Secret("hunter2")
	type config struct {
		Password Secret
		Keys     map[string]Secret
	}
	c := config{Password: s, Keys: map[string]Secret{"a": s}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{s, &c, c, []Secret{s}} {
			if out := fmt.Sprintf(verb, v); strings.Contains(out, "hunter2") || strings.Contains(out, fmt.Sprintf("%x", "hunter2")) || strings.Contains(out, fmt.Sprintf("%X", "hunter2")) {
				t.Errorf("%s of %T: %s", verb, v, out)
			}
		}
	}
	b, err := json.Marshal(c)
	if err != nil || string(b) != `{"Password":"[secret]","Keys":{"a":"[secret]"}}` {
		t.Errorf("%s, %v", b, err)
	}
	var back config
	if err := json.Unmarshal([]byte(`{"Password":"hunter2"}`), &back); err != nil || string(back.Password) != "hunter2" {
		t.Errorf("read %q, %v", string(back.Password), err)
	}
	for _, asJSON := range []bool{true, false} {
		var out bytes.Buffer
		log := New(&out, slog.LevelInfo, asJSON)
		log.Info("start", "password", s, "config", c, "error", fmt.Errorf("with %s: %w", s, errors.New("no")))
		if got := out.String(); strings.Contains(got, "hunter2") || strings.Count(got, "[secret]") != 4 {
			t.Errorf("json %v: %s", asJSON, got)
		}
	}
}

func TestNew(t *testing.T) {
	var out bytes.Buffer
	level := &slog.LevelVar{}
	log := New(&out, level, true).With("part", "web").WithGroup("g")
	log.Debug("quiet")
	if out.Len() != 0 {
		t.Errorf("below the level: %s", &out)
	}
	level.Set(slog.LevelDebug)
	log.Debug("loud", "n", 1)
	var line struct{ Time, Level, Msg string }
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Level != "DEBUG" || line.Msg != "loud" || !strings.HasSuffix(line.Time, "Z") {
		t.Errorf("%+v, %v", line, err)
	}
}
