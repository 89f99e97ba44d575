package correlate

import (
	"fmt"

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
		out = append(out, finding{
			entity: e, mechanism: MechanismResource, strength: stat.Squash(top.badness()-noiseZ, halfZ/2),
			said: v.names[e] + " was restarted or killed",
			why:  fmt.Sprintf("%s of %s went from %s to %s: it was restarted or killed", top.m.Name, v.names[e], quantity(top.median, ""), quantity(top.peak, "")),
			refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m),
			loci: []Locus{{Kind: LocusMetric, Name: top.m.Name}},
		})
	}
	return out
}
