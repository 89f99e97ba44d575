package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// behaviourMeasure finds measures that no class explains, as rows examined or
// cache hits, that left their normal range: weak, because the name does not
// tell which way hurts.
func behaviourMeasure(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		facts := Worst(v, e, func(f *view.Metric) bool {
			return (f.Class == metric.ClassOther || f.Class == metric.ClassAge || f.Class == metric.ClassInUse) && !f.Node
		})
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		f := Finding{
			Entity: e, Mechanism: report.MechanismBehaviour, Strength: top.Clarity(),
			Said: view.Moved(top, v.Names[e]),
			Why:  fmt.Sprintf("%s of %s went from %s to %s", top.Series.Name, v.Names[e], wording.Quantity(top.Median, top.Series.Unit), wording.Quantity(top.Peak, top.Series.Unit)),
			Refs: view.MetricRefs(facts), Chart: view.ChartOf(top), Query: gathered.QueryOf(top.Series), Fact: top,
		}
		for _, x := range facts[:min(len(facts), view.MaxRefs)] {
			f.Loci = append(f.Loci, report.Locus{Kind: report.LocusMetric, Name: x.Series.Name})
		}
		out = append(out, f)
	}
	return out
}
