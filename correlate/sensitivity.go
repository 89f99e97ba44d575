package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// flip is one thing without which another cause would be first.
type flip struct {
	source string // the source that is left out, empty when it is one term
	text   string
}

// sensitivity takes away every source, and every single term of the first
// cause, and lists those without which another entity would be first. Traces
// decide when the trouble began and what other sources' terms are worth, so that
// without them all is worked out again; of the others it is enough to leave out
// what rests on them.
func (v *investigation) sensitivity(c *Case, causes []Cause) []flip {
	var list []flip
	first := causes[0]
	for _, source := range []string{"traces", "logs", "metrics", "changes", "code"} {
		to := firstWithout(causes, source)
		if source == "traces" && len(v.gathered.traces) > 0 {
			to = v.firstWithoutTraces(c)
		}
		if to != "" && to != first.Entity.Name {
			list = append(list, flip{source, fmt.Sprintf("without %s %s would be first", source, to)})
		}
	}
	second := runnerUp(causes)
	if second == nil {
		return list
	}
	for _, t := range first.Terms {
		if t.Points > 0 && first.Score-t.Points < second.Score {
			list = append(list, flip{"", fmt.Sprintf("without “%s” %s would be first", cmp.Or(t.Said, strings.TrimPrefix(t.Why, inSupport)), second.Entity.Name)})
		}
	}
	return list
}

// firstWithout is the entity that would be first if a source had been silent;
// empty when then nothing would have points.
func firstWithout(causes []Cause, source string) string {
	best, name := 0, ""
	for _, c := range causes {
		score := c.Score
		for _, t := range c.Terms {
			if termSource(t) == source {
				score -= t.Points
			}
		}
		if score > best {
			best, name = score, c.Entity.Name
		}
	}
	return name
}

// firstWithoutTraces is the entity that would be first had the tracing backend,
// which makes the graph and tells most names, been silent; empty when nothing
// would have points.
func (v *investigation) firstWithoutTraces(c *Case) string {
	blind := &investigation{sources: v.sources, options: v.options, req: v.req, ledger: newLedger(), symptom: v.symptom, span: v.span, gathered: v.gathered}
	blind.forgetTraces(v.options.Names.Aliases)
	without := blind.newCase()
	blind.join(without)
	without.Changes, without.Deployments, without.Commits, without.Revisions = c.Changes, c.Deployments, c.Commits, c.Revisions
	without.Links, without.Broken, without.Decisions = c.Links, c.Broken, c.Decisions
	causes := rankCauses(without)
	settleTriggers(without, causes[:min(len(causes), commitsUnder)])
	if len(causes) == 0 || causes[0].Score <= 0 {
		return ""
	}
	return causes[0].Entity.Name
}

// forgetTraces takes away what the tracing backend told, and what was found only
// by the names that it gave.
func (v *investigation) forgetTraces(aliases map[string]string) {
	g := &v.gathered
	g.traces, g.edges, g.services = nil, nil, nil
	v.names = newNamer(aliases, v.req.Candidates)
	v.learnNames()
	for _, m := range g.metrics {
		for _, l := range strongLabels {
			if x := m.labels[l]; x != "" && !measuresWorkload(m.name, m.labels) {
				v.names.learn(x)
			}
		}
	}
	unknown := func(name string) bool {
		_, ok := v.names.find(name)
		return !ok
	}
	g.metrics = slices.DeleteFunc(slices.Clone(g.metrics), func(m measuredSeries) bool { return unknown(m.entity) })
	g.logs = slices.DeleteFunc(slices.Clone(g.logs), func(l evidence.LogLine) bool { return unknown(l.Service) })
}
