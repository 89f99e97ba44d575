package pprof_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	rtrace "runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// queue has a request wait for another one at a line that is known.
//
//go:noinline
func queue(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

// waited traces this very process while a request waits for a lock for as long as it
// takes until somebody says that it does; how says in which way it is named.
func waited(t *testing.T, how string) []byte {
	t.Helper()
	if rtrace.IsEnabled() {
		t.Skip("this run is traced itself")
	}
	var out bytes.Buffer
	if err := rtrace.Start(&out); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	mu.Lock()
	var all sync.WaitGroup
	all.Go(func() {
		ctx := context.Background()
		switch how {
		case "task":
			c, task := rtrace.NewTask(ctx, "POST /orders")
			defer task.End()
			rtrace.Log(c, "trace_id", "4BF92F3577B34DA6A3CE929D0E0E4736")
			var below sync.WaitGroup
			below.Go(func() { queue(&mu) }) // what it starts waits on its behalf
			below.Wait()
		case "region":
			c, task := rtrace.NewTask(ctx, "POST /orders")
			rtrace.Log(c, "trace_id", "4BF92F3577B34DA6A3CE929D0E0E4736")
			c2, inner := rtrace.NewTask(c, "ask stock") // has the ID of what it is in
			defer rtrace.StartRegion(c2, "lock").End()
			defer task.End()
			defer inner.End()
			queue(&mu)
		default:
			queue(&mu)
		}
	})
	time.Sleep(20 * time.Millisecond) // what it waits is more than nothing; how much is not looked at
	mu.Unlock()
	all.Wait()
	rtrace.Stop()
	return out.Bytes()
}

// TestWaitsAreToldByTheTraceThatTasksCarry takes execution traces of this process.
func TestWaitsAreToldByTheTraceThatTasksCarry(t *testing.T) {
	for how, want := range map[string]struct{ trace, note string }{
		"task":   {"4bf92f3577b34da6a3ce929d0e0e4736", "only waits in the 1 tasks"},
		"region": {"4bf92f3577b34da6a3ce929d0e0e4736", "only waits in the 1 tasks"},
		"none":   {"", "no task or region carries the ID of a trace"},
	} {
		raw, err := pprof.Waits(bytes.NewReader(waited(t, how)), taken)
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		p, err := pprof.Parse(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		found := false
		for _, s := range p.Samples {
			if want.trace != "" && s.TraceID != want.trace {
				t.Errorf("%s: a wait of another trace, %q, at %+v", how, s.TraceID, s.Stack)
			}
			for _, f := range s.Stack {
				found = found || strings.HasSuffix(f.Function, ".queue") && strings.HasSuffix(f.File, "waits_test.go") && f.Line > 0 && s.TraceID == want.trace && strings.HasPrefix(s.Stack[0].Function, "waits for ")
			}
		}
		said := strings.Join(p.Notes, "; ")
		if !found || p.Kind != evidence.ProfileWait || !p.Start.Equal(taken) || p.Duration <= 0 || !strings.Contains(said, want.note) || !strings.Contains(said, "for a processor") {
			t.Errorf("%s: got %s of %d samples over %s, found %v, %q", how, p.Kind, len(p.Samples), p.Duration, found, p.Notes)
		}
	}
}

// TestWhatIsNoExecutionTraceIsRefused in one sentence each.
func TestWhatIsNoExecutionTraceIsRefused(t *testing.T) {
	whole := waited(t, "none")
	for name, c := range map[string]struct {
		body io.Reader
		want string
	}{
		"a page":        {strings.NewReader("<html>Log in</html>"), "is no execution trace"},
		"nothing":       {strings.NewReader(""), "is no execution trace"},
		"half":          {bytes.NewReader(whole[:len(whole)/2]), "execution trace"},
		"400 MB":        {io.MultiReader(bytes.NewReader(whole), io.LimitReader(zeros{}, 400<<20)), "execution trace"},
		"only its head": {bytes.NewReader(whole[:16]), "execution trace"},
	} {
		_, err := pprof.Waits(c.body, time.Time{})
		if !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one sentence with %q", name, err, c.want)
		}
	}
}
