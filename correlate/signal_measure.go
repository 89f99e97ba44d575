package correlate

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// behaviourMeasure finds measures that no class explains, as rows examined or
// cache hits, that left their normal range: weak, because the name does not
// tell which way hurts.
func behaviourMeasure(v *view) []finding {
	var out []finding
	for e := range v.names {
		facts := v.worst(e, func(f *metricFact) bool {
			return (f.class == classOther || f.class == classAge || f.class == classInUse) && !f.node
		})
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		f := finding{
			entity: e, mechanism: MechanismBehaviour, strength: stat.Squash(top.badness()-noiseZ, halfZ),
			said: moved(top, v.names[e]),
			why:  fmt.Sprintf("%s of %s went from %s to %s", top.m.Name, v.names[e], quantity(top.median, top.m.Unit), quantity(top.peak, top.m.Unit)),
			refs: metricRefs(facts), chart: chartOf(top), query: queryOf(top.m), fact: top,
		}
		for _, x := range facts[:min(len(facts), maxRefs)] {
			f.loci = append(f.loci, Locus{Kind: LocusMetric, Name: x.m.Name})
		}
		out = append(out, f)
	}
	return out
}
