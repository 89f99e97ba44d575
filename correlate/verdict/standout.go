package verdict

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/topology"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// standingOut is how far a first cause stands out, as far as the word goes.
type standingOut struct {
	score int // of the first, what the word may not rest on taken off
	// ahead is the distance of the second, as a share of the first's score in per
	// cent; 100 where there is no second.
	ahead int
	times float64 // the second's points that the first has, 0 where it has none
}

// mostAhead is the distance to no second, in per cent.
const mostAhead = 100

// judged takes off what the word may not rest on: from both, points for a change
// that nothing observed bears out, so that the word is the same where nobody
// tells of changes; from the first besides, points that a check might have taken
// back which could not be made.
func judged(first, second *report.Cause, by *weights.Verdict) standingOut {
	j := standingOut{score: withoutChanges(first, by)}
	for _, t := range first.Terms {
		j.score -= t.Points - t.Carries()
	}
	return j.beside(second, by)
}

// boldly takes off besides what makes a lead and no more: what tells of somebody
// else's failure, and of measures of what travels along calls the part that spans of
// the entity would leave none of, where there are none to tell. Where nobody has
// traces, what has to be measured instead is the ceiling's to ask; but measures of
// whoever calls others never tell how much of it is theirs.
func (j standingOut) boldly(first, second *report.Cause, c *gathered.Evidence, measured map[string]topology.Measured) standingOut {
	by, spans := c.By(), measured[first.Entity.Name].Spans
	callees, _ := topology.CalleesOf(c, first.Entity.Name)
	told := spans[0] && spans[1] || len(callees) == 0 && slices.Contains(c.Sources, report.Standing{Source: "traces", State: report.SourceNotConfigured})
	for _, t := range first.Terms {
		switch {
		case !isFinding(t):
		case t.Elsewhere:
			j.score -= max(0, t.Carries())
		case !told && signal.RoleOf(t.ID) == signal.Travelling && termSource(t) == "metrics":
			j.score -= stat.Milli(float64(max(0, t.Carries())) / 1000 * (1 - by.Signal.Symptom.Traced))
		}
	}
	return j.beside(second, &by.Rank.Verdict)
}

// beside is how far a score stands ahead of a second cause.
func (j standingOut) beside(second *report.Cause, by *weights.Verdict) standingOut {
	j.ahead, j.times = mostAhead, 0
	if second == nil {
		return j
	}
	rest := max(withoutChanges(second, by), 0)
	j.ahead = 0
	if j.score > rest {
		j.ahead = 100 * (j.score - rest) / j.score
	}
	if rest > 0 {
		j.times = float64(j.score) / float64(rest)
	}
	return j
}

// withoutChanges is a cause's score without points for a change alone.
func withoutChanges(c *report.Cause, by *weights.Verdict) int {
	score := c.Score
	for _, t := range c.Terms {
		if t.Points > 0 && signal.OfChange(t.ID) && !changeSeen(c, by) {
			score -= t.Points
		}
	}
	return score
}

// lead says how far the second is behind.
func (j standingOut) lead(second *report.Cause) string {
	switch {
	case second == nil:
		return "no other candidate has evidence"
	case j.times >= 2:
		return fmt.Sprintf("%.1f times the points of %s", j.times, second.Entity.Name)
	case j.times > 1:
		return fmt.Sprintf("%.0f %% more points than %s", 100*(j.times-1), second.Entity.Name)
	}
	return "no more points than " + second.Entity.Name + " once what was not checked is left out"
}
