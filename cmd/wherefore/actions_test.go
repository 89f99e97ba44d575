package main

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestActionsAreStoppedAndStartedFromTheCommandLine has one action wait in a casebook
// that a server has open.
func TestActionsAreStoppedAndStartedFromTheCommandLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	run := func(args ...string) (string, error) {
		t.Helper()
		var out, errs bytes.Buffer
		err := (App{Args: append(append([]string{"actions"}, args...), "--data-dir", dir), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}).Run(t.Context())
		return out.String(), err
	}
	if out, err := run("list"); err != nil || !strings.Contains(out, "Actions are not stopped.") {
		t.Fatalf("a new folder: got %q, %v", out, err)
	}
	book, err := casebook.Open(context.Background(), server.Casebook(dir), casebook.Options{QueueLimit: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	incident, err := book.Accept(t.Context(), evidence.Alert{Receiver: "wh", GroupKey: "g", Status: evidence.StatusFiring, Labels: map[string]string{"service": "shop"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := casefile.Action{ID: casefile.ActionID(incident, casefile.RollBack, "shop", "pool=50"), Incident: incident, State: casefile.ActionWaiting, Kind: casefile.RollBack, Grade: casefile.Approval,
		Service: "shop", Revision: "pool=50", Rule: "back\x1b[31m", Target: "platform"}
	if _, _, err := book.ProposeAction(t.Context(), a, casefile.ActionLimits{CoolDown: 60e9, Answer: 3600e9}, casebook.Message{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"list"}, a.ID + `.* waiting +approval +rollback +shop +pool=50 +` + incident},
		{[]string{"stop", "--why", "the platform moves"}, `All actions are stopped by os:\S+ since .* UTC\. the platform moves`},
		{[]string{"list"}, a.ID + `.* stopped (.|\n)*All actions are stopped by os:`},
		{[]string{"stop"}, `the platform moves`}, // twice keeps the first word
		{[]string{"start"}, `Actions are not stopped\.`},
		{[]string{"list"}, a.ID + `.* stopped (.|\n)*Actions are not stopped\.`}, // what ended stays ended
	} {
		out, err := run(c.args...)
		if err != nil || !regexp.MustCompile(c.want).MatchString(out) || strings.Contains(out, "\x1b") {
			t.Errorf("%v: got %q (%v), want %s", c.args, out, err, c.want)
		}
	}
	entries, _, err := book.AuditEntries(t.Context(), casefile.AuditFilter{Action: "stop actions", Limit: 10})
	if err != nil || len(entries) == 0 || !strings.HasPrefix(entries[0].Actor, "os:") {
		t.Errorf("the audit has %+v (%v), want who stopped them", entries, err)
	}
	for _, args := range [][]string{{"list", "--limit", "0"}, {"stop", "--why", strings.Repeat("x", 501)}, {"list", "surplus"}} {
		if _, err := run(args...); exitCode(err) != exitUsage {
			t.Errorf("%v: got %v, want a mistake in the call", args, err)
		}
	}
}
