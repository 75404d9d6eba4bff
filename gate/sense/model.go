// Package sense reads what a short text says as a whole: a linear model over hashed words, word classes
// and pieces of context. It says how much a text is like those that told of a patient, and which words
// speak most for it. It is pure; imports nothing of Mitral.
package sense

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// Heads is how many questions a model answers at once. The first is whether a text may go out at all,
// the others what it tells.
const Heads = 12

// Model is weights, and the classes of common words. It is immutable and safe for any number of
// goroutines.
type Model struct {
	names []string
	bias  [Heads]float64
	scale [Heads]float64
	sieve []uint64 // says no to most features without weights, from little memory
	slots []slot
	words map[uint32]uint16
}

// slot holds a feature and what it weighs for each head plus 128, side by side: finding both is one wait for memory.
type slot struct {
	key     uint32
	weights [Heads]byte
}

//go:embed model.bin
var builtin []byte

// Builtin reads the embedded model.
func Builtin() (*Model, error) { return Read(builtin) }

const (
	magic     = "mitral-sense-2\n"
	slotBits  = 18
	sieveBits = 20
)

// Row is what one feature weighs for each head.
type Row struct {
	Key     uint32
	Weights [Heads]int8
}

// Parts is what a model is made of.
type Parts struct {
	Names       []string
	Bias, Scale [Heads]float64
	Rows        []Row
	Words       []Word
}

// Word is a word's hash and the class of words that it belongs to.
type Word struct {
	Hash  uint32
	Class uint16
}

// Make builds a model.
func Make(p Parts) (*Model, error) {
	if len(p.Names) > Heads || len(p.Rows) > 1<<slotBits/2 {
		return nil, errors.New("sense: too many heads or weights")
	}
	m := &Model{names: p.Names, bias: p.Bias, scale: p.Scale, words: make(map[uint32]uint16, len(p.Words)),
		sieve: make([]uint64, 1<<(sieveBits-6)), slots: make([]slot, 1<<slotBits)}
	for _, r := range p.Rows {
		i := slotOf(r.Key)
		for m.slots[i].key != 0 {
			i = (i + 1) & (1<<slotBits - 1)
		}
		m.slots[i].key = r.Key
		m.sieve[r.Key>>(38-sieveBits)] |= 1 << (r.Key >> (32 - sieveBits) & 63)
		for h, w := range r.Weights {
			m.slots[i].weights[h] = byte(int(w) + 128)
		}
	}
	for _, w := range p.Words {
		m.words[w.Hash] = w.Class
	}
	return m, nil
}

func slotOf(key uint32) uint32 { return key * 0x9e3779b1 >> (32 - slotBits) }

// maybe is 0 for most features without weights, 1 for all others.
func (m *Model) maybe(key uint32) int {
	return int(m.sieve[key>>(38-sieveBits)] >> (key >> (32 - sieveBits) & 63) & 1)
}

// row returns the weights of a feature, nil if it has none.
func (m *Model) row(key uint32) *[Heads]byte {
	i := slotOf(key)
	for {
		switch m.slots[i].key {
		case key:
			return &m.slots[i].weights
		case 0:
			return nil
		}
		i = (i + 1) & (1<<slotBits - 1)
	}
}

// Class is the class of a common word by its hash, 0 if it has none.
func (m *Model) Class(hash uint32) uint16 { return m.words[hash] }

// Head returns the number of a head, -1 if there is none of that name.
func (m *Model) Head(name string) int { return slices.Index(m.names, name) }

// Names lists the heads.
func (m *Model) Names() []string { return slices.Clone(m.names) }

// Write packs the parts of a model; the same parts give the same bytes.
func Write(p Parts) ([]byte, error) {
	le := binary.LittleEndian
	var raw []byte
	raw = append(raw, byte(len(p.Names)))
	for _, n := range p.Names {
		raw = append(append(raw, byte(len(n))), n...)
	}
	fixed := func(x float64) { raw = le.AppendUint32(raw, uint32(int32(x*(1<<20)))) }
	for h := range p.Names {
		fixed(p.Bias[h])
		fixed(p.Scale[h])
	}
	rows, words := slices.Clone(p.Rows), slices.Clone(p.Words)
	slices.SortFunc(rows, func(a, b Row) int { return int(int64(a.Key) - int64(b.Key)) })
	slices.SortFunc(words, func(a, b Word) int { return int(int64(a.Hash) - int64(b.Hash)) })
	raw = le.AppendUint32(raw, uint32(len(rows)))
	last := uint32(0)
	for _, r := range rows {
		raw = binary.AppendUvarint(raw, uint64(r.Key-last))
		last = r.Key
	}
	for h := range len(p.Names) {
		for _, r := range rows {
			raw = append(raw, byte(r.Weights[h]))
		}
	}
	raw = le.AppendUint32(raw, uint32(len(words)))
	last = 0
	for _, w := range words {
		raw = binary.AppendUvarint(raw, uint64(w.Hash-last))
		last = w.Hash
	}
	for _, w := range words {
		raw = le.AppendUint16(raw, w.Class)
	}
	out := bytes.NewBufferString(magic)
	z, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Read reads a model that Write wrote.
func Read(b []byte) (*Model, error) {
	p, err := Unpack(b)
	if err != nil {
		return nil, err
	}
	return Make(p)
}

// Unpack reads the parts that Write wrote.
func Unpack(b []byte) (p Parts, err error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return p, errWrong
	}
	r := &unpacker{r: bytes.NewReader(nil)}
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b[len(magic):])), 16<<20))
	if err != nil {
		return p, errWrong
	}
	r.r.Reset(raw)
	for range min(int(r.byte()), Heads) {
		name := make([]byte, r.byte())
		r.full(name)
		p.Names = append(p.Names, string(name))
	}
	for h := range p.Names {
		p.Bias[h] = float64(int32(r.uint32())) / (1 << 20)
		p.Scale[h] = float64(int32(r.uint32())) / (1 << 20)
	}
	p.Rows = make([]Row, min(r.uint32(), 1<<slotBits/2))
	last := uint32(0)
	for i := range p.Rows {
		last += r.varint()
		p.Rows[i].Key = last
	}
	for h := range p.Names {
		for i := range p.Rows {
			p.Rows[i].Weights[h] = int8(r.byte())
		}
	}
	p.Words = make([]Word, min(r.uint32(), 1<<18))
	last = 0
	for i := range p.Words {
		last += r.varint()
		p.Words[i].Hash = last
	}
	for i := range p.Words {
		p.Words[i].Class = uint16(r.byte()) | uint16(r.byte())<<8
	}
	return p, r.err
}

var errWrong = errors.New("sense: these are no weights of this version")

// unpacker reads; after an error it gives zeros.
type unpacker struct {
	r   *bytes.Reader
	err error
}

func (u *unpacker) byte() byte {
	b, err := u.r.ReadByte()
	if err != nil {
		u.err = errWrong
	}
	return b
}

func (u *unpacker) full(b []byte) {
	if _, err := io.ReadFull(u.r, b); err != nil {
		u.err = errWrong
	}
}

func (u *unpacker) uint32() uint32 {
	var b [4]byte
	u.full(b[:])
	return binary.LittleEndian.Uint32(b[:])
}

func (u *unpacker) varint() uint32 {
	x, err := binary.ReadUvarint(u.r)
	if err != nil {
		u.err = errWrong
	}
	return uint32(x)
}
