package correlate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestVersionsAreComparedWhereBothRan(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 1, 12, 0, s, 0, time.UTC) }
	old, now := period{from: at(0), to: at(30)}, period{from: at(20), to: at(50)}
	both := old.and(now)
	if got, want := both, (period{from: at(20), to: at(30)}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	samples := []evidence.Sample{{Time: at(10), Value: 1}, {Time: at(20), Value: 2}, {Time: at(30), Value: 3}, {Time: at(40), Value: 4}}
	if diff := cmp.Diff([]float64{2, 3}, valuesIn(samples, both)); diff != "" {
		t.Error(diff)
	}
	// One took the other's place: no instant lies in both.
	if apart := (period{from: at(0), to: at(10)}).and(period{from: at(20), to: at(50)}); apart.contains(at(10)) || apart.contains(at(20)) {
		t.Errorf("%v holds an instant, want none", apart)
	}
}

func TestVersionsDifferByMoreThanChance(t *testing.T) {
	repeat := func(x float64) []float64 { return []float64{x, x * 1.02, x * 0.98, x, x * 1.01, x * 0.99} }
	fact := func(c metricClass) *metricFact { return &metricFact{class: c} }
	for _, c := range []struct {
		name     string
		now, old []float64
		class    metricClass
		least    float64 // of the strength
		most     float64
	}{
		{"twice as slow", repeat(20), repeat(10), classLatency, 0.5, 1},
		{"three per cent slower", repeat(10.3), repeat(10), classLatency, 0, 0.05},
		{"faster", repeat(5), repeat(10), classLatency, 0, 0},
		{"a third of the calls fail", repeat(0.33), repeat(0.001), classError, 0.8, 1},
		{"four in ten thousand fail", repeat(0.0004), []float64{0, 0, 0, 0, 0, 0}, classError, 0, 0},
		{"successes a second fall", repeat(120), repeat(300), classSuccess, 0.5, 1},
		{"successes a second rise", repeat(300), repeat(120), classSuccess, 0, 0},
		{"success falls", repeat(0.7), []float64{0.999, 0.998, 1, 0.999, 0.998}, classSuccess, 0.8, 1},
	} {
		got := differenceOf(c.now, c.old, fact(c.class)).strength(c.class)
		if got < c.least || got > c.most {
			t.Errorf("%s: got strength %.3f, want %.2f to %.2f", c.name, got, c.least, c.most)
		}
	}
}

// inTurnCase has a service whose new version took the old one's place a minute
// before the onset, or at it.
func inTurnCase(calm bool) *Case {
	c := &Case{Entities: entities("ledger"), Alerting: []string{"ledger"}, Onset: Onset{At: onset0.Add(90 * time.Second)}}
	c.Deployments = []Deployment{{Service: "ledger", From: "v1", To: "v2", Change: evidence.Change{ID: "d", Service: "ledger", To: "v2", Time: onset0}}}
	add := func(i int, version string, failed bool) {
		addTrace(c, traceID(i), false, call{service: "ledger", op: "post", ms: 10, failed: failed})
		s := &c.Traces[len(c.Traces)-1].Spans[0]
		s.Attributes = map[string]string{"service.version": version}
		switch {
		case version == "v1":
			s.Start = onset0.Add(time.Duration(i) * time.Millisecond)
		case calm && !failed:
			s.Start = onset0.Add(time.Minute + time.Duration(i)*time.Millisecond)
		default:
			s.Start = onset0.Add(2*time.Minute + time.Duration(i)*time.Millisecond)
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
	if _, ok := newView(inTurnCase(false)).versionsBySpans(0); !ok {
		t.Error("the new version failed from its start: got nothing, want it held against it")
	}
	if f, ok := newView(inTurnCase(true)).versionsBySpans(0); ok {
		t.Errorf("the new version ran well until the onset: got %q, want nothing", f.why)
	}
}
