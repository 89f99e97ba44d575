package rank

import (
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestWhatASurgeWouldExplainIsUncheckedWhereNobodyCountsRequests slows a service
// down without any measure of requests: the word may rest on its slowness only as
// far as lines or traces show that no more requests came than usual.
func TestWhatASurgeWouldExplainIsUncheckedWhereNobodyCountsRequests(t *testing.T) {
	build := func(sampled bool, before, during int, lines ...int) *gathered.Evidence {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}}
		for i := range before + during {
			ms := 10.0
			if i >= before {
				ms = 300
			}
			casetest.AddTrace(c, casetest.TraceID(i), i < before, casetest.Call{Service: "front", Op: "GET /", Ms: 20 + ms, Calls: []casetest.Call{{Service: "stock", Op: "read", At: 5, Ms: ms}}})
		}
		for i := range c.Traces {
			c.Traces[i].Sampled = sampled
		}
		for side, times := range lines { // each a dozen lines a minute
			for range times {
				casetest.AddLines(c, "front", side == 0, 60, "serves a page")
			}
		}
		return c
	}
	counted := build(true, 40, 160)
	counted.Metrics = []gathered.Series{casetest.MetricOf("front", "http_requests_per_second", 10, 10, 10.1, 9.9)}
	cut := build(true, 40, 40)
	cut.Coverage = []evidence.Coverage{{Source: "traces", Key: evidence.TopicTraceSample, Status: evidence.CoverageTruncated}}
	for name, c := range map[string]struct {
		of   *gathered.Evidence
		want bool
	}{
		"as many traces and lines as ever":       {build(true, 40, 40, 1, 1), false},
		"as many traces as ever":                 {build(true, 40, 40), false},
		"as many traces, and metrics are silent": {silent(build(true, 40, 40)), true},
		"as many of both, and metrics silent":    {silent(build(true, 40, 40, 1, 1)), false},
		"four times the traces":                  {build(true, 40, 160), true},
		"traces picked for what happened":        {build(false, 40, 40), true},
		"as many lines as ever":                  {build(false, 40, 40, 1, 1), false},
		"three times the lines":                  {build(false, 40, 40, 1, 3), true},
		"as many traces as ever, but cut":        {cut, true},
		"requests are counted, and come as ever": {counted, false},
	} {
		got := first(t, c.of)
		if got.Entity.Name != "stock" || got.Mechanism != report.MechanismLatency {
			t.Fatalf("%s: got %s/%s first", name, got.Entity.Name, got.Mechanism)
		}
		if unchecked := got.Terms[0].Unchecked > 0; unchecked != c.want {
			t.Errorf("%s: %s is unchecked: %v, want %v", name, got.Terms[0].ID, unchecked, c.want)
		}
	}
}

// TestASurgeIsFoundWhereNoEntryCountsRequests: the first behind the entry that does
// count them tells, unless the entry's lines say that callers ask more often; and
// where nothing counts them, those lines do.
// silent is evidence of which metrics told nothing.
func silent(c *gathered.Evidence) *gathered.Evidence {
	c.Sources = []report.Standing{{Source: "metrics", State: report.SourceSilent}}
	return c
}

// TestASurgeThatLinesAndTracesDenyIsNone: something else is counted than what comes in;
// where one of them cannot be read, the word may not rest on the surge.
func TestASurgeThatLinesAndTracesDenyIsNone(t *testing.T) {
	build := func(traces, lines int) *gathered.Evidence { // how many times the usual; 0 for none
		c := &gathered.Evidence{Entities: append(casetest.Entities("front"), casetest.WorkloadEntity()), Alerting: []string{"front"}, Metrics: []gathered.Series{casetest.MetricOf("front", "http_requests_per_second", 10, 40, 41, 40)}}
		for i := range 40 * (1 + traces) {
			if traces > 0 {
				casetest.AddTrace(c, casetest.TraceID(i), i < 40, casetest.Call{Service: "front", Op: "GET /", Ms: 20})
				c.Traces[i].Sampled = true
			}
		}
		for i := range 1 + lines {
			if lines > 0 {
				casetest.AddLines(c, "front", i == 0, 60, "serves a page")
			}
		}
		return c
	}
	for name, c := range map[string]struct {
		of               *gathered.Evidence
		surge, unchecked bool
	}{
		"both come as ever":            {build(1, 1), false, false},
		"more of both":                 {build(4, 4), true, false},
		"more lines alone":             {build(1, 4), true, false},
		"more traces alone":            {build(4, 1), true, false},
		"more lines, and no traces":    {build(0, 4), true, false},
		"as many lines, and no traces": {build(0, 1), true, true},
		"as many traces, and no lines": {build(1, 0), true, true},
		"there are neither":            {build(0, 0), true, true},
	} {
		got := first(t, c.of)
		if is := got.Mechanism == report.MechanismSurge && got.Score > 0; is != c.surge {
			t.Errorf("%s: got %s/%s %d first, want a surge: %v", name, got.Entity.Name, got.Mechanism, got.Score, c.surge)
		} else if is && got.Terms[0].Unchecked > 0 != c.unchecked {
			t.Errorf("%s: %d of %d points are unchecked, want some: %v", name, got.Terms[0].Unchecked, got.Terms[0].Points, c.unchecked)
		}
	}
}

func TestASurgeIsFoundWhereNoEntryCountsRequests(t *testing.T) {
	build := func(counted bool, times int) *gathered.Evidence {
		c := &gathered.Evidence{Entities: append(casetest.Entities("front", "stock", "ware"), casetest.WorkloadEntity()), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock", "stock>ware")}
		if counted {
			c.Metrics = []gathered.Series{casetest.MetricOf("stock", "http_requests_per_second", 10, 40, 41, 40), casetest.MetricOf("ware", "http_requests_per_second", 10, 40, 39, 40)}
		}
		for range times {
			casetest.AddLines(c, "front", false, 60, "serves a page")
		}
		if times > 0 {
			casetest.AddLines(c, "front", true, 60, "serves a page")
		}
		return c
	}
	for name, c := range map[string]struct {
		of   *gathered.Evidence
		want bool
	}{
		"behind the entry, and no line tells":      {build(true, 0), true},
		"behind the entry, and by lines":           {build(true, 4), true},
		"behind the entry, which is asked no more": {build(true, 1), false},
		"by lines alone":                           {build(false, 4), true},
		"as many lines as ever":                    {build(false, 1), false},
	} {
		got := first(t, c.of)
		if is := got.Mechanism == report.MechanismSurge && got.Score > 0; is != c.want {
			t.Errorf("%s: got %s/%s %d first, want a surge: %v", name, got.Entity.Name, got.Mechanism, got.Score, c.want)
		}
	}
}

// TestWhatIsUsedMoreExplainsNothingThatIsNotSeen: memory that grows while nothing of
// its process does worse is unchecked as a cause of what alerts.
func TestWhatIsUsedMoreExplainsNothingThatIsNotSeen(t *testing.T) {
	build := func(more ...gathered.Series) *gathered.Evidence {
		return &gathered.Evidence{Entities: casetest.Entities("front", "stock"), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock"),
			Metrics: append([]gathered.Series{casetest.MetricOf("front", "http_requests_per_second", 10, 10, 10.1, 9.9), casetest.MetricOf("stock", "memory_usage_bytes", 1e8, 4e8, 4.1e8, 4e8)}, more...)}
	}
	slow, quick := casetest.MetricOf("stock", "latency_p99_ms", 20, 200, 210, 190), casetest.MetricOf("stock", "latency_p99_ms", 20, 20, 20.1, 19.9)
	failing := build()
	casetest.AddLines(failing, "stock", false, 20, "ERROR no room left")
	casetest.AddLines(failing, "stock", true, 20, "INFO serves")
	for name, c := range map[string]struct {
		of   *gathered.Evidence
		want bool
	}{
		"nothing tells how it does": {build(), true}, "it is as quick as ever": {build(quick), true},
		"it is slower": {build(slow), false}, "it fails by its lines": {failing, false},
	} {
		got := first(t, c.of)
		i := slices.IndexFunc(got.Terms, func(t report.Term) bool { return t.ID == "resource/usage" })
		if got.Entity.Name != "stock" || i < 0 || got.Terms[i].Unchecked > 0 != c.want {
			t.Errorf("%s: got %s/%s with %+v, want it unchecked: %v", name, got.Entity.Name, got.Mechanism, got.Terms, c.want)
		}
	}
}

// TestASurgeIsSureWhereEachRequestMakesAsManyCallsAsBefore counts requests at the
// entry alone, as where one process of several has metrics: the traces tell whether
// what is behind it got more in proportion.
func TestASurgeIsSureWhereEachRequestMakesAsManyCallsAsBefore(t *testing.T) {
	build := func(traced bool, before, during int) *gathered.Evidence { // calls of a request
		c := &gathered.Evidence{Entities: append(casetest.Entities("front", "stock"), casetest.WorkloadEntity()), Alerting: []string{"front"}, Edges: casetest.EdgesOf("front>stock"),
			Metrics: []gathered.Series{casetest.MetricOf("front", "http_requests_per_second", 10, 40, 41, 40)}}
		for i := range 200 {
			times, ms := before, 10.0
			if i >= 40 {
				times, ms = during, 300
			}
			var calls []casetest.Call
			for n := range times {
				calls = append(calls, casetest.Call{Service: "stock", Op: "read", At: 5 + float64(n)*ms, Ms: ms})
			}
			if traced {
				casetest.AddTrace(c, casetest.TraceID(i), i < 40, casetest.Call{Service: "front", Op: "GET /", Ms: 20 + float64(times)*ms, Calls: calls})
				c.Traces[i].Sampled = true
			}
		}
		return c
	}
	points := func(c *gathered.Evidence) int {
		for _, cause := range Causes(view.New(c)) {
			if cause.Mechanism == report.MechanismSurge {
				return cause.Score
			}
		}
		return 0
	}
	alone, steady, loop := points(build(false, 1, 1)), points(build(true, 1, 1)), points(build(true, 1, 3))
	if steady <= alone || loop >= alone {
		t.Errorf("a surge has %d points where nothing tells, %d where requests call as often as before and %d where each calls three times as often", alone, steady, loop)
	}
	if got := first(t, build(true, 1, 1)); got.Mechanism != report.MechanismSurge {
		t.Errorf("got %s/%s first, want the surge that makes stock slow", got.Entity.Name, got.Mechanism)
	}
}
