package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// NextStep is one thing to look at that would settle a weak verdict.
type NextStep struct {
	Text string
	Open []Link // where to look
}

// mostSteps bounds the steps: they stand above the fold.
const mostSteps = 3

// next lists what would settle a weak verdict, from the report's own facts: the
// sources that did not answer, the kinds of evidence that the first cause
// lacks, and the check that tells it from the second.
func (b *builder) next() []NextStep {
	if w := b.rep.Verdict.Word; !b.loaded || w != report.LeadOnly && w != report.Inconclusive {
		return nil
	}
	steps := b.askAgain()
	if len(b.rep.Causes) > 0 {
		first := b.rep.Causes[0]
		steps = append(steps, b.decideAgainst(first)...)
		steps = append(steps, b.lacking(first)...)
	} else if len(steps) == 0 && b.rep.Service != "" {
		steps = append(steps, NextStep{Text: "Widen the window: what made " + short(b.rep.Service, 40) + " fail may lie before it.", Open: b.again()})
	}
	return steps[:min(len(steps), mostSteps)]
}

func (b *builder) again() []Link {
	if !b.in.Can["again"] {
		return nil
	}
	return []Link{{"investigate again", "#again"}}
}

// askAgain names the main sources of which a question failed.
func (b *builder) askAgain() []NextStep {
	var failed []string
	for _, v := range b.rep.Coverage {
		main := slices.Contains([]string{"metrics", "traces", "logs", "changes"}, v.Source)
		if main && v.Status == evidence.CoverageFailed && !slices.Contains(failed, v.Source) {
			failed = append(failed, v.Source)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return []NextStep{{Text: "Ask again once " + enumerate(failed) + " can be read: the report was made without.", Open: b.again()}}
}

// decideAgainst is the check that tells the first cause from the best one about
// another entity.
func (b *builder) decideAgainst(first report.Cause) []NextStep {
	for _, second := range b.rep.Causes[1:] {
		one, two := short(first.Entity.Name, 40), short(second.Entity.Name, 40)
		if first.Entity.Name == second.Entity.Name || second.Score <= 0 {
			continue
		}
		if first.Entity.Name == evidence.Workload {
			return []NextStep{{Text: "Look whether " + two + " was in trouble before " + b.near(b.marks.Onset).UTC + ", when the requests rose: if not, the traffic is the cause.", Open: []Link{{"timeline", "#timeline"}}}}
		}
		callee, caller := one, two
		switch {
		case b.calls(second.Entity.Name, first.Entity.Name):
		case b.calls(first.Entity.Name, second.Entity.Name):
			callee, caller = two, one
		default:
			return []NextStep{{Text: "Look whether " + one + " or " + two + " left its normal first, by its own metrics and lines. Failures that came before the onset too tell nothing.", Open: []Link{{"timeline", "#timeline"}}}}
		}
		return []NextStep{{Text: b.callersDecide(callee, caller), Open: b.look("traces", callee)}}
	}
	return nil
}

// callersDecide tells a callee's fault from its caller's by who else calls it, as
// far as the calls of the report go.
func (b *builder) callersDecide(callee, caller string) string {
	var others []string
	if b.rep.Map != nil {
		for _, e := range b.rep.Map.Edges {
			if name := short(e.Caller, 40); e.Callee == callee && name != caller && !slices.Contains(others, name) {
				others = append(others, name)
			}
		}
	}
	if len(others) == 0 {
		return "No other caller of " + callee + " is known here: ask " + callee + " itself, by its own metrics and logs; if it was well, look at " + caller + "."
	}
	return "Look whether calls of " + enumerate(others[:min(len(others), 3)]) + " to " + callee + " fail too: then it is " + callee + ", else " + caller + "."
}

// calls reports whether the map or the trace shown has one calling the other.
func (b *builder) calls(caller, callee string) bool {
	if b.rep.Map != nil && slices.ContainsFunc(b.rep.Map.Edges, func(e evidence.Edge) bool { return e.Caller == caller && e.Callee == callee }) {
		return true
	}
	if b.rep.Trace == nil {
		return false
	}
	spans := b.rep.Trace.Trace.Spans
	service := make(map[string]string, len(spans))
	for _, s := range spans {
		service[s.SpanID] = s.Service
	}
	return slices.ContainsFunc(spans, func(s evidence.Span) bool {
		// What answers without spans of its own is named by its caller's span.
		return s.Service == callee && service[s.ParentID] == caller || s.Service == caller && topology.CalleeOf(&s) == callee
	})
}

// lacking names the kinds of evidence of which the first cause has none, and
// where they could be seen.
func (b *builder) lacking(first report.Cause) []NextStep {
	have := map[string]bool{}
	for _, t := range first.Terms {
		if t.Points > 0 {
			source := cmp.Or(t.Source, evidence.SourceOf(t.Refs)) // reports of older engines do not name it
			have[source] = have[source] || len(t.Refs) > 0
		}
	}
	name := short(first.Entity.Name, 40)
	if first.Entity.Name == evidence.Workload {
		return []NextStep{{Text: "Find which clients or routes send the extra requests: one of them can be limited, all of them mean scaling out.", Open: b.look("metrics", b.rep.Service)}}
	}
	var present, missing []string
	var open []Link
	for _, kind := range []string{"traces", "logs", "metrics"} {
		if have[kind] {
			present = append(present, kind)
			continue
		}
		missing = append(missing, kind)
		open = append(open, b.look(kind, first.Entity.Name)...)
	}
	if len(missing) == 0 {
		return nil
	}
	if len(present) == 0 {
		return []NextStep{{Text: "No telemetry of " + name + " speaks for it: look at its " + enumerate(missing) + " around " + b.near(b.marks.Onset).UTC + ".", Open: open}}
	}
	return []NextStep{{Text: "Look whether " + enumerate(missing) + " of " + name + " changed around " + b.near(b.marks.Onset).UTC + " too: only " + enumerate(present) + " speak for it.", Open: open}}
}

// look links to where an entity's telemetry of one kind can be seen.
func (b *builder) look(kind, entity string) []Link {
	l := Link{Text: kind}
	switch kind {
	case "traces":
		l.URL = b.runAgain("traces", evidence.Call{Query: evidence.TraceQuery{Service: entity, Limit: 20}.String(), Window: b.rep.Window})
	case "logs":
		l.URL = b.query("logs", evidence.LogQuery{Services: []string{entity}}.String())
	case "metrics":
		l.URL = b.query("metrics", `{job="`+logQL(entity)+`"}`)
	}
	return withURL([]Link{l})
}

// enumerate joins words as a sentence does.
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
