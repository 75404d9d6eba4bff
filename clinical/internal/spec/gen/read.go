package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// definitions is what is read of the folder.
type definitions struct {
	structures []structure
	elements   map[string]element // dataelements.json, by path
	order      []string           // its paths
	valueSets  map[string]valueSet
	systems    map[string]codeSystem
	search     []searchParam
	patient    compartment
}

type structure struct {
	Name, Kind, Type string
	Abstract         bool
	BaseDefinition   string
	Derivation       string
	FHIRVersion      string
	Snapshot         struct{ Element []element }
}

type element struct {
	Path                  string
	Min                   int
	Max                   string
	Type                  []elementType
	ContentReference      string
	IsModifier, IsSummary bool
	Constraint            []constraint
	Binding               struct{ Strength, ValueSet string }
}

type elementType struct {
	Code                   string
	Profile, TargetProfile []string
	Extension              []struct{ URL, ValueURL string }
}

type constraint struct{ Key, Severity, Human, Expression string }

type valueSet struct {
	URL     string
	Compose struct{ Include, Exclude []include }
}

type include struct {
	System   string
	Concept  []concept
	Filter   []struct{ Property, Op, Value string }
	ValueSet []string
}

type codeSystem struct {
	URL, Content string
	Concept      []concept
}

type concept struct {
	Code    string
	Concept []concept
}

type searchParam struct {
	URL, Version, Code, Type, Expression string
	Base, Target                         []string
	Component                            []struct{ Definition, Expression string }
}

type compartment struct {
	Resource []struct {
		Code  string
		Param []string
	}
}

func read(folder string) (*definitions, error) {
	d := &definitions{elements: map[string]element{}, valueSets: map[string]valueSet{}, systems: map[string]codeSystem{}}
	if err := readJSON(folder, "compartmentdefinition-patient.json", &d.patient); err != nil {
		return nil, err
	}
	for _, name := range []string{"profiles-types.json", "profiles-resources.json", "dataelements.json", "valuesets.json", "v3-codesystems.json", "search-parameters.json"} {
		var b struct {
			Entry []struct{ Resource json.RawMessage }
		}
		if err := readJSON(folder, name, &b); err != nil {
			return nil, err
		}
		for _, e := range b.Entry {
			if err := d.add(name, e.Resource); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return d, nil
}

func readJSON(folder, name string, into any) error {
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (d *definitions) add(file string, raw json.RawMessage) error {
	var head struct{ ResourceType string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	switch head.ResourceType {
	case "StructureDefinition":
		var s structure
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		switch {
		case file == "dataelements.json":
			e := s.Snapshot.Element[0]
			d.elements[e.Path] = e
			d.order = append(d.order, e.Path)
		case s.Derivation != "constraint" && s.Kind != "logical" && s.FHIRVersion == "4.0.1":
			d.structures = append(d.structures, s)
		}
	case "ValueSet":
		var v valueSet
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		d.valueSets[v.URL] = v
	case "CodeSystem":
		var c codeSystem
		if err := json.Unmarshal(raw, &c); err != nil {
			return err
		}
		d.systems[c.URL] = c
	case "SearchParameter":
		var p searchParam
		if err := json.Unmarshal(raw, &p); err != nil {
			return err
		}
		if p.Version == "4.0.1" {
			d.search = append(d.search, p)
		}
	}
	return nil
}

// compartment returns the parameters of a patient's compartment by resource type.
func (d *definitions) compartment() map[string][]string {
	out := map[string][]string{}
	for _, r := range d.patient.Resource {
		if len(r.Param) > 0 {
			out[r.Code] = r.Param
		}
	}
	return out
}

// last is what follows the last slash of an address.
func last(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
