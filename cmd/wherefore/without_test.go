package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

var updateWithout = flag.Bool("update-without", false, "write testdata/recorded-without.txt anew")

// down is a backend that does not answer.
type down struct{}

var errDown = fmt.Errorf("connection refused: %w", evidence.ErrUnavailable)

func (down) Trace(context.Context, string) (evidence.Trace, error) { return evidence.Trace{}, errDown }
func (down) FindTraces(context.Context, evidence.TraceQuery) ([]evidence.Trace, bool, error) {
	return nil, false, errDown
}
func (down) Services(context.Context) ([]string, error) { return nil, errDown }
func (down) Dependencies(context.Context, evidence.Window) ([]evidence.Edge, error) {
	return nil, errDown
}
func (down) Logs(context.Context, evidence.LogQuery) ([]evidence.LogLine, bool, error) {
	return nil, false, errDown
}
func (down) ListSeries(context.Context, []string, evidence.Window) ([]evidence.Series, bool, error) {
	return nil, false, errDown
}
func (down) QueryRange(context.Context, string, evidence.Window, time.Duration) ([]evidence.Series, error) {
	return nil, errDown
}
func (down) Exemplars(context.Context, string, evidence.Window) ([]evidence.Exemplar, error) {
	return nil, errDown
}
func (down) Rules(context.Context) ([]evidence.Rule, error) { return nil, errDown }

// takenAway are the ways in which a backend is missing: Jaeger takes the graph
// along, Prometheus the rules and exemplars.
var takenAway = map[string]func(*correlate.Sources){
	"traces":  func(s *correlate.Sources) { s.Traces, s.Graph = down{}, down{} },
	"logs":    func(s *correlate.Sources) { s.Logs = down{} },
	"metrics": func(s *correlate.Sources) { s.Metrics, s.Exemplars, s.Rules = down{}, down{}, down{} },
}

// TestAVerdictWithoutASourceIsNotBold takes each source out of each recorded
// incident in turn. A wrong entity must never be called Likely, let alone
// Confirmed, and what the whole report says of the source that it would miss
// must be what happens. The golden keeps every answer in sight.
func TestAVerdictWithoutASourceIsNotBold(t *testing.T) {
	testenv.NeedsSets(t)
	t.Parallel() // with the other tests that are long
	dirs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "recorded", "lab", "*"))
	if err != nil {
		t.Fatal(err)
	}
	truths := map[string]string{}
	for _, c := range scoreRecorded(t, 0) {
		truths[c.ID] = c.Truth
	}
	var now strings.Builder
	for _, dir := range dirs {
		truth := truths["lab-"+filepath.Base(dir)]
		whole := investigateWithout(t, dir, func(*correlate.Sources) {})
		for _, source := range []string{"traces", "logs", "metrics"} {
			r := investigateWithout(t, dir, takenAway[source])
			first := r.Causes[0]
			right := first.Entity.Name == truth
			fmt.Fprintf(&now, "%s without %s: %s %s/%s", filepath.Base(dir), source, r.Verdict.Word, first.Entity.Name, first.Mechanism)
			if !right {
				fmt.Fprintf(&now, ", wrong")
			}
			fmt.Fprintln(&now)
			bold := r.Verdict.Word == report.Likely || r.Verdict.Word == report.Confirmed
			if bold && !right {
				t.Errorf("%s without %s: %s is %s, and wrong", filepath.Base(dir), source, first.Entity.Name, r.Verdict.Word)
			}
			foreseen := whole.Causes[0].Entity.Name
			for _, line := range whole.Verdict.Sensitivity {
				if name, ok := strings.CutPrefix(line, "without "+source+" "); ok {
					foreseen, _, _ = strings.Cut(name, " would be first")
				}
			}
			if foreseen != first.Entity.Name {
				fmt.Fprintf(&now, "  foreseen: %s\n", foreseen)
			}
		}
	}
	const golden = "testdata/recorded-without.txt"
	want, _ := held(t, golden, now.String(), *updateWithout)
	if d := gocmp.Diff(want, now.String()); d != "" {
		t.Errorf("testdata/recorded-without.txt (-golden +now), renew it with -update-without:\n%s", d)
	}
}

func investigateWithout(t *testing.T, dir string, take func(*correlate.Sources)) report.Report {
	t.Helper()
	s, req, done, err := backend.OpenBundle(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	take(&s)
	r, err := correlate.New(s, backend.ReplayOptions(config.Default(), "test")).Investigate(t.Context(), req)
	if err := errors.Join(err, done()); err != nil {
		t.Fatal(err)
	}
	return r
}
