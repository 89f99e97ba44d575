package gather

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// withoutTraces is the case had the tracing backend, which makes the graph and
// tells most names, been silent. Nothing is asked again.
func (v *Investigation) withoutTraces(c *gathered.Evidence) *gathered.Evidence {
	blind := &Investigation{Asker: v.options.Asker(), sources: v.sources, options: v.options, req: v.req, symptom: v.symptom, span: v.span, answers: v.answers}
	blind.forgetTraces(v.options.Names.Aliases)
	without := blind.newCase()
	blind.join(without)
	without.Changes, without.Deployments, without.Commits, without.Revisions = c.Changes, c.Deployments, c.Commits, c.Revisions
	without.Links, without.Broken, without.Decisions = c.Links, c.Broken, c.Decisions
	return without
}

// forgetTraces takes away what the tracing backend told, and what was found only
// by the names that it gave.
func (v *Investigation) forgetTraces(aliases map[string]string) {
	g := &v.answers
	g.traces, g.edges, g.services = nil, nil, nil
	v.names = topology.NewNamer(aliases, v.req.Candidates)
	v.learnNames()
	for _, m := range g.metrics {
		for _, l := range metric.ServiceLabels {
			if x := m.labels[l]; x != "" && !metric.NamesExporter(m.name, m.labels, x) {
				v.names.Learn(x)
			}
		}
	}
	unknown := func(name string) bool {
		_, ok := v.names.Find(name)
		return !ok
	}
	g.metrics = slices.DeleteFunc(slices.Clone(g.metrics), func(m measuredSeries) bool { return unknown(m.entity) })
	g.logs = slices.DeleteFunc(slices.Clone(g.logs), func(l evidence.LogLine) bool { return unknown(l.Service) })
}
