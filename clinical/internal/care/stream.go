package care

import (
	"net/http"
	"time"

	"github.com/mitral-health/mitral/clinical/internal/access"
	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/clinical/internal/records"
	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/web"
	"github.com/mitral-health/mitral/ui/text"
)

const (
	liveLasts = 2 * time.Minute  // of one stream: then the browser comes again, and is asked again who it is
	liveBeat  = 10 * time.Second // a sign of life between changes
	liveWrite = 5 * time.Second  // for a caller to take one frame
)

// stream is a route that stays open, and is no slow request in the log.
func stream(r *web.Route) { r.Timeout, r.Quiet = liveLasts, true }

// liveList is the stream. That it was opened is in the trail, as the list is.
func (c *Care) liveList(v *door.Visit) error {
	ref := v.Ref
	if v.R.URL.Query().Get("who") == "all" {
		ref = ""
	}
	if err := c.Records.Look(v.Ctx(), v.Ask, func(t *records.Tx) error {
		t.Note(access.Search, "live-list", "DetectedIssue", "", "")
		return nil
	}); err != nil {
		return err
	}
	one, at, err := c.live.join(text.Lang(v.Ctx()), ref)
	if err != nil {
		return err
	}
	defer c.live.leave(one)
	h := v.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy must not keep it back
	out := http.NewResponseController(v.W)
	write := func(frame []byte) bool {
		_ = out.SetWriteDeadline(clock.System{}.Now().Add(liveWrite)) // a writer without deadlines is a test's
		_, err := v.W.Write(frame)
		return err == nil && out.Flush() == nil
	}
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for ok := write([]byte("event: hello\ndata: {\"mark\":\"" + at + "\"}\n\n")); ok; {
		select {
		case frame, open := <-one.frames:
			ok = open && write(frame)
		case <-beat.C:
			still, err := v.Still() // a session that was ended elsewhere ends its streams
			if err != nil {
				return err
			}
			ok = still && write([]byte("event: beat\ndata: {}\n\n"))
		case <-v.Ctx().Done():
			return nil
		}
	}
	return nil
}
