// Package media keeps pictures: what somebody uploads is decoded within strict limits, turned
// upright, stripped of everything that is not a pixel (camera data, places, names, profiles),
// re-encoded and stored in a few widths under the hash of its content. Nothing of the original file
// survives, so a file that pretends to be two things at once becomes an ordinary picture.
//
// A picture is public only while something public uses it (Use); until then only signed-in staff
// get it, and after a day without any use it is swept away. May import platform and identity.
package media

import (
	"strconv"
	"strings"

	"github.com/mitral-health/mitral/platform/blob"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/id"
)

// ID names a stored picture.
type ID = id.Of[Image]

// Image is a stored picture. Its words (the alternative text) belong to each use of it, in the
// language of that use, so they are not here.
type Image struct {
	ID     ID
	Hash   string // SHA-256 of the largest stored picture, hex: what the gate binds
	Type   string // image/jpeg or image/png
	Width  int    // of the largest stored picture, in pixels, upright
	Height int
	Widths []int  // what is stored, narrowest first
	Tone   string // three digits 0–3, the red, green and blue of its mean colour: class "tone-213"
}

// Widths in pixels that a picture is stored in, as far as it is that wide: a phone, a phone's dense
// screen or a column, and a wide page.
var widths = []int{480, 960, 1600}

// URL returns the address of the narrowest stored picture at least width pixels wide, or of the
// largest.
func (i Image) URL(width int) string {
	for _, w := range i.Widths {
		if w >= width {
			return "/media/" + i.key(w)
		}
	}
	return "/media/" + i.key(i.Width)
}

// SrcSet returns the value of an img element's srcset attribute.
func (i Image) SrcSet() string {
	var b strings.Builder
	for n, w := range i.Widths {
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString("/media/" + i.key(w) + " " + strconv.Itoa(w) + "w")
	}
	return b.String()
}

// key is the name of one stored size: 32 digits of the hash, the width, the type.
func (i Image) key(width int) string {
	ext := ".jpg"
	if i.Type == "image/png" {
		ext = ".png"
	}
	return i.Hash[:32] + "-" + strconv.Itoa(width) + ext
}

// Store keeps pictures in the social database and in the files' store.
type Store struct {
	store *db.DB
	blobs blob.Store
	clock clock.Clock
	turn  chan struct{} // one decode at a time: a large picture takes a lot of memory
}

// New returns the store of pictures.
func New(store *db.DB, blobs blob.Store, c clock.Clock) *Store {
	return &Store{store: store, blobs: blobs, clock: c, turn: make(chan struct{}, 1)}
}
