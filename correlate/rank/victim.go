package rank

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// mayBeVictim reports whether nothing could have contradicted a cause that shows
// only what travels from callee to caller, slowness and failure: there are no
// traces, nobody knows what its entity calls, it shows nothing that does not
// travel, and no commit is known to produce what is seen.
func mayBeVictim(c *gathered.Evidence, cause *report.Cause) bool {
	if len(c.Traces) > 0 || cause.Entity.Kind == evidence.KindWorkload {
		return false
	}
	if slices.ContainsFunc(c.Edges, func(e evidence.Edge) bool { return e.Caller == cause.Entity.Name || e.Callee == cause.Entity.Name }) {
		return false // the metrics of what it calls have been held against its own
	}
	if len(cause.Commits) > 0 && cause.Commits[0].SHA != report.NoCommit {
		return false
	}
	return !slices.ContainsFunc(cause.Terms, func(t report.Term) bool {
		return t.Points >= ownTrouble && !travels(t.ID) && !strings.HasPrefix(t.ID, "topology/") && !strings.HasPrefix(t.ID, "alert/") && t.ID != "change/before-onset"
	})
}

// ownTrouble is how many points a term needs to show trouble of an entity's own:
// twice what counts as evidence at all.
const ownTrouble = 2 * leastSupport

// travels reports whether what a rule finds is seen at callers as well. A line
// about a failure stands wherever the failure arrives, and without spans no
// failure is known to have begun anywhere.
func travels(id string) bool {
	switch id {
	case "latency/metric", "latency/self-time", "latency/edge-gap", "error/metric", "error/innermost", "error/novel-template", "external/boundary", "behaviour/measure":
		return true
	}
	return false
}
