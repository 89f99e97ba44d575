package correlate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gather"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// past answers about earlier days as well, and counts what it is asked.
type past struct {
	*casetest.World
	days  int // how far back it remembers
	holds bool
	asked []string
}

func (p *past) Holds(evidence.Window) bool { return p.holds }

func (p *past) QueryRange(ctx context.Context, expr string, w evidence.Window, step time.Duration) ([]evidence.Series, error) {
	back := 0
	for w.End.Add(time.Duration(back) * 24 * time.Hour).Before(casetest.WorldNow.Add(-12 * time.Hour)) {
		back++
	}
	if back > 0 {
		p.asked = append(p.asked, fmt.Sprint(back))
	}
	if back > p.days {
		return nil, nil
	}
	off := time.Duration(back) * 24 * time.Hour
	list, err := p.World.QueryRange(ctx, expr, evidence.Window{Start: w.Start.Add(off), End: w.End.Add(off)}, step)
	for i := range list {
		for j := range list[i].Samples {
			list[i].Samples[j].Time = list[i].Samples[j].Time.Add(-off)
		}
	}
	return list, err
}

func investigatePast(t *testing.T, p *past) report.Report {
	t.Helper()
	s := p.Sources()
	s.Metrics = p
	r, err := New(s, gather.Options{Concurrency: 1}).Investigate(t.Context(), p.Request())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func coverageOf(r report.Report, query string) string {
	for _, c := range r.Coverage {
		if c.Query == query {
			return string(c.Status) + ": " + c.Detail
		}
	}
	return ""
}

func TestEarlierDaysAreAskedAsFarAsTheMetricsReachBack(t *testing.T) {
	p := &past{World: casetest.NewWorld(), days: 1, holds: true}
	r := investigatePast(t, p)
	if got := strings.Join(p.asked, " "); got != "1 7" {
		t.Errorf("asked about the days before: got %q, want one query each", got)
	}
	if got := coverageOf(r, "the same hour yesterday"); got != "answered: " {
		t.Errorf("yesterday: got %q, want it answered", got)
	}
	if got := coverageOf(r, "the same hour 7 days ago"); !strings.HasPrefix(got, "empty: no samples") {
		t.Errorf("a week ago: got %q, want it empty, with the reason", got)
	}
	said := false
	for _, cause := range r.Causes {
		for _, term := range cause.Terms {
			said = said || term.ID == "explain/earlier-day" && strings.HasPrefix(term.Why, "yesterday at this hour http_errors_ratio was as high")
		}
	}
	if !said {
		t.Error("yesterday was the same: no cause says so")
	}
}

func TestARecordingWithoutEarlierDaysIsNotAskedAboutThem(t *testing.T) {
	p := &past{World: casetest.NewWorld(), days: 7}
	r := investigatePast(t, p)
	if len(p.asked) > 0 || coverageOf(r, "the same hour yesterday") != "" {
		t.Errorf("asked about the days %v, and the coverage says %q; want neither", p.asked, coverageOf(r, "the same hour yesterday"))
	}
}
