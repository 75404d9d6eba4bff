package policy

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"
)

// ReadOrg reads what is the organisation's own from YAML (or JSON, which is YAML too). Unknown keys
// are refused.
func ReadOrg(name string, body []byte) (Org, error) {
	var f struct {
		Name    string   `yaml:"name"`
		Phones  []string `yaml:"phones"`
		Emails  []string `yaml:"emails"`
		Domains []string `yaml:"domains"`
		Address []string `yaml:"address"`
		Staff   []string `yaml:"staff"`
		Places  []string `yaml:"places"`
		Handles []string `yaml:"handles"`
		Public  []string `yaml:"public"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(body))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return Org{}, located(name, err)
	}
	return Org{Name: f.Name, Phones: f.Phones, Emails: f.Emails, Domains: f.Domains, Address: f.Address,
		Staff: f.Staff, Places: f.Places, Handles: f.Handles, PublicTo: f.Public}, nil
}
