package maturity

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

const day = 24 * time.Hour

// good are facts by which every check but those of incidents passes.
func good() Facts {
	return Facts{
		Tests: &Tests{At: start, Passed: 3, Packages: 2, Race: true}, Lint: &Lint{At: start}, Decisions: &Decisions{Records: 2},
		Coverage: &Coverage{At: start, Covered: 90, Statements: 100}, Source: &Source{Packages: 1, MainCount: 1, Servers: []HTTPServer{{Path: "a.go", Line: 1, Read: 5 * time.Second}}},
		Builds: &Builds{Names: []string{"a", "b"}, SHA256: []string{"1", "1"}}, Smoke: &Smoke{At: start, URL: "http://a/health", Took: time.Second, Status: 200},
		Attainment:  &Attainment{Period: AttainedOver, SLOs: []SLOAttained{{Name: "up", Target: .999, Hours: 672, Met: 670, Kept: AttainedOver}}},
		Experiments: &Experiments{List: []Experiment{{ID: "x", Start: start.Add(-day), End: start.Add(-day + time.Hour), Judged: 1}}},
		Indicators:  &Indicators{At: start, Live: []string{"up"}},
		Drill:       &Drill{At: start, URL: "http://a/health", Before: "ok", Reasons: []string{"db_down"}, Degraded: time.Second, Healed: 10 * time.Second},
		Telemetry:   &Telemetry{At: start, Window: time.Hour, Lines: 10, Traced: 10, Spans: 10, Versioned: 10, Environment: 10, Requests: []string{"r_total"}},
		Disruption:  &Disruption{Workload: "a", Replicas: 3, Budget: true, Available: 2, Target: .99},
		Latency:     &Latency{P99: time.Second, Period: AttainedOver},
	}
}

// TestEachCheckFailsByItsOwnCause takes what passes and spoils one thing.
func TestEachCheckFailsByItsOwnCause(t *testing.T) {
	for _, c := range []struct {
		id, status, says string
		spoil            func(*Facts)
	}{
		{"tests-pass", Fail, "1 of 4 tests failed: a_test.go:7: TestA: no", func(f *Facts) {
			f.Tests.Failed, f.Tests.Failures = 1, []casefile.CheckPlace{{Path: "a_test.go", Line: 7, Message: "TestA: no"}}
		}},
		{"tests-pass", Inconclusive, "no test ran", func(f *Facts) { f.Tests.Passed = 0 }},
		{"tests-pass", Inconclusive, "run them again", func(f *Facts) { f.Tests.At = start.Add(-day) }},
		{"tests-pass", Inconclusive, "in the future", func(f *Facts) { f.Tests.At = start.Add(day) }},
		{"race-clean", Fail, "1 data races were found", func(f *Facts) { f.Tests.Races = []casefile.CheckPlace{{Path: "a.go", Line: 1}} }},
		{"race-clean", Inconclusive, "ran without -race", func(f *Facts) { f.Tests.Race = false }},
		{"lint-clean", Fail, "found 2 things", func(f *Facts) { f.Lint.Found = 2 }},
		{"decisions-complete", Fail, "1 faults in decision records", func(f *Facts) { f.Decisions.Refused = 1 }},
		{"decisions-complete", Fail, "there is no decision record", func(f *Facts) { f.Decisions.Records = 0 }},
		{"coverage", Fail, "84.0 % of 100 statements", func(f *Facts) { f.Coverage.Covered = 84 }},
		{"coverage", Inconclusive, "counts no statement", func(f *Facts) { f.Coverage.Statements = 0 }},
		{"main-contract", Fail, "1 of 1 main packages break the contract", func(f *Facts) { f.Source.Mains = make([]casefile.CheckPlace, 1) }},
		{"no-bare-print", Fail, "1 calls print by hand", func(f *Facts) { f.Source.Prints = make([]casefile.CheckPlace, 1) }},
		{"build-reproducible", Fail, "a and b differ", func(f *Facts) { f.Builds.SHA256[1] = "2" }},
		{"build-reproducible", Inconclusive, "two builds", func(f *Facts) { f.Builds.SHA256 = f.Builds.SHA256[:1] }},
		{"smoke", Fail, "answered after 4 s", func(f *Facts) { f.Smoke.Took = 4 * time.Second }},
		{"smoke", Fail, "answered 503", func(f *Facts) { f.Smoke.Status = 503 }},
		{"smoke", Fail, "gave no answer", func(f *Facts) { f.Smoke.Status = 0 }},
		{"slo-attained", Fail, "99.11 % of the hours", func(f *Facts) { f.Attainment.SLOs[0].Met = 666 }},
		{"slo-attained", Inconclusive, "15 of 28 days are kept", func(f *Facts) {
			f.Attainment.SLOs[0].Kept, f.Attainment.SLOs[0].Hours, f.Attainment.SLOs[0].Met = 15*day, 360, 358
		}},
		{"slo-attained", Fail, "hours met their objective", func(f *Facts) {
			f.Attainment.SLOs[0].Kept, f.Attainment.SLOs[0].Hours, f.Attainment.SLOs[0].Met = 15*day, 360, 356
		}},
		{"slo-attained", Inconclusive, "nothing was measured of up", func(f *Facts) { f.Attainment.SLOs[0].Hours = 0 }},
		{"slo-attained", Inconclusive, "is written down", func(f *Facts) { f.Attainment.SLOs = nil }},
		{"chaos-survived", Fail, "was not survived: up burned", func(f *Facts) { f.Experiments.List[0].Missed = []string{"up burned"} }},
		{"chaos-survived", Inconclusive, "was announced", func(f *Facts) { f.Experiments.List = nil }},
		{"chaos-survived", Inconclusive, "no objective was measured", func(f *Facts) { f.Experiments.List[0].Judged = 0 }},
		{"sli-live", Fail, "1 of 2 objectives are not measured", func(f *Facts) { f.Indicators.Dead = []string{"p99"} }},
		{"health-degrades", Fail, "degraded after 1.3 s, 1.2 s are allowed", func(f *Facts) { f.Drill.Degraded = 1300 * time.Millisecond }},
		{"health-degrades", Inconclusive, "a command that ran for 300 ms", func(f *Facts) { f.Drill.Making = 300 * time.Millisecond }},
		{"health-degrades", Fail, "said ok all through", func(f *Facts) { f.Drill.Degraded = -1 }},
		{"health-degrades", Fail, "gave no reason", func(f *Facts) { f.Drill.Reasons = nil }},
		{"health-degrades", Inconclusive, "before the fault", func(f *Facts) { f.Drill.Before = "degraded" }},
		{"health-degrades", Inconclusive, "no drill", func(f *Facts) { f.Drill = nil }},
		{"self-healing", Fail, "stayed degraded", func(f *Facts) { f.Drill.Healed = -1 }},
		{"self-healing", Inconclusive, "took the fault back", func(f *Facts) { f.Drill.ByHand = true }},
		{"logs-traced", Warn, "6 of 10 log lines", func(f *Facts) { f.Telemetry.Traced = 6 }},
		{"logs-traced", Fail, "0 of 10 log lines", func(f *Facts) { f.Telemetry.Traced = 0 }},
		{"logs-traced", Inconclusive, "Loki is down", func(f *Facts) { f.Telemetry.Unasked = map[string]string{"logs": "Loki is down"} }},
		{"status-labelled", Fail, "no label for the status", func(f *Facts) { f.Telemetry.Statusless = []string{"r_total"} }},
		{"status-labelled", Warn, "1 of 2 metrics", func(f *Facts) { f.Telemetry.Requests, f.Telemetry.Statusless = []string{"d", "r"}, []string{"d"} }},
		{"health-honest", Fail, "all through the fault of the drill", func(f *Facts) { f.Drill.Degraded = -1 }},
		{"version-sent", Fail, "0 of 10 spans", func(f *Facts) { f.Telemetry.Versioned = 0 }},
		{"environment-sent", Inconclusive, "sent no spans", func(f *Facts) { f.Telemetry.Spans = 0 }},
		{"environment-sent", Inconclusive, "no source knows chekcout", func(f *Facts) { f.Telemetry.Environment, f.Telemetry.Unknown = 0, "no source knows chekcout" }},
		{"disruption-budget", Fail, "has 1 replica", func(f *Facts) { f.Disruption.Replicas = 1 }},
		{"disruption-budget", Fail, "no PodDisruptionBudget", func(f *Facts) { f.Disruption.Budget = false }},
		{"disruption-budget", Fail, "no node can ever be drained", func(f *Facts) { f.Disruption.Available = 3 }},
		{"disruption-budget", Fail, "needs 9", func(f *Facts) { f.Disruption.Replicas, f.Disruption.Available, f.Disruption.Target = 10, 8, .999 }},
		{"disruption-budget", Fail, "2 PodDisruptionBudgets select the pods", func(f *Facts) { f.Disruption.Beside = 1 }},
		{"disruption-budget", Warn, "no objective says", func(f *Facts) { f.Disruption.Target = 0 }},
		{"server-timeouts", Fail, "waits for ever", func(f *Facts) { f.Source.Servers[0].Read = 0 }},
		{"server-timeouts", Fail, "below the 99th percentile of 28 days, 6 s", func(f *Facts) { f.Latency.P99 = 6 * time.Second }},
		{"server-timeouts", Warn, "more than 20 times", func(f *Facts) { f.Source.Servers[0].Write = time.Minute }},
		{"server-timeouts", Inconclusive, "map latency_p99", func(f *Facts) { f.Latency = nil }},
	} {
		f := good()
		before := result(c.id, f)
		c.spoil(&f)
		got := result(c.id, f)
		if before.Status != Pass || got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("%s: got %s %q (before %s %q), want %s %q", c.id, got.Status, got.Message, before.Status, before.Message, c.status, c.says)
		}
	}
}

func result(id string, f Facts) casefile.CheckResult {
	for level := 1; level <= Levels; level++ {
		in := &Input{Request: Request{CheckRequest: casefile.CheckRequest{Level: level, Service: "shop"}, RevisionAt: start.Add(-time.Hour), Facts: f}, Now: start.Add(time.Second)}
		for _, r := range Run(in) {
			if r.ID == id {
				return r
			}
		}
	}
	return casefile.CheckResult{}
}

// TestNothingLookedAtPassesNothing holds every check to abstaining without facts,
// and to having a page.
func TestNothingLookedAtPassesNothing(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Checks() {
		if c.Level != rootCause.Level {
			if got := result(c.ID, Facts{}); got.Status != Inconclusive || got.Message == "" {
				t.Errorf("%s: got %s %q, want INCONCLUSIVE with a reason", c.ID, got.Status, got.Message)
			}
		}
		if h, ok := correlate.Help("check/" + c.ID); !ok || h.Short == "" || c.Name == "" || seen[c.ID] {
			t.Errorf("%s: it has no page, no name, or is there twice", c.ID)
		}
		seen[c.ID] = true
	}
}

func TestReachedIsTheHighestLevelWithAllBelow(t *testing.T) {
	of := func(spoiled, status string) []casefile.CheckResult {
		var all []casefile.CheckResult
		for _, c := range Checks() {
			r := casefile.CheckResult{ID: c.ID, Level: c.Level, Status: Pass, ExecutedAt: start}
			if c.ID == spoiled {
				old := r
				old.ExecutedAt = start.Add(-time.Hour)
				r.Status = status
				all = append(all, old) // an older result must not count
			}
			all = append(all, r)
		}
		return all
	}
	for _, c := range []struct {
		id, status string
		want       int
	}{
		{"", "", 5}, {"root-cause-located", Inconclusive, 4}, {"root-cause-located", Warn, 5}, {"coverage", Fail, 1}, {"tests-pass", Inconclusive, 0}, {"chaos-survived", Fail, 2},
	} {
		if got := Reached(of(c.id, c.status)); got != c.want {
			t.Errorf("%s %s: got level %d, want %d", c.id, c.status, got, c.want)
		}
	}
	if got := Reached(nil); got != 0 {
		t.Errorf("of nothing: got level %d", got)
	}
}

// TestTheAnswerHasToRestOnAllThreeSources is about how a root cause came about.
func TestTheAnswerHasToRestOnAllThreeSources(t *testing.T) {
	of := func(change func(*report.Report)) casefile.CheckResult {
		a := answer(1, 4*time.Second, report.Confirmed, "bidder")
		a.Report.Sources = append([]report.Standing{}, speaking...)
		change(&a.Report)
		return check(casefile.CheckRequest{Level: 5, Incident: "INC-1", Expect: casefile.CheckExpect{Entity: "bidder"}, Within: 87}, []Case{{incident("INC-1", 0), []Answer{a}}}, start)
	}
	for _, c := range []struct {
		says, status string
		change       func(*report.Report)
	}{
		{"Confirmed", Pass, func(*report.Report) {}},
		{"logs: failed", Inconclusive, func(r *report.Report) { r.Sources[1].State = report.SourceFailed }},
		{"traces: silent", Inconclusive, func(r *report.Report) { r.Sources[0].State = report.SourceSilent }},
		{"metrics: not configured", Inconclusive, func(r *report.Report) { r.Sources[2].State = report.SourceNotConfigured }},
		{"logs: partly failed", Inconclusive, func(r *report.Report) { r.Sources[1].State = report.SourcePartly }},
		{"traces: no question was answered", Inconclusive, func(r *report.Report) { r.Sources = nil }},
		{"no source knows chekcout; nearest: checkout", Inconclusive, func(r *report.Report) {
			r.Unknown = []report.UnknownName{{Name: "chekcout", Near: []string{"checkout"}}}
		}},
		{"entity is etcd", Fail, func(r *report.Report) { r.Causes[0].Entity.Name, r.Sources[1].State = "etcd", report.SourceFailed }},
	} {
		got := of(c.change)
		if got.Status != c.status || !strings.Contains(got.Message, c.says) {
			t.Errorf("got %s %q, want %s %q", got.Status, got.Message, c.status, c.says)
		}
	}
	calls := of(func(r *report.Report) {
		for _, s := range []string{"traces", "code", "logs", "metrics"} {
			r.Coverage = append(r.Coverage, evidence.Coverage{Source: s, Query: s + "?", Status: evidence.CoverageAnswered, Count: 2})
		}
	}).Calls
	if len(calls) != 3 || calls[1] != (casefile.CheckCall{Source: "logs", Query: "logs?", Status: "answered", Count: 2}) {
		t.Errorf("got the calls %+v, want one of each source", calls)
	}
}

func TestWhatSomebodyAskedDoesNotCount(t *testing.T) {
	asked := incident("INC-1", 0)
	asked.AlertName = evidence.NameByHand
	cases := []Case{{asked, []Answer{answer(1, time.Second, report.Confirmed, "bidder")}}}
	for _, r := range []casefile.CheckRequest{{Level: 5, Incident: "INC-1"}, {Level: 5, Service: "checkout", From: start, To: start.Add(time.Hour)}} {
		if got := check(r, cases, start); got.Status != Inconclusive {
			t.Errorf("got %s %q, want INCONCLUSIVE", got.Status, got.Message)
		}
	}
}
