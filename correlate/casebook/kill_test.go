package casebook_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// kills is how often a program is killed; go test -run Kills -kills 500
// ./correlate/casebook makes the full run.
var kills = flag.Int("kills", 10, "how often the program is killed in TestNothingIsLostInKills")

// TestNothingIsLostInKills starts this test binary as a child that takes alerts,
// investigates and writes notes until it is killed, over and over on one file,
// and looks for everything that it said was done.
func TestNothingIsLostInKills(t *testing.T) {
	if file := os.Getenv("CASEBOOK_KILLED"); file != "" {
		work(file, os.Getenv("CASEBOOK_ROUND"))
	}
	file := filepath.Join(t.TempDir(), "book.db")
	done := map[string]bool{}
	for round := range *kills {
		for _, line := range killed(t, file, round) {
			done[line] = true
		}
		if len(done) == 0 {
			continue // killed before it had made the file
		}
		if faults, err := casebook.CheckFile(t.Context(), file); err != nil || len(faults) > 0 {
			t.Fatalf("round %d: %q (%v)", round, faults, err)
		}
	}
	b, err := casebook.Open(t.Context(), file, casebook.Options{LogRoom: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	counts := map[string]int{}
	for line := range done {
		what, id, _ := strings.Cut(line, " ")
		counts[what]++
		if !there(t, b, what, id) {
			t.Errorf("said to be done, and lost: %s", line)
		}
	}
	if err := b.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for f := (casefile.IncidentFilter{Limit: 200}); ; {
		page, next, err := b.Incidents(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		accepted += len(page)
		if f.Cursor = next; next == "" {
			break
		}
	}
	if accepted < counts["accepted"] {
		t.Errorf("the list has %d incidents, and %d were accepted", accepted, counts["accepted"])
	}
	if counts["accepted"] == 0 {
		t.Fatal("no child did anything before it was killed")
	}
	t.Logf("%d kills: %v", *kills, counts)
}

// there reports whether what a child said is in the casebook, once.
func there(t *testing.T, b *casebook.Book, what, id string) bool {
	t.Helper()
	switch what {
	case "accepted":
		_, err := b.Incident(t.Context(), id)
		return err == nil
	case "reported":
		revisions, err := b.Revisions(t.Context(), id)
		return err == nil && len(revisions) == 1
	default:
		notes, err := b.Notes(t.Context(), id)
		return err == nil && len(notes) == 1
	}
}

// killed runs a child for a moment and returns the whole lines that it said. In every
// other round the moment begins when it has said something: a busy machine may not
// have come so far in the others.
func killed(t *testing.T, file string, round int) (said []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestNothingIsLostInKills$")
	cmd.Env = append(os.Environ(), "CASEBOOK_KILLED="+file, fmt.Sprint("CASEBOOK_ROUND=", round))
	var failed strings.Builder
	cmd.Stderr = &failed
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer end.Stop()
	moment := time.Duration(50+rand.IntN(250)) * time.Millisecond
	started := round%2 == 0
	if started {
		end.Reset(moment)
	}
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			break // what has no end was not said
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "accepted ") || strings.HasPrefix(line, "reported ") || strings.HasPrefix(line, "noted ") {
			said = append(said, line)
			if !started {
				started = true
				end.Reset(moment)
			}
		}
	}
	_ = cmd.Wait() // how it ended is in its state
	if code := cmd.ProcessState.ExitCode(); code != -1 {
		t.Errorf("round %d: the child ended by itself with %d: %s", round, code, failed.String())
	}
	return said
}

// work does all that a server does with a casebook, until it is killed.
func work(file, round string) {
	ctx := context.Background()
	b, err := casebook.Open(ctx, file, casebook.Options{QueueLimit: 1 << 20, Evidence: casebook.Evidence{Keep: true}})
	if err != nil {
		panic(err)
	}
	say := func(what, id string, err error) {
		if err != nil {
			panic(err)
		}
		fmt.Println(what, id) //nolint:forbidigo // the child's protocol
	}
	go func() {
		for {
			j, err := b.Next(ctx)
			if err != nil {
				panic(err)
			}
			r := report.Report{Title: "killed"}
			body, err := json.Marshal(r)
			if err == nil {
				err = b.Finish(ctx, j, r, body, casebook.Message{Target: "chat", ID: j.Incident, Body: []byte("{}")})
			}
			say("reported", j.Incident, err)
		}
	}()
	// Many at once, so that alerts wait in the inbox when the program ends.
	for worker := range 8 {
		go func() {
			for n := 0; ; n++ {
				a := alert(fmt.Sprint("w", round, "-", worker, "-", n), start)
				a.Labels["severity"], a.Labels["service"] = "warning", a.GroupKey
				id, err := b.Accept(ctx, a, []byte("{}"))
				say("accepted", id, err)
			}
		}()
	}
	for n := 0; ; n++ {
		id, err := b.Accept(ctx, alert(fmt.Sprint("g", round, "-", n), start), []byte("{}"))
		say("accepted", id, err)
		_, err = b.AddNote(ctx, id, casefile.Note{Author: "ana", Text: "seen"})
		say("noted", id, err)
	}
}
