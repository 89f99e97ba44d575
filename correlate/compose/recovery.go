package compose

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/rollback"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// recoverWithin is how long a way back has until it counts as having failed.
const recoverWithin = 90 * time.Second

// recovery is what came of the way back that was taken since the onset, by what
// the alert itself looks at; nil where none was taken.
func recovery(c *gathered.Evidence) *report.Recovery {
	back := rollback.Taken(c.Changes, c.Returns, c.Onset.At)
	if back == nil {
		return nil
	}
	r := &report.Recovery{
		Service: back.Service, Of: back.Attributes["flag"], Kind: string(back.Kind), From: back.From, To: back.To, Inferred: back.Inferred,
		Started: back.Time.UTC(), Resolution: c.Step, Verdict: report.RecoveryOpen,
	}
	judged, well, since := 0, true, r.Started
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Stat != gathered.StatExpr || !m.Alerting || m.Limit == nil || m.Hurt == 0 || judged == mostConditions {
			continue
		}
		cond, from, known := condition(m, r.Started)
		if !known {
			continue
		}
		judged++
		r.Conditions = append(r.Conditions, cond)
		well = well && cond.Holds
		if from.After(since) {
			since = from
		}
	}
	settleRecovery(c, r, judged > 0, well, since)
	r.Before = requestsFailing(c, evidence.Window{Start: c.Onset.At, End: r.Started})
	from := r.Started
	if r.Verdict == report.Recovered {
		from = r.RecoveredAt
	}
	r.After = requestsFailing(c, evidence.Window{Start: from, End: c.Incident.End})
	r.Says, r.Because = wording.Say("recovery", recoverySays(r)), wording.Say("recovery/because", r.Because)
	return r
}

// mostConditions bounds the series that a recovery is judged by.
const mostConditions = 20

// condition is how a series that the alert looks at fared since an instant: its
// worst value before, its newest, and since when it is well, if it is. It is not
// known where there is no sample after the instant.
func condition(m *gathered.Series, started time.Time) (cond report.RecoveryCondition, since time.Time, known bool) {
	cond = report.RecoveryCondition{Expr: m.Expr, Limit: *m.Limit}
	bad := func(x float64) bool { return m.Hurt > 0 && x > *m.Limit || m.Hurt < 0 && x < *m.Limit }
	first := true
	for _, s := range m.Incident {
		if s.Time.After(started) {
			known, cond.After, cond.Holds = true, s.Value, !bad(s.Value)
			switch {
			case bad(s.Value):
				since = time.Time{}
			case since.IsZero():
				since = s.Time
			}
			continue
		}
		if first || float64(m.Hurt)*s.Value > float64(m.Hurt)*cond.Before {
			cond.Before, first = s.Value, false
		}
	}
	return cond, since, known
}

// settleRecovery says whether it worked. A single sample may be an accident, so
// that two spacings have to be well.
func settleRecovery(c *gathered.Evidence, r *report.Recovery, judged, well bool, since time.Time) {
	end := c.Incident.End
	switch {
	case !judged:
		r.Because = "nothing that the alert measures has been recorded since"
	case well && end.Sub(since) < 2*c.Step:
		r.Because = "the alerting condition has been healthy since " + since.UTC().Format("15:04:05") + ", too short a time to tell"
	case well:
		r.Verdict, r.RecoveredAt, r.Seconds = report.Recovered, since.UTC(), since.Sub(r.Started).Seconds()
		r.Because = "the alerting condition has been within its threshold since"
	case end.Sub(r.Started) < recoverWithin+2*c.Step:
		r.Because = "the alerting condition is still beyond its threshold, " + wording.Approximately(end.Sub(r.Started)) + " after"
	default:
		r.Verdict, r.Because = report.NotRecovered, "the alerting condition is still beyond its threshold, "+wording.Approximately(end.Sub(r.Started))+" after"
	}
}

// fewestRequests is how many requests a share is told of.
const fewestRequests = 10

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
	if all < fewestRequests {
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
		s += " to " + wording.ShortRevision(r.To)
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

// recoveryEvents are the row that says what came of a way back; the change itself
// has its own where it was announced.
func recoveryEvents(r *report.Recovery) []report.TimelineEvent {
	if r == nil {
		return nil
	}
	var list []report.TimelineEvent
	if r.Inferred != "" {
		list = append(list, report.TimelineEvent{Time: r.Started, Lane: laneChanges, Text: wording.Say("recovery/taken", "rolled back to "+wording.ShortRevision(r.To)+" (inferred from "+r.Inferred+")"), Entity: r.Service})
	}
	if r.Verdict == report.Recovered {
		list = append(list, report.TimelineEvent{Time: r.RecoveredAt, Lane: laneAlerts, Text: wording.Say("recovery/well", "the alerting condition has recovered"), Entity: r.Service})
	}
	return list
}
