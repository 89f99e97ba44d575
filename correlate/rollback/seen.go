package rollback

import (
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Trials are the trials that a record tells of.
func Trials(drills []evidence.Drill) []Trial {
	var list []Trial
	for _, d := range drills {
		t := Trial{At: d.At, Seconds: d.Seconds}
		switch d.Outcome() {
		case evidence.DrillAgain:
			t.Again = true
		case evidence.DrillFailed:
			t.Failed = true
		case evidence.DrillUnclear:
			t.Unclear = d.Result
		}
		list = append(list, t)
	}
	return list
}

// NewestTrial is the newest trial up to an instant, of those that did something where
// there is one; ok is false without any.
func NewestTrial(trials []Trial, now time.Time) (newest Trial, ok bool) {
	for _, t := range trials {
		if !t.At.After(now) && (!ok || newest.Again && !t.Again || t.At.After(newest.At) && newest.Again == t.Again) {
			newest, ok = t, true
		}
	}
	return newest, ok
}

// settling is how long before and after a trial its telemetry is looked for: a
// scrape is up to a minute late.
const settling = 2 * time.Minute

// Spacing is how far apart the samples are that are looked at.
const Spacing = 15 * time.Second

// Around is the time in which the telemetry of a trial is looked for.
func Around(at time.Time, took time.Duration) evidence.Window {
	return evidence.Window{Start: at.Add(-settling), End: at.Add(took + settling)}
}

// Query asks for all series about rollbacks, and Kept whether anything is kept of a
// time at all.
func Query() string {
	names := slices.Clone(Said)
	for _, name := range Said { // in their order
		names = append(names, Aliases[name]...)
	}
	return `{__name__=~"(` + strings.Join(names, "|") + `).*"}`
}

// Kept asks for something that every Prometheus has of every time that it keeps.
const Kept = `count(up)`

// Seen is what series show of a trial: which of Said moved within its window. What
// is not there while nothing at all is kept of that time is not known.
func Seen(series []evidence.Series, w evidence.Window, isKept bool) Telemetry {
	out := Telemetry{Asked: true}
	for _, name := range Said {
		moved, there := false, false
		for i := range series {
			s := &series[i]
			if !slices.ContainsFunc(append([]string{name}, Aliases[name]...), func(n string) bool { return strings.HasPrefix(s.Name, n) }) {
				continue
			}
			for _, x := range s.Samples {
				there = true
				moved = moved || x.Value != s.Samples[0].Value
			}
			// One that was not there before the trial came with it.
			moved = moved || len(s.Samples) > 0 && s.Samples[0].Time.After(w.Start.Add(settling/2))
		}
		switch {
		case moved:
			out.Moved = append(out.Moved, name)
		case there:
			out.Still = append(out.Still, name)
		case !isKept:
			return Telemetry{Detail: "the metrics do not reach back to its last drill"}
		default:
			out.Absent = append(out.Absent, name)
		}
	}
	// A rollback that nothing had to retry retries nothing.
	out.Still = slices.DeleteFunc(out.Still, func(s string) bool { return s == "rollback_retried" })
	return out
}
