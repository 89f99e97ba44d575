package rank

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/signal"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// callsBehind are the calls that a finding was computed from: those that brought
// what it points at, then those of its measures, then, where spans or lines were
// counted, those that brought the rest of them.
func callsBehind(v *view.View, f signal.Finding, source string) []evidence.CallID {
	rest := slices.Clone(f.By)
	for _, m := range slices.Concat([]*view.Metric{f.Fact}, f.Over) {
		if m != nil {
			rest = append(rest, gathered.CallOf(m.Series))
		}
	}
	if source == "traces" || source == "logs" {
		rest = append(rest, v.CallsOf(f.Entity, source)...)
	}
	return calls(f.Refs, rest)
}

// calls are those behind references, then others, each once.
func calls(refs []evidence.Ref, others []evidence.CallID) []evidence.CallID {
	var list []evidence.CallID
	add := func(id evidence.CallID) {
		if id != (evidence.CallID{}) && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	for _, r := range refs {
		add(r.By)
	}
	for _, id := range others {
		add(id)
	}
	return list
}
