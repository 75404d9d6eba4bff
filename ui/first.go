package ui

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
)

// carried is what a page carries in itself of the stylesheet when somebody comes from elsewhere: they have nothing of
// ours yet, and every file that the first screen must wait for is another round trip. The whole sheet follows at
// the end of such a page. Its rules are the same ones in the same order, so nothing moves when it comes.
type carried struct {
	element string // <style>…</style>
	hash    string // of what is between, as the content security policy names it
}

// A section of a stylesheet begins with a comment at the beginning of a line and ends before the next. "late:" in it is
// what no first screen needs, "public:" what the private chamber does without.
var (
	section = regexp.MustCompile(`(?m)^/\*`)
	late    = regexp.MustCompile(`^/\* late:`)
	without = regexp.MustCompile(`^/\* (?:late|public):`)
)

// carry makes of some stylesheets what a page carries of them, but for sections that begin like leave.
func (s *assetSet) carry(leave *regexp.Regexp, names ...string) *carried {
	var css bytes.Buffer
	for _, sheet := range names {
		raw := read("css/" + sheet + ".css")
		begins := append(section.FindAllIndex(raw, -1), []int{len(raw)})
		css.Write(raw[:begins[0][0]])
		for i, b := range begins[:len(begins)-1] {
			if part := raw[b[0]:begins[i+1][0]]; !leave.Match(part) {
				css.Write(part)
			}
		}
		css.WriteByte('\n')
	}
	body := s.refer(minify(css.Bytes()))
	sum := sha256.Sum256(body)
	return &carried{"<style>" + string(body) + "</style>", "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"}
}

// StyleHashes are the sources of style that pages carry in themselves, for the content security policy.
func StyleHashes() []string { return []string{loaded().open.hash, loaded().own.hash} }

// FirstVisit tells whether a page is asked for by somebody who comes from elsewhere: by an address, a bookmark, another
// site. It needs no cookie. Programs that don't say where they come from get pages without styles in them.
func FirstVisit(r *http.Request) bool {
	from := r.Header.Get("Sec-Fetch-Site")
	return from != "" && from != "same-origin"
}

// styles is what the page carries in itself; nil if it waits for the sheets, as the desk does.
func (p Page) styles(ctx context.Context, class string) *carried {
	switch {
	case !From(ctx).First || class == "staff":
		return nil
	case p.Chamber == ChamberPrivate:
		return loaded().own
	}
	return loaded().open
}
