package tag

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
)

// Model is weights and words. It is immutable and safe for any number of goroutines.
type Model struct {
	rows  [][width / 8]uint64 // weights plus 128, one byte for each label
	trans transitions
	stay  stays
	beam  int32
	words *Words
}

//go:embed weights.bin
var weights []byte

const magic = "mitral-tag-1\n"

// Builtin reads the embedded model.
func Builtin() (*Model, error) { return Read(weights) }

// Read reads a model that Write wrote.
func Read(b []byte) (*Model, error) {
	wrong := errors.New("tag: these are no weights of this version")
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, wrong
	}
	r := flate.NewReader(bytes.NewReader(b[len(magic):]))
	m := &Model{rows: make([][width / 8]uint64, 1<<rowBits), words: NewWords()}
	buf := make([]byte, (learned+1)*(learned+1)*4+learned*4+len(m.rows)*width+WordsSize*4)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, wrong
	}
	next := func() int32 {
		x := int32(binary.LittleEndian.Uint32(buf))
		buf = buf[4:]
		return x
	}
	for i := range m.trans {
		for k := range m.trans[i] {
			m.trans[i][k] = next()
		}
	}
	for i := range m.stay {
		m.stay[i] = next()
	}
	for i := range m.rows {
		for k := range m.rows[i] {
			m.rows[i][k] = binary.LittleEndian.Uint64(buf)
			buf = buf[8:]
		}
	}
	for i := range m.words.slots { // plane by plane, which packs better
		n := WordsSize
		m.words.slots[i] = uint32(buf[i]) | uint32(buf[n+i])<<8 | uint32(buf[2*n+i])<<16 | uint32(buf[3*n+i])<<24
	}
	m.limit()
	return m, nil
}

// Write packs the model.
func (m *Model) Write() ([]byte, error) {
	var raw []byte
	for i := range m.trans {
		for _, x := range m.trans[i] {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(x))
		}
	}
	for _, x := range m.stay {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(x))
	}
	for i := range m.rows {
		for _, x := range m.rows[i] {
			raw = binary.LittleEndian.AppendUint64(raw, x)
		}
	}
	for shift := 0; shift < 32; shift += 8 {
		for _, s := range m.words.slots {
			raw = append(raw, byte(s>>shift))
		}
	}
	out := bytes.NewBufferString(magic)
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// limit sets how far behind a label may be and still be followed: a third more than the transitions can
// make up for in one step. On held-out texts this finds what a search without end finds.
func (m *Model) limit() {
	low, high := m.stay[0], m.stay[0]
	for i := range m.trans {
		for _, x := range m.trans[i] {
			low, high = min(low, x), max(high, x)
		}
	}
	for _, x := range m.stay {
		low, high = min(low, x), max(high, x)
	}
	m.beam = (high - low) * 4 / 3
}

const evenBytes = 0x00ff00ff00ff00ff

// score adds up the weights of each token's features, eight labels at a time: bytes are added in
// lanes of sixteen bits, which perToken of them can't overflow.
func (m *Model) score(t *Tagger) {
	n := len(t.toks)
	if cap(t.emit) < n {
		t.emit = make([]scores, n+n/2)
	}
	t.emit = t.emit[:n]
	for i := range t.emit {
		var e0, e1, e2, e3, e4, o0, o1, o2, o3, o4 uint64
		for _, f := range t.rows[i*perToken : (i+1)*perToken] {
			r := &m.rows[f]
			e0, o0 = e0+r[0]&evenBytes, o0+r[0]>>8&evenBytes
			e1, o1 = e1+r[1]&evenBytes, o1+r[1]>>8&evenBytes
			e2, o2 = e2+r[2]&evenBytes, o2+r[2]>>8&evenBytes
			e3, o3 = e3+r[3]&evenBytes, o3+r[3]>>8&evenBytes
			e4, o4 = e4+r[4]&evenBytes, o4+r[4]>>8&evenBytes
		}
		even, odd := [width / 8]uint64{e0, e1, e2, e3, e4}, [width / 8]uint64{o0, o1, o2, o3, o4}
		e := &t.emit[i]
		for k := range even {
			for lane := range 4 {
				e[8*k+2*lane] = int32(even[k] >> (16 * lane) & 0xffff)
				e[8*k+2*lane+1] = int32(odd[k] >> (16 * lane) & 0xffff)
			}
		}
	}
}
