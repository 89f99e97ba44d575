package verdict

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// mayBeVictim reports whether nothing could have contradicted a cause that shows
// only what travels from callee to caller, slowness and failure: it shows
// nothing that does not travel, no commit is known to produce what is seen, and
// either what speaks for it tells of somebody else's failure, or its own spans
// were not measured and neither were all that it calls and the way to them. Its own
// spans tell its time from its callees' only where the calls show: one that it is known
// to call and of which there is no sign at all may be what it waits for.
func mayBeVictim(c *gathered.Evidence, cause *report.Cause, measured map[string]topology.Measured) bool {
	by := &c.By().Rank.Verdict
	if cause.Entity.Kind == evidence.KindWorkload || hasOwnTrouble(cause, by) || borneOut(cause, by) {
		return false
	}
	if tellsOfOthers(cause, by) {
		return true
	}
	callees, known := topology.CalleesOf(c, cause.Entity.Name)
	unseen := slices.ContainsFunc(callees, func(callee string) bool { return measured[callee].Any == [2]bool{} })
	if measured[cause.Entity.Name].Spans[1] && !unseen {
		return false
	}
	return !known || !allMeasured(callees, measured) || len(callees) > 0 && onlySlow(cause, by)
}

// onlySlow reports whether a cause shows nothing but measures of slowness. They
// count what is waited for: where callees are as quick as ever by their own
// measures, the time may still be lost on the way to them, which only spans tell.
func onlySlow(cause *report.Cause, by *weights.Verdict) bool {
	return !slices.ContainsFunc(cause.Terms, func(t report.Term) bool {
		return t.Carries() >= by.Support && isFinding(t) && t.ID != "latency/metric"
	})
}

func hasOwnTrouble(cause *report.Cause, by *weights.Verdict) bool {
	return slices.ContainsFunc(cause.Terms, func(t report.Term) bool {
		return t.Carries() >= by.Own && signal.RoleOf(t.ID) == signal.Own && !t.Elsewhere
	})
}

// tellsOfOthers reports whether what speaks of a cause's trouble tells of somebody
// else's failure. A measure of what travels tells nothing of whose it is: it goes
// with what the rest says.
func tellsOfOthers(cause *report.Cause, by *weights.Verdict) bool {
	some := false
	for _, t := range cause.Terms {
		switch {
		case t.Carries() < by.Support || !isFinding(t):
		case t.Elsewhere:
			some = true
		case signal.RoleOf(t.ID) != signal.Travelling || termSource(t) != "metrics":
			return false
		}
	}
	return some
}

// allMeasured reports whether each of some callees was measured in normal and in
// incident time.
func allMeasured(callees []string, measured map[string]topology.Measured) bool {
	return !slices.ContainsFunc(callees, func(callee string) bool { return !measured[callee].Both() })
}

// standsAlone reports whether the strongest of a cause's own findings cannot have
// come from elsewhere: it is of what does not travel along calls, or of spans
// that tell the entity's own time and failures from its callees', in normal and
// in incident time.
func standsAlone(cause *report.Cause, measured map[string]topology.Measured) bool {
	best := report.Term{}
	for _, t := range cause.Terms {
		if !t.Borrowed && isFinding(t) && t.Points > best.Points {
			best = t
		}
	}
	spans := measured[cause.Entity.Name].Spans
	return best.Points > 0 && !best.Elsewhere && (signal.RoleOf(best.ID) == signal.Own || termSource(best) == "traces" && spans[0] && spans[1])
}
