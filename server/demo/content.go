package demo

import (
	"bytes"
	"embed"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/mitral-health/mitral/identity"
)

//go:embed content.yaml
var contentFile []byte

//go:embed art/*.png
var art embed.FS

type content struct {
	Profiles  []profile   `yaml:"profiles"`
	Topics    []topic     `yaml:"topics"`
	Posts     []post      `yaml:"posts"`
	Drafts    []draft     `yaml:"drafts"`
	Scheduled []scheduled `yaml:"scheduled"`
	Accounts  []person    `yaml:"accounts"`
}

type profile struct {
	Handle     string `yaml:"handle"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
	NameES     string `yaml:"name_es"`
	Art        string `yaml:"art"`
	Title      string `yaml:"title"`
	TitleES    string `yaml:"title_es"`
	Bio        string `yaml:"bio"`
	BioES      string `yaml:"bio_es"`
	Department string `yaml:"department"`
	Verified   bool   `yaml:"verified"`
	Login      string `yaml:"login"`
}

type topic struct {
	Slug string `yaml:"slug"`
	EN   string `yaml:"en"`
	ES   string `yaml:"es"`
}

// words are a text in both languages.
type words struct {
	Title   string `yaml:"title"`
	Body    string `yaml:"body"`
	Alt     string `yaml:"alt"`
	TitleES string `yaml:"title_es"`
	BodyES  string `yaml:"body_es"`
	AltES   string `yaml:"alt_es"`
}

type post struct {
	By     string   `yaml:"by"`
	Kind   string   `yaml:"kind"`
	Ago    float64  `yaml:"ago"` // hours
	Topics []string `yaml:"topics"`
	Art    string   `yaml:"art"`
	words  `yaml:",inline"`
}

type draft struct {
	Author string   `yaml:"author"`
	By     string   `yaml:"by"`
	Lang   string   `yaml:"lang"`
	Topics []string `yaml:"topics"`
	Submit bool     `yaml:"submit"`
	Ago    float64  `yaml:"ago"`
	words  `yaml:",inline"`
}

type scheduled struct {
	Author string   `yaml:"author"`
	By     string   `yaml:"by"`
	Lang   string   `yaml:"lang"`
	Topics []string `yaml:"topics"`
	Hours  float64  `yaml:"hours"` // from now
	words  `yaml:",inline"`
}

type person struct {
	Login    string          `yaml:"login"`
	Name     string          `yaml:"name"`
	Lang     string          `yaml:"lang"`
	Roles    []identity.Role `yaml:"roles"`
	Patient  string          `yaml:"patient"`   // logical id of the record that the account is for
	CaresFor string          `yaml:"cares_for"` // of the patient for whom its owner may act
}

// read parses the invented content; an error is a mistake in this package.
func read() (content, error) {
	var c content
	dec := yaml.NewDecoder(bytes.NewReader(contentFile))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil {
		return c, fmt.Errorf("demo content: %w", err)
	}
	return c, nil
}
