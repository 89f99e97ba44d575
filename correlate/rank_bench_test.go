package correlate

import (
	"fmt"
	"testing"
)

// benchCase has about the given number of events: spans, lines and samples.
func benchCase(events int) *Case {
	c := &Case{Alerting: []string{"s00"}}
	const services = 20
	for s := range services {
		c.Entities = append(c.Entities, entities(fmt.Sprintf("s%02d", s))...)
		for m := range 5 {
			c.Metrics = append(c.Metrics, metricOf(fmt.Sprintf("s%02d", s), fmt.Sprintf("cpu_usage_%d", m), 1+float64(m), 1.2, 1.1, 1.3))
		}
	}
	// A trace has ten spans and five lines.
	for i := range events / 15 {
		bad := i%2 == 1
		var build func(depth int, at, ms float64) call
		build = func(depth int, at, ms float64) call {
			k := call{service: fmt.Sprintf("s%02d", (depth+i)%services), op: fmt.Sprintf("op%d", depth), at: at, ms: ms, failed: bad && i%7 == 0 && depth > 6}
			if depth%2 == 1 {
				k.logs = []string{fmt.Sprintf("F#%d works on it", depth)}
			}
			if depth < 9 {
				k.calls = []call{build(depth+1, at+1, ms-2)}
			}
			return k
		}
		addTrace(c, traceID(i), !bad, build(0, 0, 40+float64(i%11)))
	}
	return c
}

// Ranking grows about linearly with the events: compare the three with
// benchstat.
func BenchmarkRank(b *testing.B) {
	for _, events := range []int{5_000, 50_000, 500_000} {
		c := benchCase(events)
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				rankCauses(c)
			}
		})
	}
}
