package control

import (
	"net/url"
	"path"
	"strings"

	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/clinical/internal/talk"
	"github.com/mitral-health/mitral/platform/fault"
)

// The files that came with messages, in the archive.

// attachments writes the files that came with messages.
func (a *archive) attachments() error {
	if a.Talk == nil {
		return nil
	}
	files, err := a.filesOf()
	if err != nil {
		return err
	}
	for _, f := range files {
		var data []byte
		err := a.look(func(t *records.Tx) (err error) {
			_, data, err = a.Talk.Open(a.v.Ctx(), t, a.v.Patient, f.ID)
			return err
		})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		w, err := a.create(fileName(f.ID, f.Title, f.Type))
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) filesOf() (files []talk.File, err error) {
	if a.Talk == nil {
		return nil, nil
	}
	err = a.look(func(t *records.Tx) (err error) {
		files, err = a.Talk.Files(a.v.Ctx(), t, a.v.Patient)
		return err
	})
	return files, err
}

func (a *archive) fileNames() (map[string]string, error) {
	files, err := a.filesOf()
	names := map[string]string{}
	for _, f := range files {
		names[f.ID] = (&url.URL{Path: fileName(f.ID, f.Title, f.Type)}).String()
	}
	return names, err
}

// fileName is where an attachment lies in the archive.
func fileName(id, title, kind string) string {
	ext := map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}[kind]
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(title, `\`, "/")), path.Ext(title))
	base = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|.`, r) {
			return '-'
		}
		return r
	}, base)
	if base = strings.Trim(base, "- "); base == "" {
		base = "file"
	}
	return "files/" + id + "-" + base + ext
}
