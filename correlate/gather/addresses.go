package gather

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// askAddresses asks the platform who has which address, where a call or a line
// about a failure names one by its number only.
func (v *Investigation) askAddresses(ctx context.Context) map[string]string {
	if v.sources.Metrics == nil || !v.namesAddresses() {
		return nil
	}
	sel := `{__name__=~"` + topology.AddressMetrics + `"}`
	list, _ := ask.Put(ctx, v.Asker, ask.Question{Source: "metrics", Topic: evidence.TopicAddresses, Window: v.span, Exact: sel}, func(ctx context.Context) ask.Answer[[]evidence.Series] {
		return ask.Many(v.sources.Metrics.ListSeries(ctx, []string{sel}, v.span))
	})
	all := topology.AddressesOf(list)
	for _, a := range slices.Sorted(maps.Keys(all)) {
		all[a] = v.names.Name(all[a])
	}
	return all
}

var dotted = regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}\b`)

// namesAddresses tells whether what was read names anybody by a number.
func (v *Investigation) namesAddresses() bool {
	for _, t := range v.answers.traces {
		if slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return topology.Numeric(&s) != "" }) {
			return true
		}
	}
	return slices.ContainsFunc(v.answers.logs, func(l evidence.LogLine) bool {
		return l.Severity >= evidence.SeverityWarn && dotted.MatchString(l.Text()+" "+l.Error)
	})
}
