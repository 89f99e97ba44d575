package page

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestTheCardSaysHowFarAPlanCanBeTrusted point by point, and nothing without one.
func TestTheCardSaysHowFarAPlanCanBeTrusted(t *testing.T) {
	b := &builder{rep: report.Report{Rollback: &report.Rollback{Readiness: &report.Readiness{Level: 1,
		Timely:     report.Answer{Holds: report.Yes, Because: "the slowest took 5 s"},
		Idempotent: report.Answer{Holds: report.Unknown, Because: "no guard is named"},
		Observable: report.Answer{Holds: report.No, Because: "there is no <b>rollback_duration</b>"}}}}}
	head, rows := b.ready()
	var out strings.Builder
	if err := doCard(DoCard{ReadyHead: head, Ready: rows}).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"How well the plan is tried out: 1 of 3 points", "timely: yes", "the slowest took 5 s", "idempotent: unknown", "observable: no", "&lt;b&gt;rollback_duration"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the card lacks %q:\n%s", want, out.String())
		}
	}
	b.rep.Rollback.Readiness = nil
	if head, rows := b.ready(); head != "" || rows != nil {
		t.Errorf("got %q and %v without a plan", head, rows)
	}
}
