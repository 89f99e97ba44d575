package compose

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func TestEveryReasonHasAMove(t *testing.T) {
	moves := map[string]kube.Reason{}
	for _, r := range kube.Reasons() {
		kind, title := remedyForState(&report.Cause{Entity: evidence.Entity{Name: "till"}, State: r})
		if kind == "" || !strings.Contains(title, "till") {
			t.Errorf("%s: got %q and %q, want a move that names the workload", r, kind, title)
		}
		if other, taken := moves[title]; taken && r != kube.NotReady {
			t.Errorf("%s and %s have one move: %s", r, other, title)
		}
		moves[title] = r
	}
	if kind, _ := remedyForState(&report.Cause{Entity: evidence.Entity{Name: "till"}}); kind != "" {
		t.Errorf("nothing known of it: got the move %s, want none", kind)
	}
}
