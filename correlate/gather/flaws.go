package gather

import (
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// flaws are the faults of the spans themselves: IDs that stand for two spans of a
// trace, and calls whose ends cannot have kept the same time.
func flaws(c *gathered.Evidence) []gathered.Flawed {
	var list []gathered.Flawed
	for _, f := range []gathered.Flawed{skewed(c), repeated(c)} {
		if f.Count > 0 && (float64(f.Count) >= c.By().Flaws.Share*float64(f.Total) || f.Said != "") {
			list = append(list, f)
		}
	}
	return list
}

// skewed are the calls whose ends cannot have kept the same time, and whose clocks
// are off by them: of each service of which it is known, and where nobody can tell whose
// it is, of both ends of the calls that show it.
func skewed(c *gathered.Evidence) gathered.Flawed {
	f := gathered.Flawed{Flaw: report.FlawClockSkew, Source: "traces"}
	for _, p := range pairsOf(c) {
		f.Total++
		if p.apart(c.By().Flaws.Skew) || c.Clocks.Apart(p.Caller.Service, p.Callee.Service) > c.By().Flaws.Skew {
			f.Count++
			f.Entities = append(f.Entities, p.Caller.Service, p.Callee.Service)
		}
	}
	// One that calls none but those whose clock is off by as much is apart from nobody.
	f.Entities = slices.AppendSeq(f.Entities, maps.Keys(c.Clocks.Ahead))
	slices.Sort(f.Entities)
	f.Entities = slices.Compact(f.Entities)
	var said []string
	for _, s := range f.Entities {
		switch by, unclear := c.Clocks.Ahead[s], c.Clocks.Unclear[s]; {
		case c.Clocks.Off(s) <= c.By().Onset.Bin: // it moves nothing that is told
		case by > 0:
			said = append(said, "the clock of "+s+" is "+wording.Amount(by.Seconds(), "s")+" ahead of the others'")
		case by < 0:
			said = append(said, "the clock of "+s+" is "+wording.Amount(-by.Seconds(), "s")+" behind the others'")
		case unclear > 0:
			said = append(said, "the clock of "+s+" or those of whom it calls and who call it are off by "+wording.Amount(unclear.Seconds(), "s"))
		}
	}
	f.Said = strings.Join(said, "; ")
	return f
}

// repeated are the spans whose ID another span of their trace has.
func repeated(c *gathered.Evidence) gathered.Flawed {
	f := gathered.Flawed{Flaw: report.FlawDuplicates, Source: "traces"}
	for _, t := range c.Traces {
		byID := make(map[string]*evidence.Span, len(t.Spans))
		for i := range t.Spans {
			s := &t.Spans[i]
			f.Total++
			if first := byID[s.SpanID]; first == nil {
				byID[s.SpanID] = s
			} else if !shared(first, s) {
				f.Count++
			}
		}
	}
	return f
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
		if n, of := v.Ledger.Left(source, v.sources.Recorded); n > 0 && float64(n) >= weights.Or(v.options.Weights).Flaws.Share*float64(of) {
			list = append(list, gathered.Flawed{Flaw: report.FlawUnusable, Source: source, Count: n, Total: of})
		}
	}
	return list
}

// apart are the sources whose servers' clocks are far from ours: what they say of the
// incident's time may be of another. Which of the clocks is wrong is not known, and so
// nothing is asked of another time instead. Of a recording it is what was said then.
func (v *Investigation) apart() []gathered.Flawed {
	var list []gathered.Flawed
	for _, source := range []string{"traces", "logs", "metrics"} {
		n := v.Ledger.Dated(source, v.sources.Recorded)
		if n > 0 {
			list = append(list, gathered.Flawed{Flaw: report.FlawSourceClock, Source: source, Count: n, Total: n})
		}
	}
	return list
}
