package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mitral-health/mitral/clinical"
)

//go:embed threads.yaml
var threadsFile []byte

type thread struct {
	Patient string `yaml:"patient"`
	Lines   []struct {
		Ago  float64 `yaml:"ago"` // hours
		By   string  `yaml:"by"`  // handle of a clinician; "" is the patient
		Text string  `yaml:"text"`
	} `yaml:"lines"`
}

// threads are the messages, each at its time.
func (b *builder) threads() (out []event, err error) {
	var all []thread
	dec := yaml.NewDecoder(bytes.NewReader(threadsFile))
	dec.KnownFields(true)
	if err := dec.Decode(&all); err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	for _, t := range all {
		newest := new(string) // of the patient's
		for _, l := range t.Lines {
			out = append(out, event{b.today.Add(-time.Duration(l.Ago * float64(time.Hour))), func(ctx context.Context) error {
				said := clinical.Said{Patient: t.Patient, Text: l.Text}
				if l.By != "" {
					said.By, said.Seen = b.staff(l.By), *newest
				}
				id, err := b.srv.Clinical.Say(ctx, said)
				if err != nil {
					return fmt.Errorf("a message of %s: %w", t.Patient, err)
				}
				if l.By == "" {
					*newest = id
				}
				return nil
			}})
		}
	}
	return out, nil
}
