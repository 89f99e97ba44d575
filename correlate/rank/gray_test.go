package rank

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func TestVersionsAreComparedWhereBothRan(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 1, 12, 0, s, 0, time.UTC) }
	old, now := view.Period{From: at(0), To: at(30)}, view.Period{From: at(20), To: at(50)}
	both := old.And(now)
	if got, want := both, (view.Period{From: at(20), To: at(30)}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	samples := []evidence.Sample{{Time: at(10), Value: 1}, {Time: at(20), Value: 2}, {Time: at(30), Value: 3}, {Time: at(40), Value: 4}}
	if diff := cmp.Diff([]float64{2, 3}, view.ValuesIn(samples, both)); diff != "" {
		t.Error(diff)
	}
	// One took the other's place: no instant lies in both.
	if apart := (view.Period{From: at(0), To: at(10)}).And(view.Period{From: at(20), To: at(50)}); apart.Contains(at(10)) || apart.Contains(at(20)) {
		t.Errorf("%v holds an instant, want none", apart)
	}
}

func TestVersionsDifferByMoreThanChance(t *testing.T) {
	repeat := func(x float64) []float64 { return []float64{x, x * 1.02, x * 0.98, x, x * 1.01, x * 0.99} }
	for _, c := range []struct {
		name     string
		now, old []float64
		class    metric.Class
		least    float64 // of the strength
		most     float64
	}{
		{"twice as slow", repeat(20), repeat(10), metric.ClassLatency, 0.5, 1},
		{"three per cent slower", repeat(10.3), repeat(10), metric.ClassLatency, 0, 0.05},
		{"faster", repeat(5), repeat(10), metric.ClassLatency, 0, 0},
		{"a third of the calls fail", repeat(0.33), repeat(0.001), metric.ClassError, 0.8, 1},
		{"four in ten thousand fail", repeat(0.0004), []float64{0, 0, 0, 0, 0, 0}, metric.ClassError, 0, 0},
		{"successes a second fall", repeat(120), repeat(300), metric.ClassSuccess, 0.5, 1},
		{"successes a second rise", repeat(300), repeat(120), metric.ClassSuccess, 0, 0},
		{"success falls", repeat(0.7), []float64{0.999, 0.998, 1, 0.999, 0.998}, metric.ClassSuccess, 0.8, 1},
	} {
		got := view.DifferenceOf(c.now, c.old, c.class, weights.Default()).Strength(c.class, weights.Default())
		if got < c.least || got > c.most {
			t.Errorf("%s: got strength %.3f, want %.2f to %.2f", c.name, got, c.least, c.most)
		}
	}
}

// inTurnCase has a service whose new version took the old one's place a minute
// before the onset, or at it.
func inTurnCase(calm bool) *gathered.Evidence {
	c := &gathered.Evidence{Entities: casetest.Entities("ledger"), Alerting: []string{"ledger"}, Onset: report.Onset{At: casetest.Onset0.Add(90 * time.Second)}}
	c.Deployments = []gathered.Deployment{{Service: "ledger", From: "v1", To: "v2", Change: evidence.Change{ID: "d", Service: "ledger", To: "v2", Time: casetest.Onset0}}}
	add := func(i int, version string, failed bool) {
		casetest.AddTrace(c, casetest.TraceID(i), false, casetest.Call{Service: "ledger", Op: "post", Ms: 10, Failed: failed})
		s := &c.Traces[len(c.Traces)-1].Spans[0]
		s.Attributes = map[string]string{"service.version": version}
		switch {
		case version == "v1":
			s.Start = casetest.Onset0.Add(time.Duration(i) * time.Millisecond)
		case calm && !failed:
			s.Start = casetest.Onset0.Add(time.Minute + time.Duration(i)*time.Millisecond)
		default:
			s.Start = casetest.Onset0.Add(2*time.Minute + time.Duration(i)*time.Millisecond)
		}
	}
	for i := range 10 {
		add(i, "v1", false)
	}
	for i := range 40 {
		add(10+i, "v2", i%2 == 0)
	}
	return c
}

func TestAVersionThatRanWellUntilTheOnsetDidNotBringIt(t *testing.T) {
	if _, ok := signal.VersionsBySpans(view.New(inTurnCase(false)), 0); !ok {
		t.Error("the new version failed from its start: got nothing, want it held against it")
	}
	if f, ok := signal.VersionsBySpans(view.New(inTurnCase(true)), 0); ok {
		t.Errorf("the new version ran well until the onset: got %q, want nothing", f.Why)
	}
}
