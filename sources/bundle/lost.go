package bundle

import (
	"encoding/json"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// The kinds of record that are left out of a bundle besides those that other
// sources leave out.
var (
	lostLong     = evidence.LossKind{One: "line is too long", Many: "lines are too long"}
	lostForeign  = evidence.LossKind{One: "line cannot be read", Many: "lines cannot be read"}
	lostNameless = evidence.LossKind{One: "span has no trace ID or no span ID", Many: "spans have no trace ID or no span ID"}
	lostDateless = evidence.LossKind{One: "log record has neither a time nor an observed time", Many: "log records have neither a time nor an observed time"}
	lostUnfit    = evidence.LossKind{One: "record does not fit its type", Many: "records do not fit their type"}
	lostUntimed  = evidence.LossKind{One: "sample has no timestamp", Many: "samples have no timestamp"}
	lostRule     = evidence.LossKind{One: "rule has a time that cannot be read", Many: "rules have a time that cannot be read"}
	lostLateSpan = evidence.LossKind{One: "span had no room that is dated later by a clock that is or may be ahead", Many: "spans had no room that are dated later by clocks that are or may be ahead"}
	lostLateLine = evidence.LossKind{One: "log line had no room that is dated later by a clock that is ahead", Many: "log lines had no room that are dated later by clocks that are ahead"}
	lostTwice    = evidence.LossKind{One: "record has the ID of an earlier one", Many: "records have the ID of an earlier one"}
)

// tally is what one member lost while it was read. A record that cannot be used
// costs itself; a member of which nothing can be read is no such member, and its
// first fault is told.
type tally struct {
	*evidence.Losses
	read  int   // lines that could be read
	fault error // of the first that could not
}

func (b *Bundle) tally(source string) *tally { return &tally{Losses: b.losses[source]} }

// leave counts a line that cannot be read.
func (t *tally) leave(kind evidence.LossKind, fault error) {
	t.Add(kind, "")
	if t.fault == nil {
		t.fault = fault
	}
}

// end is the fault of a member of which nothing could be read.
func (t *tally) end() error {
	if t.read == 0 {
		return t.fault
	}
	return nil
}

func newLosses() map[string]*evidence.Losses {
	m := map[string]*evidence.Losses{}
	for _, s := range allSources {
		m[s] = &evidence.Losses{}
	}
	return m
}

// Lost returns what was left out of a source, and of how many records. It reads
// the member if no question did.
func (b *Bundle) Lost(source string) (list []evidence.Loss, of int) {
	switch source {
	case SourceTraces:
		if x, err := b.traces(); err == nil {
			for _, t := range x.traces {
				of += len(t.Spans)
			}
		}
	case SourceLogs:
		lines, _ := b.logLines()
		of = len(lines)
	case SourceMetrics:
		if s, err := b.metricStore(); err == nil {
			for _, x := range s.series {
				of += len(x.samples)
			}
		}
	case SourceGraph:
		edges, _ := b.graph.get(b.readGraph)
		of = len(edges)
	case SourceRules:
		rules, _ := b.rules.get(b.readRules)
		of = len(rules)
	case SourceChanges:
		changes, _ := b.changes.get(b.readChanges)
		of = len(changes)
	case SourceCode:
		if h, err := b.history(); err == nil {
			of = len(h.commits)
		}
	case SourceProfiles:
		all, _ := b.profile.get(b.readProfiles)
		of = len(all)
	default:
		return nil, 0
	}
	list = b.losses[source].List()
	_, lost := evidence.DescribeLosses(list)
	return list, of + lost
}

// apart takes an OTLP/JSON line to pieces that hold one record each, so that one
// that cannot be read does not cost its batch. The names are those of the three
// lists, from the outermost; nil when the line is not built so.
func apart(line []byte, outer, middle, inner string) [][]byte {
	type object = map[string]json.RawMessage
	list := func(o object, name string) (items []object) {
		if json.Unmarshal(o[name], &items) != nil {
			return nil
		}
		return items
	}
	var top object
	if json.Unmarshal(line, &top) != nil {
		return nil
	}
	var pieces [][]byte
	for _, r := range list(top, outer) {
		for _, s := range list(r, middle) {
			var records []json.RawMessage
			if json.Unmarshal(s[inner], &records) != nil {
				continue
			}
			for _, record := range records {
				resource := r["resource"]
				if resource == nil {
					resource = json.RawMessage("{}")
				}
				pieces = append(pieces, fmt.Appendf(nil, `{%q:[{"resource":%s,%q:[{%q:[%s]}]}]}`, outer, resource, middle, inner, record))
			}
		}
	}
	return pieces
}
