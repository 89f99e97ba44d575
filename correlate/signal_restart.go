package correlate

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// absenceRestart finds entities that were restarted or killed.
func absenceRestart(v *view) []finding {
	var out []finding
	for e := range v.names {
		facts := v.worst(e, func(f *metricFact) bool { return f.class == classRestart })
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		said := goneHow(v.names[e], top)
		out = append(out, finding{
			entity: e, mechanism: MechanismResource, strength: stat.Squash(top.badness()-noiseZ, halfZ/2),
			said: said,
			why:  fmt.Sprintf("%s went from %s to %s: %s", top.m.Name, quantity(top.median, ""), quantity(top.peak, ""), said),
			refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m),
			loci: []Locus{{Kind: LocusMetric, Name: top.m.Name}},
		})
	}
	return out
}

// goneHow says what a metric of restarts and missing replicas tells.
func goneHow(entity string, f *metricFact) string {
	switch name, reason := f.m.Name, f.m.Labels["reason"]; {
	case strings.HasSuffix(name, "_unavailable"):
		return "replicas of " + entity + " are missing"
	case strings.Contains(name, "waiting_reason"):
		return entity + " does not start: " + reason
	case reason != "":
		return entity + " was ended: " + reason
	}
	return entity + " was restarted or killed"
}
