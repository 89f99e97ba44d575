package onset

import (
	"cmp"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// consensus takes the onset from all metrics together: where the most of them
// change together. A lone metric that changes proves nothing,
// and what changed only after all spans and lines had ceased is an aftermath.
func (v *Finder) consensus(ceased time.Time) (report.Onset, bool) {
	var all []shift
	for _, m := range v.Series {
		t := v.trackOf(report.OnsetMetrics, m.Samples)
		t.looks = m.Looks
		t.normal = nil // the survey's own look-back suits a vote better
		if f, ok := v.search(t); ok && wording.Abs(f.z) >= v.by().Vote && !f.earliest.After(ceased) && v.couldFire(f) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b shift) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.z, a.z)) })
	wide := v.by().Together
	best, from, votes := 0.0, 0, 0
	for i := range all {
		sum, n := 0.0, 0
		for _, f := range all[i:] {
			if f.at.Sub(all[i].at) > wide {
				break
			}
			sum += stat.Squash(wording.Abs(f.z), v.by().Half)
			n++
		}
		if sum *= v.nearness(all[i].at); sum > best {
			best, from, votes = sum, i, n
		}
	}
	if votes < v.by().Votes {
		return report.Onset{}, false
	}
	return v.found(all[from].earliest, all[from].at, report.OnsetMetrics, stat.Milli(best/float64(votes))), true
}

// ceased is the last instant at which any span or line was seen, when that is
// well before the alert, else the alert.
func (v *Finder) ceased(c *gathered.Evidence) time.Time {
	var last time.Time
	for _, t := range c.Traces {
		for i := range t.Spans {
			if end := t.Spans[i].End(); end.After(last) && v.Evidence.Survey.Contains(end) {
				last = end
			}
		}
	}
	for i := range c.Logs {
		if at := c.Logs[i].Time; at.After(last) && v.Evidence.Survey.Contains(at) {
			last = at
		}
	}
	if last.IsZero() || v.Evidence.Survey.End.Sub(last) < v.by().Silence {
		return v.Evidence.Survey.End
	}
	return last
}

// nearness weighs an onset by how long before the alert it would have been: what
// shifted a quarter of an hour earlier is seldom what it fired for.
func (v *Finder) nearness(at time.Time) float64 {
	age := max(0, v.Evidence.FiredAt.Sub(at)-v.by().Free)
	return float64(v.by().NearHalf) / float64(v.by().NearHalf+age)
}
