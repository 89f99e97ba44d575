package rollback_test

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestRecordsAndReportsNameKindsAlike: records are read by a package that does not know
// reports, and say which kind of rollback their steps are.
func TestRecordsAndReportsNameKindsAlike(t *testing.T) {
	faults := func(kind string) []decision.Fault {
		return decision.Parse("a.yaml", []byte(`decision_id: DEC-2026-0001
why: "reservations time out in the evening, P99 above 2 s"
what: "raise the pool of stock to 40 connections"
who: {initiator: "iam:team:stock", approver: "iam:team:stock", executor: "ci:job:deploy"}
when: {effective_at: 2026-05-01T10:00:00Z, logged_at: 2026-05-01T09:00:00Z}
how: {rollout: "all at once", rollback: {steps: "set it back", kind: `+kind+`}}
`), decision.DefaultVocabulary()).AllFaults()
	}
	kinds := []string{report.RollbackConfig, report.RollbackBinary, report.RollbackDatabase}
	for _, k := range kinds {
		if got := faults(k); len(got) > 0 {
			t.Errorf("%s: got %v", k, got)
		}
	}
	if got := faults(report.RollbackNone); len(got) != 1 || !strings.Contains(got[0].Message, "is not one of "+strings.Join(kinds, ", ")+",") {
		t.Errorf("got %v, want a note that there are %q", got, kinds)
	}
}
