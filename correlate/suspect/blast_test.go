package suspect

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

func TestServicesHitAreThoseWithSymptomsInOrder(t *testing.T) {
	c := casetest.DeployedCase(casetest.SmallerPool())
	casetest.Fail(casetest.Fail(casetest.Fail(c, "till", "ledger did not answer: timed out"), "ledger", "connection pool exhausted"), "kubelet", "MemoryPressure")
	for i := range c.Logs {
		if c.Logs[i].Service == "till" {
			c.Logs[i].Time = c.Logs[i].Time.Add(20 * time.Second)
		}
	}
	c.Logs = append(c.Logs, gathered.Line{LogLine: evidence.LogLine{Time: casetest.At(31), Service: "rates", Severity: evidence.SeverityInfo, Body: "rates refreshed"}, Template: "rates refreshed"})
	if got, want := New(view.New(c)).HitBy(), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func traffic(entity, name string, before, during float64) gathered.Series {
	m := gathered.Series{Entity: entity, Name: name}
	for i := range 20 {
		m.Baseline = append(m.Baseline, evidence.Sample{Time: casetest.At(i), Value: before + float64(i%3)})
	}
	for i := range 5 {
		m.Incident = append(m.Incident, evidence.Sample{Time: casetest.At(30 + i), Value: during})
	}
	return m
}

func TestASurgeEntersFromOutside(t *testing.T) {
	for _, c := range []struct {
		name    string
		metrics []gathered.Series
		want    bool
	}{
		{"all rates double", []gathered.Series{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 190)}, true},
		{"only the callee's rate doubles, as by retries", []gathered.Series{traffic("till", "requests_per_second", 100, 101), traffic("ledger", "rps", 90, 190)}, false},
		{"more comes in but not here", []gathered.Series{traffic("till", "requests_per_second", 100, 210), traffic("ledger", "rps", 90, 91)}, false},
		{"latency doubles", []gathered.Series{traffic("till", "request_duration_ms", 100, 210)}, false},
	} {
		cs := casetest.DeployedCase(casetest.LargerPool())
		cs.Metrics = c.metrics
		if got := New(view.New(cs)).Surging(casetest.LedgerCause(report.MechanismLatency)); (got > 0) != c.want {
			t.Errorf("%s: got %d, want surge %v", c.name, got, c.want)
		}
	}
}

func TestCalleesOfTheCauseAreNotAmongTheHit(t *testing.T) {
	c := casetest.DeployedCase(casetest.SmallerPool())
	hit := []string{"ledger", "rates", "till"}
	if got, want := New(view.New(c)).Sufferers([]report.Cause{*casetest.LedgerCause(report.MechanismError)}, hit), []string{"ledger", "till"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := New(view.New(c)).Sufferers([]report.Cause{*casetest.LedgerCause(report.MechanismData)}, hit); !slices.Equal(got, hit) {
		t.Errorf("behind a bad record: got %v, want %v", got, hit)
	}
}
