package compose

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Present says whether the rules of an incident's alerts still fire at an instant.
// One that fires is enough for yes; no needs all of them to be known. What has no
// value from an instant on is not known now.
func Present(fires []gathered.Fires, from, at time.Time) report.Present {
	p := report.Present{At: at.UTC(), Fires: report.Unknown}
	known, asked, quiet, ended := len(fires) > 0, true, true, time.Time{}
	for i := range fires {
		f := &fires[i]
		for _, b := range f.Bounds {
			if cond, ok := presentCondition(&b, from); ok && len(p.Conditions) < mostConditions {
				p.Conditions = append(p.Conditions, cond)
			}
		}
		asked = asked && !f.Unasked
		newest := newestOf(f.Known)
		switch last := newestOf(f.Firing); {
		case newest.Before(from) && last.Before(from):
			known = false
		case !last.IsZero() && !newest.After(last):
			quiet = false
		case !last.IsZero():
			if next := f.Known[firstAfter(f.Known, last)]; next.After(ended) {
				ended = next
			}
		}
	}
	// What fires comes first: it is what a reader asks about.
	slices.SortStableFunc(p.Conditions, func(a, b report.PresentCondition) int {
		return gathered.CompareBool(a.Holds, b.Holds)
	})
	switch {
	case len(fires) == 0:
		p.Says = wording.Say("present/no-rule", "No rule of this alert is known, so nobody can tell whether it is still so.")
	case !quiet:
		p.Fires, p.Says = report.Yes, wording.Say("present/fires", "Still so"+presentValue(p.Conditions)+".")
	case !asked:
		p.Says = wording.Say("present/unasked", "The metrics did not answer, so nobody can tell whether it is still so.")
	case !known:
		p.Says = wording.Say("present/unknown", "What the rule of the alert measures has no value now.")
	default:
		p.Fires, p.Since, p.Says = report.No, ended.UTC(), wording.Say("present/quiet", "Not any more"+presentValue(p.Conditions)+".")
	}
	return p
}

// presentValue is the first comparison in words, empty where there is none.
func presentValue(list []report.PresentCondition) string {
	if len(list) == 0 {
		return ""
	}
	c := list[0]
	fires := map[string]string{
		">": "above %s", ">=": "from %s on", "<": "below %s", "<=": "at %s and below", "==": "at %s", "!=": "at anything but %s",
	}[c.Op]
	return fmt.Sprintf(": %s now, the alert fires "+fires, wording.TwoDigits(c.Value), wording.TwoDigits(c.Limit))
}

func newestOf(list []time.Time) time.Time {
	if len(list) == 0 {
		return time.Time{}
	}
	return list[len(list)-1]
}

// firstAfter is the index of the first instant after another, of a list in order
// that has one.
func firstAfter(list []time.Time, t time.Time) int {
	return slices.IndexFunc(list, func(x time.Time) bool { return x.After(t) })
}

// presentCondition is one comparison with the newest value of the series that is
// worst now; ok is false where none has a value from an instant on.
func presentCondition(b *gathered.Bound, from time.Time) (cond report.PresentCondition, ok bool) {
	for _, samples := range b.Series {
		for _, s := range slices.Backward(samples) {
			if s.Time.Before(from) {
				break
			}
			if math.IsNaN(s.Value) {
				continue
			}
			if !ok || b.Worse(s.Value, cond.Value) {
				cond = report.PresentCondition{Expr: b.Expr, Op: b.Op(), Limit: b.Value, Value: s.Value, At: s.Time.UTC(), Holds: !b.Fires(s.Value)}
				ok = true
			}
			break
		}
	}
	return cond, ok
}
