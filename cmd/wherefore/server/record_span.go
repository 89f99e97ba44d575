package server

import (
	"regexp"
	"time"

	"github.com/prometheus/common/model" // durations as PromQL writes them

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// recordedWindow is everything that the investigation of a report looked at.
func recordedWindow(r report.Report) evidence.Window {
	w := r.Window
	if !r.Baseline.IsZero() && r.Baseline.Start.Before(w.Start) {
		w.Start = r.Baseline.Start
	}
	return w
}

// changesWindow is the time in which the investigation looked for changes.
func changesWindow(r report.Report) evidence.Window {
	w := evidence.Window{Start: r.Window.End.AddDate(0, 0, -1), End: r.Window.End.Add(time.Nanosecond)}
	for _, c := range r.Coverage {
		if c.Source == "changes" && !c.Window.IsZero() && c.Window.Start.Before(w.Start) {
			w.Start = c.Window.Start
		}
	}
	return w
}

const (
	// staleAfter is how far Prometheus looks back for an instant's value.
	staleAfter = 5 * time.Minute
	// mostBefore bounds how long before the window samples are recorded. A rate
	// over more than that is off in the replay's first part.
	mostBefore = 2 * time.Hour
)

// rangeOf is the range of a range selector or a subquery.
var rangeOf = regexp.MustCompile(`\[\s*([0-9][0-9a-z]*)\s*[\]:]`)

// lookedBack is how long before a window the expressions looked that the
// investigation sent. Questions about earlier days do not count.
func lookedBack(r report.Report, all evidence.Window) time.Duration {
	before := staleAfter
	for _, c := range r.Coverage {
		for _, call := range c.Calls {
			if c.Source != "metrics" || call.Window.IsZero() || call.Window.End.Before(all.Start) {
				continue
			}
			start := call.Window.Start
			for _, m := range rangeOf.FindAllStringSubmatch(call.Query, -1) {
				if d, err := model.ParseDuration(m[1]); err == nil {
					before = max(before, all.Start.Sub(start.Add(-time.Duration(d))))
				}
			}
			before = max(before, all.Start.Sub(start))
		}
	}
	return min(before, mostBefore)
}

var nameInQuery = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// firstRecorded are the services that a report is about and the metrics that its
// investigation read: where a limit is reached, the rest is left out.
func firstRecorded(r report.Report) map[string]bool {
	first := map[string]bool{}
	for _, s := range servicesOf(r) {
		first[s] = true
	}
	for _, c := range r.Coverage {
		for _, call := range c.Calls {
			if c.Source != "metrics" {
				continue
			}
			for _, name := range nameInQuery.FindAllString(call.Query, -1) {
				first[name] = true
			}
		}
	}
	return first
}

// servicesOf are the services that a report is about.
func servicesOf(r report.Report) []string {
	list := append([]string{r.Service}, r.Impact.Services...)
	for _, e := range r.Ranked {
		list = append(list, e.Entity)
	}
	for _, c := range r.Changes {
		list = append(list, c.Service)
	}
	for _, c := range r.Code {
		list = append(list, c.Service)
	}
	return list
}
