package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestWhatWasLostIsWhatTheEdgeCounted holds the ads that a report says were not served
// against the edge's own counter from the true onset on: a tenth may be amiss.
func TestWhatWasLostIsWhatTheEdgeCounted(t *testing.T) {
	if testing.Short() {
		t.Skip("investigates all recordings")
	}
	t.Parallel() // with the other tests that are long
	cfg, err := config.Parse([]byte(`engine:
  milestones:
    - id: ad_served
      says: ads not served
      service: edge
      good: milestone_total{milestone="ad_served",good="true"}
      bad: milestone_total{milestone="ad_served",good="false"}
      step: ad shown
      journey: page view
`), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range waysBack {
		name, amiss := c.name, .1
		if name == "d-phones" {
			amiss = .2 // its onset is found half a minute late: apps without a device are few
		}
		path := filepath.Join("../../fixtures/recorded/lab", name)
		s, req, done, err := openBundle(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		o := patientOptions(cfg)
		r, err := correlate.New(s, o).Investigate(t.Context(), req)
		if err := errors.Join(err, done()); err != nil {
			t.Fatal(err)
		}
		want := countedLost(t, path)
		if len(r.Impact.Milestones) != 1 {
			t.Errorf("%s: got milestones %+v, want one", name, r.Impact.Milestones)
			continue
		}
		m := r.Impact.Milestones[0]
		if math.Abs(m.Lost-want) > amiss*want || !m.Hit || m.Service != "edge" {
			t.Errorf("%s: got %+v, want %.0f ads lost", name, m, want)
		}
	}
}

// countedLost is by how much the edge's counter of ads that were not served grew from
// the true onset of a recorded incident to its alert.
func countedLost(t *testing.T, path string) float64 {
	t.Helper()
	var label struct{ Onset time.Time }
	text, err := os.ReadFile(filepath.Join(path, "label.json"))
	if err == nil {
		err = yaml.Unmarshal(text, &label) // JSON is YAML
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	at := func(i time.Time) float64 {
		series, err := b.QueryRange(t.Context(), `sum(milestone_total{milestone="ad_served",good="false"})`, evidence.Window{Start: i, End: i}, time.Second)
		if err != nil || len(series) != 1 {
			t.Fatalf("%s: the edge's counter has %d series, %v", path, len(series), err)
		}
		return series[0].Samples[0].Value
	}
	return at(arrival(b)) - at(label.Onset)
}
