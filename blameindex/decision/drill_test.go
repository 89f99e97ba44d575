package decision_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
)

func withRollback(rollback string) string {
	return `decision_id: DEC-2026-0001
why: "reservations time out in the evening, P99 above 2 s"
what: "raise the pool of stock to 40 connections"
who:
  initiator: iam:team:stock
  approver: iam:team:stock
  executor: ci:job:deploy
when:
  effective_at: 2026-05-01T10:00:00Z
  logged_at: 2026-05-01T09:00:00Z
how:
  rollout: "all at once"
` + rollback
}

func TestHowFarARollbackCanBeTrusted(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	const fresh = "    drill: [{at: 2026-05-20T10:00:00Z, seconds: 41, result: done}]\n"
	for _, c := range []struct {
		rollback string
		want     []string // of each note, in order
	}{
		{"", []string{"no rollback"}},
		{"  rollback:\n    binary: kubectl set image deploy/stock stock=stock:41\n", []string{"never tried"}},
		{"  rollback:\n    binary: kubectl set image deploy/stock stock=stock:41\n" + fresh, nil},
		// The newest counts, wherever it stands.
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 41}, {at: 2025-01-01T10:00:00Z, seconds: 400}]\n", nil},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-01-01T10:00:00Z, seconds: 41}]\n", []string{"150 days ago, on 2026-01-01"}},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 91}]\n", []string{"took 91 s when it was last tried, more than 90 s"}},
		{"  rollback:\n    steps: set it back\n    max_seconds: 120\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 91}]\n", nil},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2027-05-20T10:00:00Z, seconds: 41}]\n", []string{"in the future", "never tried"}},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 41, result: timed out}, {at: 2026-05-10T10:00:00Z, seconds: 41, result: done}]\n", []string{"failed when it was last tried, on 2026-05-20"}},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 400, result: done}, {at: 2026-05-20T10:09:00Z, seconds: 1, result: already done}]\n", []string{"took 400 s"}},
		{"  rollback:\n    steps: set it back\n    drill: [{at: 2026-05-20T10:00:00Z, seconds: 4, result: see the wiki}]\n", []string{"does not tell whether"}},
		// What does something else when it is repeated.
		{"  rollback:\n    binary: kubectl rollout undo deploy/stock\n" + fresh, []string{"--to-revision"}},
		{"  rollback:\n    binary: kubectl rollout undo deploy/stock --to-revision=7\n" + fresh, nil},
		{"  rollback:\n    binary: helm rollback stock\n" + fresh, []string{"name one"}},
		{"  rollback:\n    binary: helm rollback -n shop stock 7 --wait\n" + fresh, nil},
		{"  rollback:\n    database: goose down\n" + fresh, []string{"one more migration"}},
		{"  rollback:\n    database: migrate -path db down 1\n" + fresh, []string{"one more migration"}},
		{"  rollback:\n    database: goose down-to 20260101\n" + fresh, nil},
		{"  rollback:\n    steps: [toggle the flag, tell the team]\n" + fresh, []string{"set a value instead"}},
		{"  rollback:\n    steps: toggle the flag\n    idempotency_guard: the flag is on\n" + fresh, nil},
	} {
		doc := decision.Parse("a.yaml", []byte(withRollback(c.rollback)), decision.DefaultVocabulary())
		if len(doc.Records) != 1 || doc.Records[0].Refused() || len(doc.Records[0].Faults) > 0 {
			t.Fatalf("%s\nwas read with %v", c.rollback, doc.AllFaults())
		}
		notes := decision.Rollbacks(doc.Records, now)
		if len(notes) != len(c.want) {
			t.Errorf("%s\ngot %v, want %q", c.rollback, notes, c.want)
			continue
		}
		for i, n := range notes {
			if !n.Note || !strings.Contains(n.Message, c.want[i]) || n.Line < 1 {
				t.Errorf("%s\ngot %v, want a note that says %q", c.rollback, n, c.want[i])
			}
		}
	}
}

func TestDrillsThatCannotBeRead(t *testing.T) {
	for _, c := range []struct{ rollback, want string }{
		{"    drill: [yesterday]\n", "is written as"},
		{"    drill: [{at: 2026-05-20, seconds: 4}]\n", "date, time and zone"},
		{"    drill: [{at: 2026-05-20T10:00:00Z, seconds: -4}]\n", "0 or more"},
		{"    drill: [{at: 2026-05-20T10:00:00Z, seconds: .nan}]\n", "0 or more"},
		{"    max_seconds: soon\n", "no number of seconds"},
		{"    kind: binray\n", `kind "binray" is not one of config, binary, database`},
		{"    idempotent_guard: it is set\n", `"idempotent_guard" is none of its parts`},
	} {
		doc := decision.Parse("a.yaml", []byte(withRollback("  rollback:\n    steps: set it back\n"+c.rollback)), decision.DefaultVocabulary())
		faults := doc.AllFaults()
		if len(faults) != 1 || !faults[0].Note || !strings.Contains(faults[0].Message, c.want) {
			t.Errorf("%s: got %v, want a note that says %q", c.rollback, faults, c.want)
		}
	}
	// Of a plan full of parts that there are not, the first ten are told.
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "    part%03d: x\n", i)
	}
	faults := decision.Parse("a.yaml", []byte(withRollback("  rollback:\n    steps: set it back\n"+many.String())), decision.DefaultVocabulary()).AllFaults()
	if len(faults) != 11 || !strings.Contains(faults[9].Message, `"part009"`) || !strings.Contains(faults[10].Message, "90 more") || !faults[10].Note {
		t.Errorf("got %d notes, %v", len(faults), faults)
	}
	// The steps of a sequence are lines, so that each can be told by itself.
	doc := decision.Parse("a.yaml", []byte(withRollback("  rollback:\n    steps: [one, two]\n")), decision.DefaultVocabulary())
	if d := cmp.Diff("one\ntwo", doc.Records[0].How.Rollback["steps"]); d != "" {
		t.Error(d)
	}
}
