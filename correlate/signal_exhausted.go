package correlate

import (
	"fmt"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// resourceExhausted finds resources that are used up in absolute terms: a
// utilisation near its limit that was far from it before. It is the U of
// Gregg's USE method, and it stands where a deviation says little because the
// baseline itself was restless.
func resourceExhausted(v *view) []finding {
	var out []finding
	for e := range v.names {
		best := finding{}
		for _, i := range v.byEnt[e] {
			f := &v.metrics[i]
			full := utilisationFull(f)
			if full == 0 || !f.usable || f.node || f.peak <= f.median {
				continue
			}
			level := min(1, f.peak/full)
			s := max(0, level-highUse) / (1 - highUse) * (1 - f.median/f.peak)
			if s > best.strength {
				best = finding{
					entity: e, mechanism: MechanismResource, strength: s, refs: metricRefs([]*metricFact{f}), chart: chartOf(f), query: queryOf(f.m), fact: f,
					said: fmt.Sprintf("%s has used up its %s: %s of the limit", v.names[e], f.class, shareText(f.peak/full)),
					why:  fmt.Sprintf("%s of %s (%s) is at %s of its limit, from %s before", f.class, v.names[e], f.m.Name, shareText(f.peak/full), shareText(f.median/full)),
					loci: []Locus{{Kind: LocusMetric, Name: f.m.Name, Text: labelKey(f.m.Labels)}},
				}
			}
		}
		if best.strength > 0 {
			out = append(out, best)
		}
	}
	return out
}

// highUse is the utilisation from which queues grow without bound soon: at 70 %
// the mean wait of M/M/1 is already more than twice the service time.
const highUse = 0.7

func shareText(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// utilisationFull is the value at which a utilisation is complete, 1 or 100; 0
// for what is none.
func utilisationFull(f *metricFact) float64 {
	if f.class != classCPU && f.class != classMemory && f.class != classDisk && f.class != classSockets {
		return 0
	}
	words := nameWords(f.m.Name)
	ratio := slices.ContainsFunc(words, func(w string) bool { return w == "ratio" || w == "utilization" || w == "utilisation" })
	pct := f.m.Unit == "%" || slices.ContainsFunc(words, func(w string) bool { return w == "percent" || w == "pct" || w == "percentage" })
	// A few per cent over are rounding of a quota; far over is a sum over cores.
	high := stat.Quantile(append(values(f.m.Baseline), values(f.m.Incident)...), 1)
	switch {
	case pct && high <= 130 && high > 1.3:
		return 100
	case ratio && high <= 1.3:
		return 1
	}
	return 0
}
