package casebooktest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// order drains the queue and says in which order its groups came.
func order(t *testing.T, b casebook.Store, n int) []string {
	t.Helper()
	var got []string
	for range n {
		j := next(t, b)
		got = append(got, j.Alert.GroupKey)
		finish(t, b, j, report.Report{})
	}
	return got
}

func of(receiver, group, severity string, at time.Time) evidence.Alert {
	a := alert(group, at)
	a.Receiver, a.Labels["severity"] = receiver, severity
	return a
}

func testTheMostSevereComesFirstAndNothingStarves(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, of("wh", "old info", "info", start))
	c.advance(20 * time.Minute)
	for _, severity := range []string{"info", "warning", "critical"} {
		accept(t, b, of("wh", severity, severity, start))
	}
	got := order(t, b, 4)
	if want := []string{"old info", "critical", "warning", "info"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func testAStormOfOneReceiverLeavesRoomForOthers(t *testing.T, open Open) {
	b := open(t, casebook.Options{QueueLimit: 1000})
	for n := range 100 {
		accept(t, b, of("storm", fmt.Sprint("storm ", n), "critical", start))
	}
	for n := range 3 {
		accept(t, b, of("calm", fmt.Sprint("calm ", n), "critical", start))
	}
	got := order(t, b, 12)
	for n := range 3 {
		if at := slices.Index(got, fmt.Sprint("calm ", n)); at < 0 {
			t.Errorf("calm %d is not among the first 12: %q", n, got)
		}
	}
}

func testAWorkerCanWaitForNewCriticalGroupsAlone(t *testing.T, open Open) {
	var c clock
	b := open(t, c.options())
	accept(t, b, of("wh", "info", "info", start))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if j, err := b.NextUrgent(ctx); err == nil {
		t.Errorf("got %s, want none", j.Alert.GroupKey)
	}
	accept(t, b, of("wh", "critical", "critical", start))
	j, err := b.NextUrgent(t.Context())
	if err != nil || j.Alert.GroupKey != "critical" {
		t.Fatalf("got %q (%v), want the critical group", j.Alert.GroupKey, err)
	}
	finish(t, b, j, report.Report{})
	more := of("wh", "critical", "critical", start)
	more.Instances[0].Fingerprint = "f2"
	accept(t, b, more)
	c.advance(time.Hour)
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if j, err := b.NextUrgent(ctx); err == nil {
		t.Errorf("got revision %d, want new groups alone", j.Revision)
	}
}

func testAHigherSeverityOfAnOpenGroupCounts(t *testing.T, open Open) {
	b := open(t, casebook.Options{})
	id := accept(t, b, of("wh", "g", "warning", start))
	accept(t, b, of("wh", "other", "error", start))
	worse := of("wh", "g", "critical", start)
	worse.Instances[0].Fingerprint = "f2"
	accept(t, b, worse)
	if i, err := b.Incident(t.Context(), id); err != nil || i.Severity != "critical" {
		t.Errorf("got severity %q (%v), want critical", i.Severity, err)
	}
	if got := order(t, b, 2); got[0] != "g" {
		t.Errorf("got %q, want the group that became critical first", got)
	}
}
