package act_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casebook/pgtest"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// TestAKillBetweenDecidingAndSendingLosesNothing starts this test binary as a child
// that stores a report, or decides on it too, and is killed with SIGKILL before it
// has sent anything; whoever takes the casebook up sends each action once.
func TestAKillBetweenDecidingAndSendingLosesNothing(t *testing.T) {
	if file := os.Getenv("ACT_CHILD"); file != "" {
		g, _ := on(t, open(t, file), configOf(os.Getenv("ACT_TO")), zap.NewNop())
		id := g.accept(t, "g")
		g.report(t, burning())
		if os.Getenv("ACT_STAGE") == "decided" {
			go g.Run(context.Background()) // and no notifier
			eventually(t, "a decision", func() bool { return len(g.actions(t, id)) == 1 })
		}
		fmt.Println("reached") //nolint:forbidigo // the child's protocol
		time.Sleep(time.Minute)
		return
	}
	for _, stage := range []string{"stored", "decided"} {
		r := listen(t)
		file := filepath.Join(t.TempDir(), "book.db")
		cmd := exec.Command(os.Args[0], "-test.run=^TestAKillBetweenDecidingAndSendingLosesNothing$")
		cmd.Env = append(os.Environ(), "ACT_CHILD="+file, "ACT_TO="+r.URL, "ACT_STAGE="+stage)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for s := bufio.NewScanner(out); s.Scan() && s.Text() != "reached"; {
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if keys := r.got(); len(keys) != 0 {
			t.Fatalf("%s: the child sent %v already", stage, keys)
		}
		for range 2 { // and once more, when there is nothing left to do
			g, run := on(t, open(t, file), configOf(r.URL), zap.NewNop())
			run()
			eventually(t, "the delivery", func() bool { return len(r.got()) > 0 })
			g.decided(t)
		}
		for key, n := range r.got() {
			if n != 1 || len(r.got()) != 1 {
				t.Errorf("%s: %s came %d times, want once and no other", stage, key, n)
			}
		}
	}
}

// TestTwoServersOnOneDatabaseAskOnce has two servers decide on and send the same.
func TestTwoServersOnOneDatabaseAskOnce(t *testing.T) {
	dsn := pgtest.DSN(t)
	r := listen(t)
	conf := configOf(r.URL)
	const incidents = 30
	var services []string
	for i := range incidents {
		services = append(services, fmt.Sprint("s", i))
	}
	conf.Targets, conf.Rules = nil, nil // a target each: one has one action at a time
	for i, s := range services {
		conf.Targets = append(conf.Targets, act.Target{Name: "of-" + s, URL: endpoint.Secret(r.URL), Secret: secret("s"), AnswerSecret: secret(string(rune('A' + i)))})
		conf.Rules = append(conf.Rules, action.Rule{Name: "back-" + s, Action: casefile.RollBack, Services: []string{s}, Target: "of-" + s, Decision: "DEC-1", Grade: casefile.Automatic})
	}
	var rigs []rig
	for range 2 {
		b, err := casebook.OpenPostgres(t.Context(), dsn, casebook.Options{QueueLimit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = b.Close() })
		g, run := on(t, b, conf, zap.NewNop())
		run()
		rigs = append(rigs, g)
	}
	at := map[string]string{} // the service of each incident
	for i := range incidents {
		at[rigs[0].accept(t, fmt.Sprint("g", i))] = services[i]
	}
	// Each report is stored by one server, whose desk then decides on it; the same is
	// proposed again by both, each incident more than once.
	var wg sync.WaitGroup
	for i := range incidents {
		id := rigs[i%2].store(t, func(incident string) report.Report {
			rep := burning()
			rep.Causes[0].Entity.Name, rep.Rollback.Target.Service = at[incident], at[incident]
			return rep
		})
		a := casefile.Action{ID: casefile.ActionID(id, casefile.RollBack, at[id], "pool=50"), Incident: id, State: casefile.ActionQueued, Kind: casefile.RollBack,
			Service: at[id], Revision: "pool=50", Rule: "back-" + at[id], Target: "of-" + at[id]}
		for _, g := range append(rigs, rigs[i%2]) {
			wg.Go(func() {
				_, _, err := g.book.ProposeAction(context.Background(), a, casefile.ActionLimits{CoolDown: time.Minute, Answer: time.Hour}, casebook.Message{Target: "action/" + a.Target, ID: a.ID, Body: []byte(`{}`)})
				if err != nil && !errors.Is(err, casefile.ErrConflict) {
					t.Error(err)
				}
				g.send()
			})
		}
	}
	wg.Wait()
	for _, g := range rigs {
		g.decided(t)
	}
	keys := r.got()
	if len(keys) != incidents {
		t.Errorf("the receiver saw %d keys, want %d", len(keys), incidents)
	}
	for key, n := range keys {
		if n != 1 || !strings.HasPrefix(key, "ACT-") {
			t.Errorf("%s came %d times, want once", key, n)
		}
	}
}
