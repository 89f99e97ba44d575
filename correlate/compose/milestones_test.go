package compose

import (
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// counter grows by so many an interval of 15 s, before and since the onset.
func counter(onset time.Time, before, since float64) []evidence.Sample {
	var list []evidence.Sample
	x := 1000.0
	for s := -600; s <= 300; s += 15 {
		if s > 0 {
			x += since
		} else {
			x += before
		}
		list = append(list, evidence.Sample{Time: onset.Add(time.Duration(s) * time.Second), Value: x})
	}
	return list
}

// TestImpactIsSaidInTheWordsOfTheBusiness counts what was lost since the onset.
func TestImpactIsSaidInTheWordsOfTheBusiness(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	step := func(id, says, service, name string, good, bad [2]float64) gathered.Reached {
		return gathered.Reached{Counted: true, Milestone: gathered.Milestone{ID: id, Says: says, Service: service, Step: name, Journey: "an ad"},
			Good: [][]evidence.Sample{counter(onset, good[0], good[1])}, Bad: [][]evidence.Sample{counter(onset, bad[0], bad[1])}}
	}
	e := &gathered.Evidence{Step: 15 * time.Second, Onset: report.Onset{At: onset, Earliest: onset, Latest: onset}, Incident: evidence.Window{Start: onset, End: onset.Add(5 * time.Minute)},
		Survey: evidence.Window{Start: onset.Add(-10 * time.Minute), End: onset.Add(5 * time.Minute)}, Baselines: []evidence.Window{{Start: onset.Add(-10 * time.Minute), End: onset}}}
	e.Milestones = []gathered.Reached{
		step("asked", "requests not taken", "edge", "asked", [2]float64{30, 30}, [2]float64{.3, .3}),
		step("bid", "bids not placed", "bidder", "bid", [2]float64{30, 21}, [2]float64{0, 9}),
		step("served", "ads not served", "ad-server", "served", [2]float64{30, 14.5}, [2]float64{.3, 15.5}),
	}
	for _, c := range []struct {
		blamed, headline, here string
	}{
		{"ad-server", "about 310 ads not served since 10:06, 51.7 % of them; it begins at the step served of an ad", "served"},
		{"etcd", "about 310 ads not served since 10:06, 51.7 % of them", "bid"},
	} {
		impact := report.Impact{Headline: "before", Milestones: milestones(e, c.blamed)}
		sayMilestones(&impact)
		if impact.Headline != c.headline || len(impact.Facts) != 2 || impact.Facts[0] != "before" || !strings.HasPrefix(impact.Facts[1], "about 180 bids not placed since 10:06, 30 % of them") {
			t.Errorf("%s: got %q and %q", c.blamed, impact.Headline, impact.Facts)
		}
		for _, m := range impact.Milestones {
			if m.Here != (m.Step == c.here) || m.Hit == (m.ID == "asked") {
				t.Errorf("%s: got %+v", c.blamed, m)
			}
		}
	}
	e.Milestones = e.Milestones[:1]
	impact := report.Impact{Headline: "before", Milestones: milestones(e, "")}
	if sayMilestones(&impact); impact.Headline != "before" || len(impact.Facts) > 0 {
		t.Errorf("got %q where nothing more is lost than usually", impact.Headline)
	}
}

func TestCountersGrowThroughRestarts(t *testing.T) {
	start := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	w := evidence.Window{Start: start, End: start.Add(time.Minute)}
	at := func(seconds int, x float64) evidence.Sample {
		return evidence.Sample{Time: start.Add(time.Duration(seconds) * time.Second), Value: x}
	}
	for name, c := range map[string]struct {
		samples []evidence.Sample
		want    float64
	}{
		"grows":                       {[]evidence.Sample{at(-15, 5), at(15, 8), at(30, 9)}, 4},
		"restarts":                    {[]evidence.Sample{at(-15, 50), at(15, 52), at(30, 3), at(45, 4)}, 6},
		"was not there before":        {[]evidence.Sample{at(15, 7), at(30, 9)}, 9},
		"was there when it was asked": {[]evidence.Sample{at(-590, 7), at(15, 9)}, 2},
		"ends with the window":        {[]evidence.Sample{at(0, 1), at(60, 3), at(75, 9)}, 2},
	} {
		if got := grown(c.samples, w, start.Add(-10*time.Minute)); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestSpansCanCountMilestones(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	e := &gathered.Evidence{Onset: report.Onset{At: onset}, Incident: evidence.Window{Start: onset, End: onset.Add(time.Minute)}}
	for i := range 12 {
		ready := map[bool]string{true: "true", false: "false"}[i%3 > 0]
		e.Traces = append(e.Traces, gathered.Trace{Sampled: true, Trace: evidence.Trace{Spans: []evidence.Span{{Service: "web", Start: onset.Add(time.Second), Attributes: map[string]string{"sli.ready": ready}}}}})
	}
	e.Traces[0].Sampled = false
	e.Milestones = []gathered.Reached{{Milestone: gathered.Milestone{ID: "seen", Says: "pages not seen", Service: "web", From: gathered.FromSpan, Good: "sli.ready=true", Bad: "sli.ready"}}}
	got := milestones(e, "")
	if len(got) != 1 || got[0].Lost != 3 || got[0].All != 11 || !strings.HasPrefix(got[0].Says, "3 of 11 sampled: pages not seen since 10:06, 27.3 % of them") {
		t.Errorf("got %+v, want 3 of 11", got)
	}
}

// TestLinesCountMilestones adds up what was counted since the onset, and says nothing
// where a count is missing.
func TestLinesCountMilestones(t *testing.T) {
	onset := time.Date(2026, 5, 1, 10, 6, 0, 0, time.UTC)
	e := &gathered.Evidence{Onset: report.Onset{At: onset, Earliest: onset}, Incident: evidence.Window{Start: onset, End: onset.Add(time.Minute)},
		Survey: evidence.Window{Start: onset.Add(-time.Minute), End: onset.Add(time.Minute)}, Baselines: []evidence.Window{{Start: onset.Add(-time.Minute), End: onset}}}
	counts := func(list ...float64) [][]evidence.Sample {
		var samples []evidence.Sample
		for i, n := range list {
			samples = append(samples, evidence.Sample{Time: onset.Add(time.Duration(i-2) * 15 * time.Second), Value: n})
		}
		return [][]evidence.Sample{samples}
	}
	m := gathered.Reached{Counted: true, Milestone: gathered.Milestone{ID: "paid", Says: "orders not paid", From: gathered.FromLog},
		Good: counts(30, 30, 28, 10, 12), Bad: counts(0, 1, 1, 20, 18)}
	for name, c := range map[string]struct {
		spoil func(*gathered.Reached)
		says  string
		lost  float64
	}{
		"counted":              {func(*gathered.Reached) {}, "about 38 orders not paid since 10:06, 63.3 % of them", 38},
		"nothing went wrong":   {func(m *gathered.Reached) { m.Bad = counts() }, "about 0 orders not paid since 10:06, 0 % of them", 0},
		"a count is missing":   {func(m *gathered.Reached) { m.Counted = false }, "", 0},
		"nobody told anything": {func(m *gathered.Reached) { m.Good, m.Bad = counts(), counts() }, "", 0},
	} {
		x := m
		c.spoil(&x)
		e.Milestones = []gathered.Reached{x}
		switch got := milestones(e, ""); {
		case c.says == "" && len(got) > 0:
			t.Errorf("%s: got %+v, want nothing", name, got)
		case c.says != "" && (len(got) != 1 || got[0].Says != c.says || got[0].Lost != c.lost || got[0].Sampled || got[0].Hit != (c.lost > 0)):
			t.Errorf("%s: got %+v, want %q", name, got, c.says)
		}
	}
}
