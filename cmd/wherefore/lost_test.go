package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// TestWhatWasLostIsWhatTheEdgeCounted holds the ads that a report says were not served
// against the edge's own counter from the true onset on: a tenth may be amiss.
func TestWhatWasLostIsWhatTheEdgeCounted(t *testing.T) {
	testenv.NeedsSets(t)
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
    - id: ad_made
      says: ads not made
      service: ad-server
      from: log
      good: '{service_name="ad-server"} |= "ad_served"'
      bad: '{service_name="ad-server"} |= "request failed"'
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
		s, req, done, err := backend.OpenBundle(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		o := patientOptions(cfg)
		r, err := correlate.New(s, o).Investigate(t.Context(), req)
		if err := errors.Join(err, done()); err != nil {
			t.Fatal(err)
		}
		want := countedLost(t, path)
		if len(r.Impact.Milestones) != 2 {
			t.Errorf("%s: got milestones %+v, want two", name, r.Impact.Milestones)
			continue
		}
		made, told := r.Impact.Milestones[1], toldLost(t, path)
		if math.Abs(made.Lost-told) > max(1, amiss*told) { // one of the step in which the onset lies
			t.Errorf("%s: got %+v, want %.0f ads not made by the lines", name, made, told)
		}
		m := r.Impact.Milestones[0]
		if math.Abs(m.Lost-want) > amiss*want || !m.Hit || m.Service != "edge" {
			t.Errorf("%s: got %+v, want %.0f ads lost", name, m, want)
		}
	}
}

// TestDevelopmentImpactIsWhatTheSystemCounted holds what a report says was lost against
// the own counters of systems that nobody here wrote.
func TestDevelopmentImpactIsWhatTheSystemCounted(t *testing.T) {
	data := testenv.Data(t)
	cfg, err := config.Parse([]byte(`engine:
  milestones:
    - id: pizza
      says: pizzas not recommended
      service: public-api
      good: quickpizza_server_http_requests_total{job="public-api",status!~"5.."}
      bad: quickpizza_server_http_requests_total{job="public-api",status=~"5.."}
    - id: ride
      says: rides not found
      service: frontend
      good: hotrod_http_requests_total{endpoint="/dispatch",status_code!="5xx"}
      bad: hotrod_http_requests_total{endpoint="/dispatch",status_code="5xx"}
`), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, id, bad string }{
		{"qp-bad-deploy", "pizza", `quickpizza_server_http_requests_total{job="public-api",status=~"5.."}`},
		{"hotrod-driver-killed", "ride", `hotrod_http_requests_total{endpoint="/dispatch",status_code="5xx"}`},
	} {
		path := filepath.Join(data, "foreign", c.name)
		s, req, done, err := backend.OpenBundle(t.Context(), path+".tgz")
		if err != nil {
			t.Fatal(err)
		}
		r, err := correlate.New(s, patientOptions(cfg)).Investigate(t.Context(), req)
		if err := errors.Join(err, done()); err != nil {
			t.Fatal(err)
		}
		want := grewBy(t, path+".tgz", path+".label.json", "sum("+c.bad+") or vector(0)") // nothing failed before, so that nothing was counted
		i := slices.IndexFunc(r.Impact.Milestones, func(m report.MilestoneImpact) bool { return m.ID == c.id })
		if i < 0 {
			t.Errorf("%s: got milestones %+v, want %s", c.name, r.Impact.Milestones, c.id)
			continue
		}
		m := r.Impact.Milestones[i]
		if math.Abs(m.Lost-want) > .1*want || want == 0 {
			t.Errorf("%s: got %+v, want %.0f lost", c.name, m, want)
		}
		t.Logf("%s: %s: %.1f lost, the system counted %.0f", c.name, m.Says, m.Lost, want)
	}
}

// toldLost is how many lines of ad-server tell of a failure from the true onset of a
// recorded incident to its alert.
func toldLost(t *testing.T, path string) (lost float64) {
	t.Helper()
	b, onset := recordedOnset(t, path, filepath.Join(path, "label.json"))
	lines, cut, err := b.Logs(t.Context(), evidence.LogQuery{Services: []string{"ad-server"}, Window: evidence.Window{Start: onset, End: backend.Arrival(b)}})
	if err != nil || cut {
		t.Fatalf("%s: the lines cannot be read: %v, cut %v", path, err, cut)
	}
	for i := range lines {
		if strings.Contains(lines[i].Body, "request failed") {
			lost++
		}
	}
	return lost
}

// countedLost is by how much the edge's counter of ads that were not served grew from
// the true onset of a recorded incident to its alert.
func countedLost(t *testing.T, path string) float64 {
	t.Helper()
	return grewBy(t, path, filepath.Join(path, "label.json"), `sum(milestone_total{milestone="ad_served",good="false"})`)
}

// grewBy is by how much a query's one series grew from the true onset of a recording to
// its alert.
func grewBy(t *testing.T, path, label, query string) float64 {
	t.Helper()
	b, onset := recordedOnset(t, path, label)
	at := func(i time.Time) float64 {
		series, err := b.QueryRange(t.Context(), query, evidence.Window{Start: i, End: i}, time.Second)
		if err != nil || len(series) != 1 {
			t.Fatalf("%s: the query gives %d series, %v", path, len(series), err)
		}
		return series[0].Samples[0].Value
	}
	return at(backend.Arrival(b)) - at(onset)
}

// recordedOnset is a recording and when its trouble truly began.
func recordedOnset(t *testing.T, path, file string) (*bundle.Bundle, time.Time) {
	t.Helper()
	var label struct{ Onset time.Time }
	text, err := os.ReadFile(file)
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
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, label.Onset
}
