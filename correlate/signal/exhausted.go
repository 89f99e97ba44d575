package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// resourceExhausted finds resources that are used up in absolute terms: a
// utilisation near its limit that was far from it before. It is the U of
// Gregg's USE method, and it stands where a deviation says little because the
// baseline itself was restless.
func resourceExhausted(v *view.View) []Finding {
	var out []Finding
	high := v.By.Signal.Exhausted.High
	for e := range v.Names {
		best := Finding{}
		for _, i := range v.ByEnt[e] {
			f := &v.Metrics[i]
			full := utilisationFull(f, v.By.Signal.Exhausted.Over)
			if full == 0 || !f.Usable || f.Node || f.Peak <= f.Median {
				continue
			}
			level := min(1, f.Peak/full)
			s := max(0, level-high) / (1 - high) * (1 - f.Median/f.Peak)
			if s > best.Strength {
				best = Finding{
					Entity: e, Mechanism: report.MechanismResource, Strength: s, Refs: view.MetricRefs([]*view.Metric{f}), Chart: view.ChartOf(f), Query: gathered.QueryOf(f.Series), Fact: f,
					Said: fmt.Sprintf("%s has exhausted its %s: %s of the limit", v.Names[e], f.Class, shareText(f.Peak/full)),
					Why:  fmt.Sprintf("%s of %s (%s) is at %s of its limit, from %s before", f.Class, v.Names[e], f.Series.Name, shareText(f.Peak/full), shareText(f.Median/full)),
					Loci: []report.Locus{{Kind: report.LocusMetric, Name: f.Series.Name, Text: view.LabelKey(f.Series.Labels)}},
				}
			}
		}
		if best.Strength <= 0 {
			continue
		}
		// Nobody waits for what is full while all are as fast as before.
		if slower, ok := slowdown(v, e); !ok {
			best.Unchecked = best.Strength * competed(v, best.Fact)
		} else if x, ok := harmless(v, e, best.Fact, best.Strength, slower); ok {
			out = append(out, x)
		}
		out = append(out, best)
	}
	return out
}

func shareText(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// utilisationFull is the value at which a utilisation is complete, 1 or 100; 0
// for what is none. over is how many times full a reading may be.
func utilisationFull(f *view.Metric, over float64) float64 {
	high := stat.Quantile(append(metric.Values(f.Series.Baseline), metric.Values(f.Series.Incident)...), 1)
	return metric.FullAt(f.Series.Name, f.Series.Unit, high, over)
}
