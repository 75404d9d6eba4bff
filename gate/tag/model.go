package tag

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// Model is weights and words. It is immutable and safe for any number of goroutines.
type Model struct {
	stamps []uint64            // four features for each bucket, sixteen bits of each one's key
	rows   [][width / 8]uint64 // the weights of each plus 128, one byte for each label
	trans  transitions
	stay   stays
	beam   int32
	words  *Words
}

// bucketBits is the logarithm of the number of buckets.
const bucketBits = 15

// keep is how many features a model has at most, so that nearly all find room in their bucket.
const keep = 1 << bucketBits * 4 * 8 / 10

func bucket(key uint32) uint32 { return key >> (32 - bucketBits) }

// stamp is what tells features in a bucket apart; 0 is nobody's.
func stamp(key uint32) uint64 { return uint64(key&0xffff) | 1 }

func newModel(words *Words) *Model {
	return &Model{stamps: make([]uint64, 1<<bucketBits), rows: make([][width / 8]uint64, 4<<bucketBits), words: words}
}

// set gives a feature its weights if there is room.
func (m *Model) set(key uint32, w *[width]uint8) {
	b := bucket(key)
	for i := range uint32(4) {
		if m.stamps[b]>>(16*i)&0xffff == 0 {
			m.stamps[b] |= stamp(key) << (16 * i)
			r := &m.rows[4*b+i]
			for k, x := range w {
				r[k/8] |= uint64(x^128) << (8 * (k % 8))
			}
			return
		}
	}
}

// find returns the feature's row, or nil.
func (m *Model) find(key uint32) *[width / 8]uint64 {
	b := bucket(key)
	const ones = 0x0001000100010001
	x := m.stamps[b] ^ stamp(key)*ones
	hit := (x - ones) &^ x & (ones << 15)
	if hit == 0 {
		return nil
	}
	return &m.rows[4*b+uint32(bits.TrailingZeros64(hit)/16)]
}

//go:embed weights.bin
var weights []byte

const magic = "mitral-tag-2\n"

// Builtin reads the embedded model.
func Builtin() (*Model, error) { return Read(weights) }

// Read reads a model that Write wrote.
func Read(b []byte) (*Model, error) {
	wrong := errors.New("tag: these are no weights of this version")
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, wrong
	}
	r := flate.NewReader(bytes.NewReader(b[len(magic):]))
	m := newModel(NewWords())
	buf := make([]byte, (learned+1)*(learned+1)*4+learned*4+len(m.stamps)*8+len(m.rows)*labels+WordsSize*4+commonSize*8)
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
	for i := range m.stamps {
		m.stamps[i] = binary.LittleEndian.Uint64(buf)
		buf = buf[8:]
	}
	for k := range labels { // label by label, which packs better
		for i := range m.rows {
			m.rows[i][k/8] |= uint64(buf[i]^128) << (8 * (k % 8))
		}
		buf = buf[len(m.rows):]
	}
	for i := range m.words.slots { // plane by plane, for the same reason
		n := WordsSize
		m.words.slots[i] = uint32(buf[i]) | uint32(buf[n+i])<<8 | uint32(buf[2*n+i])<<16 | uint32(buf[3*n+i])<<24
	}
	buf = buf[4*WordsSize:]
	for i := range commonSize {
		m.words.common[i] = uint32(next())
	}
	for lang := range 2 {
		for i := range commonSize {
			m.words.classes[i][lang] = uint16(buf[i]) | uint16(buf[commonSize+i])<<8
		}
		buf = buf[2*commonSize:]
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
	for _, x := range m.stamps {
		raw = binary.LittleEndian.AppendUint64(raw, x)
	}
	for k := range labels {
		for i := range m.rows {
			x := byte(m.rows[i][k/8] >> (8 * (k % 8)))
			if m.stamps[i/4]>>(16*(i%4))&0xffff == 0 {
				x = 128
			}
			raw = append(raw, x^128)
		}
	}
	for shift := 0; shift < 32; shift += 8 {
		for _, s := range m.words.slots {
			raw = append(raw, byte(s>>shift))
		}
	}
	for _, h := range m.words.common {
		raw = binary.LittleEndian.AppendUint32(raw, h)
	}
	for lang := range 2 {
		for shift := 0; shift < 16; shift += 8 {
			for _, c := range m.words.classes {
				raw = append(raw, byte(c[lang]>>shift))
			}
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
			r := m.find(f)
			if r == nil {
				continue
			}
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
