package gather

import (
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// measured turns the answers of one query, one per window, into series of
// entities: same labels are one series, counters read raw become rates.
func (v *Investigation) measured(q metricQuery, answers [][]evidence.Series) []measuredSeries {
	type found struct {
		measuredSeries
		windows [][]evidence.Sample
	}
	byID := map[string]*found{}
	var order []*found
	for _, list := range answers {
		for _, s := range list {
			name := s.Name
			if q.name != "" {
				name = q.name
			}
			entity := v.entityOf(name, s.Labels)
			if entity == "" || len(s.Samples) == 0 || q.name == "" && !metric.IsRead(name, s.Labels) {
				continue
			}
			id := name + metric.LabelsText(s.Labels)
			f := byID[id]
			if f == nil {
				f = &found{measuredSeries: measuredSeries{entity: entity, name: name, labels: s.Labels, kind: q.kind, stat: q.stat, expr: q.expr, alert: q.alerting[name]}}
				if q.kinds != nil {
					f.kind = q.kinds[name]
				}
				byID[id] = f
				order = append(order, f)
			}
			f.windows = append(f.windows, s.Samples)
		}
	}
	out := make([]measuredSeries, 0, len(order))
	for _, f := range order {
		declared := metric.DeclaredCounter(f.name)
		if q.kinds != nil && (f.kind == evidence.MetricCounter || declared) {
			f.kind, f.stat, f.windows = metric.ReadCounter(&weights.Or(v.options.Weights).Counter, f.windows, declared)
		}
		f.samples = metric.JoinSamples(f.windows)
		if len(f.samples) > 0 {
			out = append(out, f.measuredSeries)
		}
	}
	return out
}
