package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/mitral-health/mitral/platform/db/dbtest"
)

func TestListenersHearWhatIsNotified(t *testing.T) {
	store := dbtest.Postgres(t, "clinical", nil)
	ctx, cancel := context.WithCancel(t.Context())
	ready, heard, ended := make(chan struct{}), make(chan string, 4), make(chan error, 1)
	go func() {
		ended <- store.Listen(ctx, "feed", func() { close(ready) }, func(p string) { heard <- p })
	}()
	<-ready
	if err := store.Notify(ctx, "other", []string{"not for us"}); err != nil {
		t.Fatal(err)
	}
	if err := store.Notify(ctx, "feed", []string{"one", "two"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("heard %q, not %q", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("never heard %q", want)
		}
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("listening ended without saying why")
	}
}
