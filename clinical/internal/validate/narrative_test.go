package validate

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/mitral-health/mitral/clinical/internal/resource"
)

// FuzzNarrative: what is accepted holds nothing that runs, as browsers read it too.
func FuzzNarrative(f *testing.F) {
	for _, s := range []string{
		`<div xmlns="http://www.w3.org/1999/xhtml"><p class="a">x &amp; y</p><!-- z --></div>`, `<div><!--><script>x</script>--></div>`,
		`<div><a href="java&#10;script:x">a</a></div>`, `<div style="color:red;background:url(data:image/png;base64,a)">a</div>`,
		`<div><table><tr><td colspan='2'>a<br/></td></tr></table></div>`, `<div><p title="--&gt;"/>a</div>`, `<div><![CDATA[<script>]]></div>`, `<div><img src="x" onerror="y"/></div>`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v := resource.S(s)
		if narrative(&v) != "" {
			return
		}
		doc, err := html.Parse(strings.NewReader(s))
		if err != nil {
			t.Skip()
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if !tags[n.Data] && n.Data != "html" && n.Data != "head" && n.Data != "body" || n.Namespace != "" {
				t.Fatalf("%q: a browser sees <%s>", s, n.Data)
			}
			for _, a := range n.Attr {
				if !attributes[a.Key] || addresses[a.Key] && !harmless(a.Val) || a.Key == "style" && !plainStyle(a.Val) {
					t.Fatalf("%q: a browser sees %s=%q", s, a.Key, a.Val)
				}
			}
		}
	})
}
