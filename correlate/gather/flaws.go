package gather

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// flaws are the faults of the spans themselves: IDs that stand for two spans of a
// trace, and calls that seem to begin before they were made.
func flaws(c *gathered.Evidence) []gathered.Flawed {
	repeated := gathered.Flawed{Flaw: report.FlawDuplicates, Source: "traces"}
	skewed := gathered.Flawed{Flaw: report.FlawClockSkew, Source: "traces"}
	for _, t := range c.Traces {
		byID := make(map[string]*evidence.Span, len(t.Spans))
		for i := range t.Spans {
			s := &t.Spans[i]
			repeated.Total++
			if first := byID[s.SpanID]; first != nil {
				if !shared(first, s) {
					repeated.Count++
				}
				continue
			}
			byID[s.SpanID] = s
		}
		for i := range t.Spans {
			s := &t.Spans[i]
			p := byID[s.ParentID]
			if p == nil || p.Service == s.Service {
				continue
			}
			skewed.Total++
			if p.Start.Sub(s.Start) > c.By().Flaws.Skew {
				skewed.Count++
				skewed.Entities = append(skewed.Entities, p.Service, s.Service)
			}
		}
	}
	slices.Sort(skewed.Entities)
	skewed.Entities = slices.Compact(skewed.Entities)
	var list []gathered.Flawed
	for _, f := range []gathered.Flawed{skewed, repeated} {
		if f.Count > 0 && float64(f.Count) >= c.By().Flaws.Share*float64(f.Total) {
			list = append(list, f)
		}
	}
	return list
}

// shared reports whether two spans are the two ends of one call, which share an
// ID in some older systems.
func shared(a, b *evidence.Span) bool {
	return a.Service != b.Service && (a.Kind == evidence.SpanClient && b.Kind == evidence.SpanServer || a.Kind == evidence.SpanServer && b.Kind == evidence.SpanClient)
}

// unusable are the sources of which more than a few records had to be left out.
func (v *Investigation) unusable() []gathered.Flawed {
	var list []gathered.Flawed
	for _, source := range []string{"traces", "logs", "metrics"} {
		losses, of := v.Ledger.Losses(source, v.sources.Recorded)
		losses, _ = evidence.Clocks(losses)
		if _, n := evidence.DescribeLosses(losses); n > 0 && float64(n) >= weights.Or(v.options.Weights).Flaws.Share*float64(of) {
			list = append(list, gathered.Flawed{Flaw: report.FlawUnusable, Source: source, Count: n, Total: of})
		}
	}
	return list
}
