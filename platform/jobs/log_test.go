package jobs

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/mitral-health/mitral/platform/clock"
)

func TestLogTellsNoArguments(t *testing.T) {
	var out bytes.Buffer
	log := logger(slog.New(slog.NewTextHandler(&out, nil)), "social")
	log.Info("River client started")
	log.With("client_id", "c").Error("Job panicked", "job_id", 7, "panic_val", "Jane Roe", "payload", "Jane Roe")
	got := out.String()
	if strings.Contains(got, "started") || strings.Contains(got, "Jane") {
		t.Errorf("logged %s", got)
	}
	if !strings.Contains(got, "job_id=7") || !strings.Contains(got, "store=social") || !strings.Contains(got, "client_id=c") {
		t.Errorf("not logged: %s", got)
	}
}

func TestRetries(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := retries{clock.At(now)}
	for _, c := range []struct {
		errors int
		unique bool
		want   time.Duration
	}{
		{0, false, time.Second},
		{3, false, 8 * time.Second},
		{9, false, 512 * time.Second},
		{10, false, 15 * time.Minute},
		{5000, false, 15 * time.Minute},
		{0, true, 7500 * time.Millisecond},
		{9, true, 512 * time.Second},
	} {
		job := &rivertype.JobRow{Errors: make([]rivertype.AttemptError, c.errors)}
		if c.unique {
			job.UniqueKey = []byte("k")
		}
		for range 100 {
			got := r.NextRetry(job).Sub(now)
			if got < c.want*9/10 || got > c.want*11/10 {
				t.Errorf("after %d errors, unique %v: %v, want about %v", c.errors+1, c.unique, got, c.want)
			}
			if c.unique && got <= schedulerTick {
				t.Errorf("unique job retried after %v, within the scheduler's tick", got)
			}
		}
	}
}
