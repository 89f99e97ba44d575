package gather

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

func TestMilestonesThatCannotBeMeasuredAreRefused(t *testing.T) {
	ok := gathered.Milestone{ID: "a", Says: "ads not served", Good: `m_total{good="true"}`, Bad: `m_total{good="false"}`}
	for says, spoil := range map[string]func(*gathered.Milestone){
		"":                       func(*gathered.Milestone) {},
		"it needs an id":         func(m *gathered.Milestone) { m.ID = "" },
		"needs good and bad":     func(m *gathered.Milestone) { m.Bad = "" },
		"neither metric, span":   func(m *gathered.Milestone) { m.From = "event" },
		"a LogQL query of lines": func(m *gathered.Milestone) { m.From, m.Good = "log", `rate({a="b"}[5m])` },
		"name the service":       func(m *gathered.Milestone) { m.From = "span" },
		"no series selector":     func(m *gathered.Milestone) { m.Good = "sum(m_total)" },
		"duration":               func(m *gathered.Milestone) { m.Duration = "rate(h[5m])" },
	} {
		m := ok
		spoil(&m)
		if err := CheckMilestones([]gathered.Milestone{m}); (says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	if err := CheckMilestones([]gathered.Milestone{ok, ok}); err == nil || !strings.Contains(err.Error(), `the id "a" is taken`) {
		t.Errorf("got %v, want that the id is taken", err)
	}
}

// linesCounted is a source of lines that counts them.
type linesCounted struct{ *casetest.World }

func (linesCounted) CountLines(_ context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Sample, error) {
	if expr == `{a="broken"}` {
		return nil, evidence.ErrUnavailable
	}
	return []evidence.Sample{{Time: w.Start, Value: 3}, {Time: w.Start.Add(step), Value: 4}}, nil
}

// TestMilestonesAreCountedByLines also where there are no metrics, and not where one
// of the two counts is missing: what is left would be all good or all bad.
func TestMilestonesAreCountedByLines(t *testing.T) {
	of := func(id, bad string) gathered.Milestone {
		return gathered.Milestone{ID: id, Says: "ads not served", From: gathered.FromLog, Good: `{a="b"} |= "served"`, Bad: bad}
	}
	list := []gathered.Milestone{of("whole", `{a="b"} |= "failed"`), of("half", `{a="broken"}`)}
	if err := CheckMilestones(list); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*casetest.World, *port.Sources)
		want   [2]bool
		status evidence.CoverageStatus // of the second one's lines
	}{
		"with metrics":        {func(w *casetest.World, s *port.Sources) { s.Logs = linesCounted{w} }, [2]bool{true, false}, evidence.CoverageFailed},
		"without":             {func(w *casetest.World, s *port.Sources) { s.Logs, s.Metrics = linesCounted{w}, nil }, [2]bool{true, false}, evidence.CoverageFailed},
		"nobody counts lines": {func(*casetest.World, *port.Sources) {}, [2]bool{}, evidence.CoverageEmpty},
		"no lines":            {func(_ *casetest.World, s *port.Sources) { s.Logs = nil }, [2]bool{}, evidence.CoverageNotConfigured},
	} {
		w := casetest.NewWorld()
		sources := w.Sources()
		c.change(w, &sources)
		inv := New(sources, Options{Milestones: list, Deadline: time.Minute, SourceDeadline: time.Minute}.WithDefaults(), w.Request())
		got, err := inv.Collect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range got.Milestones {
			if m.Counted != c.want[i] || m.Counted && (len(m.Good) != 1 || len(m.Good[0]) != 2 || m.Good[0][1].Value != 4) {
				t.Errorf("%s, %s: got %+v, want counted %v", name, m.ID, m, c.want[i])
			}
		}
		if len(got.Milestones) != 2 || !slices.ContainsFunc(inv.Ledger.Coverage(nil), func(r evidence.Coverage) bool {
			return r.Source == "logs" && r.Key == evidence.TopicMilestones && r.Status == c.status
		}) {
			t.Errorf("%s: got %d milestones, want two and a row that says %s", name, len(got.Milestones), c.status)
		}
	}
}

// TestCountersSayWhatFailed: the counter of a milestone's failed ones, and no other.
func TestCountersSayWhatFailed(t *testing.T) {
	of := func(from, bad string) gathered.Reached {
		return gathered.Reached{Milestone: gathered.Milestone{ID: "ad_served", Says: "ads not served", From: from, Bad: bad}}
	}
	series := func(name, milestone, good, stat string) gathered.Series {
		return gathered.Series{Name: name, Stat: stat, Labels: map[string]string{"milestone": milestone, "good": good, "job": "edge"}}
	}
	bad := series("m_total", "ad_served", "false", "rate")
	for name, c := range map[string]struct {
		by     gathered.Reached
		series gathered.Series
		says   string
	}{
		"its own":             {of("", `m_total{milestone="ad_served",good="false"}`), bad, "ads not served"},
		"by a pattern":        {of(gathered.FromMetric, `m_total{milestone=~"ad_.*",good!="true"}`), bad, "ads not served"},
		"a label that is not": {of("", `m_total{good="false",region="eu"}`), bad, ""},
		"the good ones":       {of("", `m_total{milestone="ad_served",good="false"}`), series("m_total", "ad_served", "true", "rate"), ""},
		"another milestone":   {of("", `m_total{milestone="ad_served",good="false"}`), series("m_total", "bid_placed", "false", "rate"), ""},
		"another metric":      {of("", `m_total{milestone="ad_served",good="false"}`), series("n_total", "ad_served", "false", "rate"), ""},
		"a ratio of it":       {of("", `m_total{milestone="ad_served",good="false"}`), series("m_total", "ad_served", "false", gathered.StatExpr), ""},
		"lines":               {of(gathered.FromLog, `{job="edge"}`), bad, ""},
		"no selector":         {of("", `sum(`), bad, ""},
	} {
		e := &gathered.Evidence{Milestones: []gathered.Reached{c.by}, Metrics: []gathered.Series{c.series}}
		sayWhatFailed(e)
		if got := e.Metrics[0].Says; got != c.says {
			t.Errorf("%s: got %q, want %q", name, got, c.says)
		}
	}
}
