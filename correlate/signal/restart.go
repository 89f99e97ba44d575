package signal

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// absenceRestart finds entities that were restarted or killed.
func absenceRestart(v *view.View) []Finding {
	var out []Finding
	for e := range v.Names {
		facts := Worst(v, e, func(f *view.Metric) bool { return f.Class == metric.ClassRestart })
		if len(facts) == 0 {
			continue
		}
		top := facts[0]
		said := goneHow(v.Names[e], top)
		out = append(out, Finding{
			Entity: e, Mechanism: report.MechanismResource, Strength: stat.Squash(top.HarmfulDeviation()-v.By.Scale.Noise, v.By.Scale.HalfClear),
			Said: said,
			Why:  fmt.Sprintf("%s went from %s to %s: %s", top.Series.Name, wording.Quantity(top.Median, ""), wording.Quantity(top.Peak, ""), said),
			Refs: view.MetricRefs(facts), Chart: view.ChartOf(top), Query: gathered.QueryOf(top.Series),
			Loci: []report.Locus{{Kind: report.LocusMetric, Name: top.Series.Name}},
		})
	}
	return out
}

// goneHow says what a metric of restarts and missing replicas tells.
func goneHow(entity string, f *view.Metric) string {
	switch name, reason := f.Series.Name, f.Series.Labels["reason"]; {
	case strings.HasSuffix(name, "_unavailable"):
		return "replicas of " + entity + " are missing"
	case strings.Contains(name, "waiting_reason"):
		return entity + " does not start: " + reason
	case reason != "":
		return entity + " was ended: " + reason
	}
	return entity + " was restarted or killed"
}
