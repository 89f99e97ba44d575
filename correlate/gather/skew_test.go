package gather

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// TestWrongClocksAreThoseThatMostOthersDeny takes services whose clocks are off in either
// direction, a callee's, a caller's and one between two others.
func TestWrongClocksAreThoseThatMostOthersDeny(t *testing.T) {
	start := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	calls := [][2]string{{"front", "cart"}, {"front", "shop"}, {"shop", "stock"}}
	for name, c := range map[string]struct {
		off           map[string]time.Duration
		calls         [][2]string
		kind          evidence.SpanKind // of the caller's span
		failed        bool
		varies        time.Duration // from the first to the last call
		want, unclear map[string]time.Duration
	}{
		"none":                                       {off: nil, want: map[string]time.Duration{}},
		"a callee's, ahead":                          {off: map[string]time.Duration{"stock": 7 * time.Minute}, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"a callee's, behind":                         {off: map[string]time.Duration{"stock": -2 * time.Minute}, want: map[string]time.Duration{"stock": -2 * time.Minute}},
		"the first's, ahead":                         {off: map[string]time.Duration{"front": 7 * time.Minute}, want: map[string]time.Duration{"front": 7 * time.Minute}},
		"one between two, behind":                    {off: map[string]time.Duration{"shop": -7 * time.Minute}, want: map[string]time.Duration{"shop": -7 * time.Minute}},
		"of two, nobody knows whose":                 {off: map[string]time.Duration{"shop": time.Minute}, calls: calls[1:2], unclear: map[string]time.Duration{"front": time.Minute, "shop": time.Minute}},
		"handed over by a queue, and taken up later": {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanProducer, want: map[string]time.Duration{}},
		"given up before it was taken up":            {off: map[string]time.Duration{"stock": 7 * time.Minute}, failed: true, want: map[string]time.Duration{}},
		"handed over in the process, as by a server that answers at once": {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanServer, varies: 5 * time.Minute, want: map[string]time.Duration{}},
		"apart by the same always, whoever waits":                         {off: map[string]time.Duration{"stock": 7 * time.Minute}, kind: evidence.SpanServer, want: map[string]time.Duration{"stock": 7 * time.Minute}},
		"apart by less than clocks may be":                                {off: map[string]time.Duration{"stock": 15 * time.Millisecond}, want: map[string]time.Duration{}},
	} {
		if c.calls == nil {
			c.calls = calls
		}
		if c.kind == "" {
			c.kind = evidence.SpanClient
		}
		var pairs []pair
		for i := range 8 {
			at := start.Add(time.Duration(i) * time.Second)
			for _, k := range c.calls {
				pairs = append(pairs, pair{
					&evidence.Span{Service: k[0], Kind: c.kind, Start: at.Add(c.off[k[0]]), Duration: 10 * time.Millisecond, Failed: c.failed},
					&evidence.Span{Service: k[1], Kind: evidence.SpanServer, Start: at.Add(c.off[k[1]] + time.Millisecond + c.varies*time.Duration(i)/7), Duration: 8 * time.Millisecond},
				})
			}
		}
		got := readClocks(pairs, &weights.Default().Flaws)
		if diff := cmp.Diff([]map[string]time.Duration{c.want, c.unclear}, []map[string]time.Duration{got.Ahead, got.Unclear}, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhoseClockIsOffIsSaid has a service that is called by one whose spans do not say
// that they wait: how far its clock is off is told whatever the calls' kind.
func TestWhoseClockIsOffIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		off  time.Duration
		kind evidence.SpanKind // of the caller's span
		said string
	}{
		"right":                       {0, evidence.SpanServer, ""},
		"ahead, of a server's child":  {7 * time.Minute, evidence.SpanServer, "the clock of stock is 420 s ahead of the others'"},
		"behind, of a server's child": {-2 * time.Minute, evidence.SpanServer, "the clock of stock is 120 s behind the others'"},
		"ahead, of a call":            {7 * time.Minute, evidence.SpanClient, "the clock of stock is 420 s ahead of the others'"},
	} {
		e := &gathered.Evidence{}
		for i := range 12 {
			at := time.Date(2026, 3, 4, 12, 0, i, 0, time.UTC)
			tr := gathered.Trace{}
			for j, s := range []string{"front", "shop", "stock"} {
				span := evidence.Span{TraceID: "t", SpanID: s, Service: s, Kind: c.kind, Start: at.Add(time.Duration(j) * time.Millisecond), Duration: time.Duration(20-2*j) * time.Millisecond}
				if j > 0 {
					span.ParentID = []string{"front", "shop"}[j-1]
				}
				if s == "stock" {
					span.Start = span.Start.Add(c.off)
				}
				tr.Spans = append(tr.Spans, span)
			}
			e.Traces = append(e.Traces, tr)
		}
		e.Clocks = readClocks(pairsOf(e), &e.By().Flaws)
		list := flaws(e)
		said := ""
		for _, f := range list {
			if f.Flaw == report.FlawClockSkew {
				said = f.Said
			}
		}
		if said != c.said || (len(list) > 0) != (c.said != "") {
			t.Errorf("%s: got %q of %+v, want %q", name, said, list, c.said)
		}
	}
}
