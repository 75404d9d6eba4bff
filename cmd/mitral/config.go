package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mitral-health/mitral/platform/logs"
	"github.com/mitral-health/mitral/server"
)

// settings are the flags that serve and its relatives share.
type settings struct {
	file, listen, data string
}

func (s *settings) register(fs *flag.FlagSet) {
	fs.StringVar(&s.file, "config", "", "configuration `file` (YAML); the environment (MITRAL_…) overrides it, flags override both")
	fs.StringVar(&s.listen, "listen", "", "`address` to answer on, host:port; port 0 picks a free one")
	fs.StringVar(&s.data, "data", "", "`folder` for databases, files and the key")
}

// load reads the configuration: defaults, then the file, then the environment, then flags.
func (s *settings) load(env []string) (server.Config, error) {
	cfg := server.Defaults()
	if s.file != "" {
		b, err := os.ReadFile(s.file)
		if err != nil {
			return cfg, err
		}
		dec := yaml.NewDecoder(bytes.NewReader(b))
		dec.KnownFields(true)
		if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
			return cfg, fmt.Errorf("%s: %w", s.file, plainYAML(err))
		}
	}
	if err := fromEnvironment(&cfg, env); err != nil {
		return cfg, err
	}
	if s.listen != "" {
		cfg.Listen = s.listen
	}
	if s.data != "" {
		cfg.Data = s.data
	}
	if err := cfg.Check(); err != nil {
		return cfg, err
	}
	return cfg, cfg.PrepareData()
}

// fromEnvironment sets every field that has a variable: MITRAL_ and the names of the file, joined by
// "_" in capitals (site.time_zone is MITRAL_SITE_TIME_ZONE). Lists are separated by commas.
func fromEnvironment(cfg *server.Config, env []string) error {
	given := map[string]string{}
	for _, e := range env {
		k, v, _ := strings.Cut(e, "=")
		if strings.HasPrefix(k, "MITRAL_") {
			given[k] = v
		}
	}
	return fill(reflect.ValueOf(cfg).Elem(), "MITRAL", given)
}

func fill(v reflect.Value, prefix string, given map[string]string) error {
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag.Get("yaml")
		if tag == "-" {
			continue
		}
		name, f := prefix+"_"+strings.ToUpper(tag), v.Field(i)
		if f.Kind() == reflect.Struct {
			if err := fill(f, name, given); err != nil {
				return err
			}
			continue
		}
		s, ok := given[name]
		if !ok {
			continue
		}
		switch f.Kind() {
		case reflect.String:
			f.SetString(s)
		case reflect.Int:
			n, err := strconv.Atoi(s)
			if err != nil {
				return fmt.Errorf("%s: want a whole number", name)
			}
			f.SetInt(int64(n))
		case reflect.Bool:
			b, err := strconv.ParseBool(s)
			if err != nil {
				return fmt.Errorf("%s: want true or false", name)
			}
			f.SetBool(b)
		case reflect.Slice:
			var list []string
			for part := range strings.SplitSeq(s, ",") {
				if part = strings.TrimSpace(part); part != "" {
					list = append(list, part)
				}
			}
			f.Set(reflect.ValueOf(list))
		}
	}
	return nil
}

// logger makes the log that the configuration asks for.
func logger(cfg server.Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Log.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %q is none of debug, info, warn, error", cfg.Log.Level)
	}
	return logs.New(w, level, cfg.Log.JSON), nil
}
