package correlate

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// withoutTraces is the case had the tracing backend, which makes the graph and
// tells most names, been silent. Nothing is asked again.
func (v *investigation) withoutTraces(c *Case) *Case {
	blind := &investigation{asker: v.options.asker(), sources: v.sources, options: v.options, req: v.req, symptom: v.symptom, span: v.span, gathered: v.gathered}
	blind.forgetTraces(v.options.Names.Aliases)
	without := blind.newCase()
	blind.join(without)
	without.Changes, without.Deployments, without.Commits, without.Revisions = c.Changes, c.Deployments, c.Commits, c.Revisions
	without.Links, without.Broken, without.Decisions = c.Links, c.Broken, c.Decisions
	return without
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
