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
// either all that speaks for it tells of somebody else's failure, or neither its
// own spans nor what it calls were measured.
func mayBeVictim(c *gathered.Evidence, cause *report.Cause, measured map[string]topology.Measured) bool {
	by := &c.By().Rank.Verdict
	if cause.Entity.Kind == evidence.KindWorkload || hasOwnTrouble(cause, by) || borneOut(cause, by) {
		return false
	}
	if tellsOfOthers(cause, by) {
		return true
	}
	return !measured[cause.Entity.Name].Spans[1] && !calleesMeasured(c, cause.Entity.Name, measured)
}

func hasOwnTrouble(cause *report.Cause, by *weights.Verdict) bool {
	return slices.ContainsFunc(cause.Terms, func(t report.Term) bool {
		return t.Points-t.Unchecked >= by.Own && signal.RoleOf(t.ID) == signal.Own && !t.Elsewhere
	})
}

// tellsOfOthers reports whether whatever speaks of a cause's trouble tells of
// somebody else's failure.
func tellsOfOthers(cause *report.Cause, by *weights.Verdict) bool {
	some := false
	for _, t := range cause.Terms {
		if t.Points < by.Support || !isFinding(t) {
			continue
		}
		if !t.Elsewhere {
			return false
		}
		some = true
	}
	return some
}

// calleesMeasured reports whether it is known what an entity calls, and each of
// these was measured in normal and in incident time.
func calleesMeasured(c *gathered.Evidence, name string, measured map[string]topology.Measured) bool {
	callees, known := topology.CalleesOf(c, name)
	return known && !slices.ContainsFunc(callees, func(callee string) bool { return !measured[callee].Both() })
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
