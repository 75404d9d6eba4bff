package talk

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/fault"
)

const somePDF = "%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"

// bomb is a PNG that says it is huge.
func bomb(w, h uint32) []byte {
	be := binary.BigEndian
	chunk := func(kind string, body []byte) []byte {
		b := be.AppendUint32(nil, uint32(len(body)))
		b = append(append(b, kind...), body...)
		return be.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := append(be.AppendUint32(be.AppendUint32(nil, w), h), 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head)...)
	return append(append(b, chunk("IDAT", []byte("x\x9c\x03\x00"))...), chunk("IEND", nil)...)
}

func TestFiles(t *testing.T) {
	each(t, func(w *world) {
		key := strings.Repeat("ab", 16)
		tagged := snapshot(60, 40)
		tagged = []byte(string(tagged[:2]) + "\xff\xfe\x00\x0fGPSSECRET 41\x00" + string(tagged[2:]) + "<script>alert(1)</script>")
		for range 3 {
			rec := w.post("edda", own, map[string]string{"key": key, "text": "Look"}, part{"leg.svg", "image/svg+xml", tagged}, part{"../../letter.exe", "text/html", []byte(somePDF)})
			w.check(rec, 303, "sent=1", "sending")
		}
		if n := w.count(`SELECT count(*) FROM talk_messages`); n != 1 {
			t.Fatalf("%d messages", n)
		}
		all := w.written(doctor, "patient", "Patient/"+w.id["edda"])
		if p := all[0].Get("payload").Each(); len(p) != 3 || p[1].Path("contentAttachment", "contentType").Str() != "image/jpeg" || p[2].Path("contentAttachment", "title").Str() != "letter.pdf" {
			t.Errorf("payload %s", all[0].Bytes())
		}

		page := w.want("nurse", "GET", w.team("edda"), 200, "letter.pdf")
		photo, paper := find(t, page, `src="([^"]+/files/[^"]+)"`), find(t, page, `class="paper" href="([^"]+)"`)
		for who, path := range map[string]string{"nurse": photo, "edda": own + photo[strings.LastIndex(photo, "/files/"):]} {
			rec := w.do(who, "GET", path)
			h := rec.Header()
			if rec.Code != 200 || h.Get("Content-Type") != "image/jpeg" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Disposition") != "inline; filename=leg.jpg" ||
				h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || h.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: %d %v", who, rec.Code, h)
			}
			if b := rec.Body.Bytes(); bytes.Contains(b, []byte("SECRET")) || bytes.Contains(b, []byte("script")) {
				t.Error("something of the file besides its pixels survived")
			}
		}
		rec := w.do("nurse", "GET", paper)
		if rec.Body.String() != somePDF || rec.Header().Get("Content-Disposition") != "attachment; filename=letter.pdf" || rec.Header().Get("Content-Type") != "application/pdf" {
			t.Errorf("the paper: %v %q", rec.Header(), rec.Body.String())
		}
		id := photo[strings.LastIndex(photo, "/"):]
		w.want("ciro", "GET", own+"/files"+id, 404, "")
		w.want("nurse", "GET", w.team("ciro")+"/files"+id, 404, "")
		w.want("writer", "GET", photo, 403, "")

		// In the store of files lies nothing that can be read.
		_ = w.blobs.List(t.Context(), func(key string, _ int64) error {
			f, _, err := w.blobs.Get(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var b bytes.Buffer
			_, _ = b.ReadFrom(f)
			if bytes.Contains(b.Bytes(), []byte("PDF")) || bytes.Contains(b.Bytes(), []byte{0xff, 0xd8, 0xff}) {
				t.Errorf("%s can be read", key)
			}
			return nil
		})
		// Those of the second and third time go; those of the message stay.
		if err := w.talk.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.blobsKept(); n != 2 {
			t.Errorf("%d files after the sweep, want 2", n)
		}
		w.want("nurse", "GET", photo, 200, "")
	})
}

func TestFilesAreKeptForTheQuestion(t *testing.T) {
	each(t, func(w *world) {
		key := strings.Repeat("ab", 16)
		rec := w.post("edda", own, map[string]string{"key": key, "text": "I have chest pain"}, part{"a.jpg", "image/jpeg", snapshot(40, 30)})
		page := w.check(rec, 422, "Call 112", "asking")
		kept := find(t, page, `name="kept" value="([^"]+)"`)
		if n := w.count(`SELECT count(*) FROM talk_messages`); n != 0 {
			t.Fatal("sent before it was confirmed")
		}
		w.want("edda", "GET", own+"/files/"+kept, 404, "") // it belongs to no message yet
		// Nobody else can send it along.
		w.want("ciro", "POST", own, 303, "", "key", key, "text", "mine", "kept", kept)
		if n := w.count(`SELECT count(*) FROM talk_files WHERE message <> ''`); n != 0 {
			t.Error("somebody else sent the file")
		}
		w.want("edda", "POST", own, 303, "", "key", key, "text", "I have chest pain", "kept", kept, "sure", "yes")
		w.want("edda", "GET", own+"/files/"+kept, 200, "")

		// An upload whose message never comes goes after a day.
		w.check(w.post("edda", own, map[string]string{"key": key, "text": "chest pain again"}, part{"b.jpg", "image/jpeg", snapshot(40, 31)}), 422, "", "asking")
		w.clock.Advance(keptFor - time.Minute)
		_ = w.talk.Sweep(t.Context())
		if n := w.blobsKept(); n != 2 {
			t.Errorf("%d files before a day is over, want 2", n)
		}
		w.clock.Advance(2 * time.Minute)
		if err := w.talk.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.blobsKept(); n != 1 || w.count(`SELECT count(*) FROM talk_files`) != 1 {
			t.Errorf("%d files after a day, want 1", n)
		}
		// One that was taken out goes at the next sweep.
		page = w.check(w.post("edda", own, map[string]string{"key": key, "text": "chest pain"}, part{"b.jpg", "image/jpeg", snapshot(40, 31)}), 422, "", "asking")
		kept = find(t, page, `name="kept" value="([^"]+)"`)
		if page := w.want("edda", "POST", own, 422, "", "key", key, "text", "fine", "kept", kept, "drop", kept); strings.Contains(page, kept) {
			t.Error("the file is still in the form")
		}
		if err := w.talk.Sweep(t.Context()); err != nil || w.blobsKept() != 1 {
			t.Errorf("%d files, %v", w.blobsKept(), err)
		}
	})
}

func TestHostileFiles(t *testing.T) {
	each(t, func(w *world) {
		key := strings.Repeat("ab", 16)
		heic := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), make([]byte, 100)...)
		for name, c := range map[string]struct {
			data []byte
			says string
		}{
			"a page that calls itself a photo": {[]byte("<html><script>alert(1)</script>"), "not a picture we can read"},
			"a drawing with a script":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "not a picture we can read"},
			"an archive":                       {[]byte("PK\x03\x04" + strings.Repeat("x", 100)), "not a picture we can read"},
			"a program":                        {[]byte("MZ" + strings.Repeat("x", 100)), "not a picture we can read"},
			"a PDF that isn't at the start":    {[]byte("<html>" + somePDF), "not a picture we can read"},
			"half a PDF":                       {[]byte("%PDF-1.7\n" + strings.Repeat("x", 5000)), "did not arrive whole"},
			"a gigapixel":                      {bomb(30000, 30000), "too many pixels"},
			"a long line":                      {bomb(16, 19000), "too long and thin"},
			"half a photo":                     {snapshot(200, 200)[:700], "damaged"},
			"an iPhone's":                      {heic, "HEIC"},
			"too heavy":                        {append([]byte("\xff\xd8\xff"), make([]byte, maxFile)...), "15 MB"},
		} {
			rec := w.post("edda", own, map[string]string{"key": key, "text": "With a " + name}, part{"photo.jpg", "image/jpeg", c.data})
			if page := rec.Body.String(); rec.Code != 422 || !strings.Contains(strings.ReplaceAll(page, "&#39;", "'"), c.says) || !strings.Contains(page, "There is a problem") {
				t.Errorf("%s: %d, want %q\n%.300s", name, rec.Code, c.says, page)
			}
		}
		five := make([]part, 5)
		for i := range five {
			five[i] = part{"a.jpg", "image/jpeg", snapshot(20+i, 20)}
		}
		w.check(w.post("edda", own, map[string]string{"key": key, "text": "five"}, five...), 422, "at most 4", "five files")
		if n := w.count(`SELECT count(*) FROM talk_messages`); n != 0 {
			t.Errorf("%d messages", n)
		}
		// Whatever is in the name, what is shown is a name.
		for given, want := range map[string]string{"": "file.pdf", "..": "file.pdf", "a\u202egpj.exe": "agpj.pdf", "x\" onload=1.pdf": "x onload1.pdf", strings.Repeat("ñ", 300): strings.Repeat("ñ", 80) + ".pdf"} {
			if got := titled(given, ".pdf"); got != want {
				t.Errorf("%q is called %q, want %q", given, got, want)
			}
		}
	})
}

func TestStoreOfFilesIsDown(t *testing.T) {
	each(t, func(w *world) {
		w.blobs.Close()
		rec := w.post("edda", own, map[string]string{"key": strings.Repeat("ab", 16), "text": "x"}, part{"a.jpg", "image/jpeg", snapshot(40, 30)})
		if rec.Code != 503 || w.count(`SELECT count(*) FROM talk_messages`) != 0 {
			t.Errorf("%d %.300s", rec.Code, rec.Body)
		}
		if n := w.count(`SELECT count(*) FROM talk_files WHERE at > $1`, db.Micros(w.clock.Now().Add(-time.Hour))); n != 1 {
			t.Errorf("%d known to the sweep, want 1", n)
		}
	})
}

func FuzzRecognise(f *testing.F) {
	f.Add([]byte(somePDF), "a.pdf")
	f.Add(snapshot(30, 20), "a.jpg")
	f.Add(bomb(17, 17), "b.png")
	f.Add([]byte("\x00\x00\x00\x18ftypheic"), "\u202e.exe")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		if len(data) > 24 && string(data[1:4]) == "PNG" && binary.BigEndian.Uint32(data[16:])/128*(binary.BigEndian.Uint32(data[20:])/128) > 0 {
			return // a large picture is only slow here
		}
		got, out, err := recognise(data, name)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("not a fault of the sender: %v", err)
			}
			return
		}
		if len(got.Title) < 5 || strings.ContainsAny(got.Title, "/\\\"<>\x00\r\n\u202e") || disposition(got) == "" {
			t.Fatalf("called %q", got.Title)
		}
		switch got.Type {
		case paper:
			if !bytes.Equal(out, data) {
				t.Fatal("another paper than was sent")
			}
		case "image/jpeg", "image/png":
			if got.Wide > widest || got.High > highest || got.Wide < 1 || got.High < 1 {
				t.Fatalf("%d×%d", got.Wide, got.High)
			}
			if again, _, err := recognise(out, name); err != nil && got.Wide >= 16 && got.High >= 16 || err == nil && again.Type == paper {
				t.Fatalf("what was made is no picture: %v", err)
			}
		default:
			t.Fatalf("a file of type %q", got.Type)
		}
	})
}
