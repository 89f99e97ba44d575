package compose

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// recovery is what came of the rollback that was taken since the onset, by what
// the alerts' rules give; nil where none was taken.
func recovery(c *gathered.Evidence) *report.Recovery {
	back := c.Back
	if back == nil {
		return nil
	}
	r := &report.Recovery{
		Service: back.Service, Of: rollback.Part(back), Kind: string(back.Kind), From: back.From, To: back.To, Inferred: back.Inferred,
		Started: back.Time.UTC(), Resolution: c.Step, Verdict: report.RecoveryOpen,
	}
	s := standing{known: true, well: true, since: r.Started}
	for i := range c.Fires {
		f := &c.Fires[i]
		s.add(f, r.Started)
		for _, b := range f.Bounds {
			if cond, known := condition(&b, r.Started); known && len(r.Conditions) < mostConditions {
				r.Conditions = append(r.Conditions, cond)
			}
		}
	}
	settleRecovery(c, r, s)
	r.Before = requestsFailing(c, evidence.Window{Start: c.Onset.At, End: r.Started})
	from := r.Started
	if r.Verdict == report.Recovered {
		from = r.RecoveredAt
	}
	r.After = requestsFailing(c, evidence.Window{Start: from, End: c.Incident.End})
	r.Says, r.Because = wording.Say("recovery", recoverySays(r)), wording.Say("recovery/because", r.Because)
	return r
}

// mostConditions bounds the comparisons that a recovery lists.
const mostConditions = 20

// standing is how the rules of the alerts stand since a rollback was taken.
type standing struct {
	judged      int  // rules that are known since
	known, well bool // all that fired are known, and none that is known fires
	since       time.Time
}

// add judges by one more rule: it is well from the first instant on at which what it
// measures has a value and it fires no more.
func (s *standing) add(f *gathered.Fires, started time.Time) {
	fired := func(t time.Time) bool {
		_, found := slices.BinarySearchFunc(f.Firing, t, time.Time.Compare)
		return found
	}
	var since time.Time
	known := false
	s.known = s.known && !f.Unasked
	for _, t := range f.Known {
		switch {
		case !t.After(started):
			continue
		case fired(t):
			since = time.Time{}
		case since.IsZero():
			since = t
		}
		known = true
	}
	if !known {
		s.known = s.known && len(f.Firing) == 0 // what never fired need not be known
		return
	}
	s.judged++
	s.well = s.well && !since.IsZero()
	if since.After(s.since) {
		s.since = since
	}
}

// condition is how one comparison fared since an instant: the worst value before,
// the newest after, of the series that is worst then. It is not known where there
// is no sample after the instant.
func condition(b *gathered.Bound, started time.Time) (cond report.RecoveryCondition, known bool) {
	cond = report.RecoveryCondition{Expr: b.Expr, Limit: b.Value, Holds: true}
	before := false
	for _, samples := range b.Series {
		var newest *evidence.Sample
		for i := range samples {
			switch s := &samples[i]; {
			case math.IsNaN(s.Value):
			case s.Time.After(started):
				newest = s
			case !before || b.Worse(s.Value, cond.Before):
				cond.Before, before = s.Value, true
			}
		}
		if newest != nil && (!known || b.Worse(newest.Value, cond.After)) {
			cond.After, cond.Holds, known = newest.Value, !b.Fires(newest.Value), true
		}
	}
	return cond, known
}

// settleRecovery says whether it worked. A single sample may be an accident, so
// that more than one has to be well.
func settleRecovery(c *gathered.Evidence, r *report.Recovery, s standing) {
	end, by := c.Incident.End, &c.By().Report
	switch {
	case s.judged == 0 || !s.known:
		r.Because = "nothing that the alert measures has been recorded since"
	case s.well && end.Sub(s.since) < by.Spaced(c.Step):
		r.Because = "the alerting condition has been healthy since " + s.since.UTC().Format("15:04:05") + ", too short a time to tell"
	case s.well:
		r.Verdict, r.RecoveredAt, r.Seconds = report.Recovered, s.since.UTC(), s.since.Sub(r.Started).Seconds()
		r.Because = "the alerting condition has been within its threshold since"
	case end.Sub(r.Started) < by.Recover+by.Spaced(c.Step):
		r.Because = "the alerting condition is still beyond its threshold, " + wording.Approximately(end.Sub(r.Started)) + " after"
	default:
		r.Verdict, r.Because = report.NotRecovered, "the alerting condition is still beyond its threshold, "+wording.Approximately(end.Sub(r.Started))+" after"
	}
}

// requestsFailing is the share of the requests to the alerting services that failed
// in a window, of traces that were not picked for failing; nil where too few are
// known.
func requestsFailing(c *gathered.Evidence, w evidence.Window) *float64 {
	alerting := map[string]bool{}
	for _, name := range c.Alerting {
		alerting[name] = true
	}
	all, failed := 0, 0
	for s := range c.SampledSpans(w) {
		if alerting[s.Service] && s.Kind == evidence.SpanServer {
			all++
			if s.Failed {
				failed++
			}
		}
	}
	if all < c.By().Report.Requests {
		return nil
	}
	x := float64(failed) / float64(all)
	return &x
}

func recoverySays(r *report.Recovery) string {
	what := r.Service
	if r.Of != "" {
		what += "'s " + r.Of
	}
	s := what + " was rolled back"
	if r.To != "" {
		s += " to " + evidence.ShortRevision(r.To)
	}
	s += " at " + r.Started.Format("15:04:05")
	if r.Inferred != "" {
		s += " (inferred from " + r.Inferred + ")"
	}
	switch r.Verdict {
	case report.Recovered:
		s += fmt.Sprintf("; recovered %.0f s later", r.Seconds)
		if r.Resolution > 0 {
			s += fmt.Sprintf(", give or take %.0f s", r.Resolution.Seconds())
		}
	case report.NotRecovered:
		s += "; that did not help: " + r.Because
	default:
		s += "; whether that helped is not known: " + r.Because
	}
	if r.Before != nil && r.After != nil {
		s += fmt.Sprintf("; %.0f %% of the requests failed before, %.0f %% since", 100**r.Before, 100**r.After)
	}
	return s
}

// recoveryEvents are the row that says what came of a rollback; the change itself
// has its own where it was announced.
func recoveryEvents(r *report.Recovery) []report.TimelineEvent {
	if r == nil {
		return nil
	}
	var list []report.TimelineEvent
	if r.Inferred != "" {
		list = append(list, report.TimelineEvent{Time: r.Started, Lane: laneChanges, Text: wording.Say("recovery/taken", "rolled back to "+evidence.ShortRevision(r.To)+" (inferred from "+r.Inferred+")"), Entity: r.Service})
	}
	if r.Verdict == report.Recovered {
		list = append(list, report.TimelineEvent{Time: r.RecoveredAt, Lane: laneAlerts, Text: wording.Say("recovery/well", "the alerting condition has recovered"), Entity: r.Service})
	}
	return list
}
