package policy

import (
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/mitral-health/mitral/gate/scan"
)

// TestTheDemosPostsPass: what the invented centre has published, articles of several paragraphs among them, is
// what a health centre writes every day. Nothing of it may be held.
func TestTheDemosPostsPass(t *testing.T) {
	b, err := os.ReadFile("../../server/demo/content.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var demo struct {
		Posts []struct {
			Kind    string
			Title   string
			Body    string
			TitleES string `yaml:"title_es"`
			BodyES  string `yaml:"body_es"`
		}
	}
	if err := yaml.Unmarshal(b, &demo); err != nil || len(demo.Posts) < 20 {
		t.Fatalf("%d posts, %v", len(demo.Posts), err)
	}
	e := exampleEngine(t)
	for _, p := range demo.Posts {
		kind := scan.Post
		if p.Kind == "article" {
			kind = scan.Article
		}
		for lang, text := range map[string]string{"en": p.Title + "\n\n" + p.Body, "es": p.TitleES + "\n\n" + p.BodyES} {
			for _, f := range e.Scan(text, scan.Context{Kind: kind, Lang: lang, AuthorRole: "communications"}) {
				if f.Severity >= scan.Hold {
					t.Errorf("%s/%s holds %q in %.60q", f.Pack, f.Rule, text[f.Start:f.End], text)
				}
			}
		}
	}
}
