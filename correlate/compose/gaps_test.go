package compose

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// blindCase is a service that fails behind a health endpoint that says all is
// well, with an error counter without status and lines without trace IDs.
func blindCase() *gathered.Evidence {
	c := &gathered.Evidence{Alerting: []string{"ads"}, Entities: []evidence.Entity{{Name: "ads", Kind: evidence.KindService}}}
	for i := range 6 {
		at := casetest.WorldOnset.Add(time.Duration(i) * time.Second)
		get := evidence.Span{SpanID: fmt.Sprint(i), Service: "ads", Operation: "GET /ads", Kind: evidence.SpanServer, Start: at, Failed: true}
		health := evidence.Span{SpanID: fmt.Sprint(100 + i), Service: "ads", Operation: "GET /health", Kind: evidence.SpanServer, Start: at}
		c.Traces = append(c.Traces, gathered.Trace{Trace: evidence.Trace{ID: fmt.Sprint(i), Spans: []evidence.Span{get, health}}, Sampled: true})
		c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: at, Service: "ads", Severity: evidence.SeverityError, Body: "failed to get value"}})
	}
	c.Metrics = []gathered.Series{{Entity: "ads", Name: "http_errors_total", Stat: "rate", Labels: map[string]string{"service": "ads"}}}
	return c
}

func gapIDs(c *gathered.Evidence) []string {
	var ids []string
	for _, f := range gaps(c, nil) {
		ids = append(ids, f.ID)
	}
	return ids
}

func TestBlindSpotsAreFindings(t *testing.T) {
	want := []string{"gap/log-trace-id", "gap/error-status", "gap/health", "gap/code-location", "gap/revision"}
	if diff := cmp.Diff(want, gapIDs(blindCase())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGoodTelemetryHasNoGaps(t *testing.T) {
	c := blindCase()
	for i := range c.Traces {
		c.Traces[i].Spans[1].Failed = true // the health endpoint knows
	}
	for i := range c.Logs {
		c.Logs[i].TraceID = fmt.Sprint(i)
	}
	c.Metrics[0].Labels["status_code"] = "503"
	c.Revisions = []gathered.Revision{{Service: "ads", Revision: "v1"}}
	c.Frames = []gathered.Frame{{Service: "ads", Seen: 1}}
	if got := gapIDs(c); got != nil {
		t.Errorf("got %v, want none", got)
	}
}

// TestRequestsWithoutAStatusAreABlindSpot counts requests that fail in one counter
// with those that do not, and scrapes a target without fail.
func TestRequestsWithoutAStatusAreABlindSpot(t *testing.T) {
	for name, c := range map[string]struct {
		labels map[string]string
		failed bool
		want   bool
	}{
		"no status":             {nil, true, true},
		"a status":              {map[string]string{"code": "200"}, true, false},
		"no status, no failure": {nil, false, false},
	} {
		e := &gathered.Evidence{Alerting: []string{"ads"}, Entities: casetest.Entities("ads")}
		for i := range 6 {
			casetest.AddTrace(e, casetest.TraceID(i), false, casetest.Call{Service: "ads", Op: "GET /", Ms: 1, Failed: c.failed})
		}
		e.Metrics = []gathered.Series{casetest.MetricOf("ads", "store_request_duration_seconds", 5, 5, 5), casetest.MetricOf("ads", "up", 1, 1, 1)}
		e.Metrics[0].Stat, e.Metrics[0].Kind, e.Metrics[0].Labels = "rate", evidence.MetricHistogram, c.labels
		got, health := false, false
		for _, f := range gaps(e, nil) {
			got, health = got || f.ID == "gap/error-status", health || f.ID == "gap/health"
		}
		if got != c.want || health {
			t.Errorf("%s: got a blind spot %v, want %v, and a false claim of health %v, want none", name, got, c.want, health)
		}
	}
}
