package server

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// key returns the program's secret of 32 bytes: the configured one, or one kept in the data folder
// and made on the first start.
func (c *Config) key() ([]byte, error) {
	if c.Key != "" {
		return base64.StdEncoding.DecodeString(string(c.Key))
	}
	path := filepath.Join(c.Data, "key")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, 32)
		rand.Read(fresh)
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return nil, err
		}
		// O_EXCL: of two programs that start together, one writes and the other reads.
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_, err = f.WriteString(base64.StdEncoding.EncodeToString(fresh) + "\n")
			err = errors.Join(err, f.Sync(), f.Close())
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		b, err = os.ReadFile(path)
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	k, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(k) != 32 {
		return nil, fmt.Errorf("%s does not hold 32 bytes in base64: restore it from a backup", path)
	}
	return k, nil
}

// derive makes a key of its own for each use, so that none can stand in for another.
func derive(key []byte, use string) []byte {
	k, err := hkdf.Key(sha256.New, key, nil, "mitral "+use, 32)
	if err != nil {
		panic(err) // only for lengths that SHA-256 can't give
	}
	return k
}
