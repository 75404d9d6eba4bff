package talk

import (
	"io"
	"os"
)

// spool is a file that arrives, on the disk.
type spool struct{ file *os.File }

// spooled takes in all of r.
func spooled(r io.Reader) (*spool, error) {
	f, err := os.CreateTemp("", "mitral-file-")
	if err != nil {
		return nil, err
	}
	s := &spool{f}
	if _, err := io.Copy(f, r); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *spool) read() ([]byte, error) {
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(s.file, maxFile+1))
}

func (s *spool) end() { _, _ = s.file.Close(), os.Remove(s.file.Name()) }
