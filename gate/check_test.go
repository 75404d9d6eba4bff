package gate

import (
	"testing"

	"github.com/mitral-health/mitral/gate/scan"
)

// An answer that sends for help asks to be meant, unless a hospital made its rule stricter; beside it everything counts.
func TestBar(t *testing.T) {
	found := func(kind string, s scan.Severity) Finding {
		return Finding{Finding: scan.Finding{Kind: kind, Severity: s}}
	}
	for _, c := range []struct {
		all  []Finding
		want scan.Severity
	}{
		{nil, 0},
		{[]Finding{found(scan.Answered, scan.Urgent)}, scan.Warn},
		{[]Finding{found(scan.Answered, scan.Block)}, scan.Block},
		{[]Finding{found(scan.Answered, scan.Hold)}, scan.Hold},
		{[]Finding{found(scan.Answered, scan.Urgent), found("name", scan.Hold)}, scan.Hold},
		{[]Finding{found(scan.Answered, scan.Urgent), found("risk", scan.Urgent)}, scan.Urgent},
	} {
		if got := (Result{Findings: c.all}).bar(); got != c.want {
			t.Errorf("%v: %v, want %v", c.all, got, c.want)
		}
	}
}
