package ask

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// callKey tells the queries apart that one kind of question needed.
type callKey struct{ service, query string }

func (k callKey) compare(o callKey) int {
	return cmp.Or(cmp.Compare(k.service, o.service), cmp.Compare(k.query, o.query))
}

// call records what was sent and how many things came back.
func (l *Ledger) call(q Question, count int) {
	if q.Exact == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(q)
	e.pieces++
	if c := e.callOf(q); c != nil {
		c.Pieces++
		c.Count += count
		c.Window = covering(c.Window, q.Window)
	}
}

// callOf is the call that a question is one piece of, nil for one that is not
// kept: of many, the first in order are.
func (e *ledgerEntry) callOf(q Question) *evidence.Call {
	k := callKey{q.Service, q.Exact}
	if e.calls == nil {
		e.calls = map[callKey]*evidence.Call{}
	}
	if e.calls[k] == nil {
		if len(e.calls) >= mostCalls {
			last := slices.MaxFunc(slices.Collect(maps.Keys(e.calls)), callKey.compare)
			if k.compare(last) > 0 {
				return nil
			}
			delete(e.calls, last)
		}
		e.calls[k] = &evidence.Call{Service: q.Service, Query: q.Exact}
	}
	return e.calls[k]
}

// took records when a call began and how long it lasted; a row says when its
// first began and what its slowest took.
func (l *Ledger) took(q Question, began time.Time, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.entry(q)
	e.slowest, e.first = max(e.slowest, d), earliest(e.first, began)
	if q.Exact != "" {
		if c := e.callOf(q); c != nil {
			c.Took, c.At = max(c.Took, d), earliest(c.At, began)
		}
	}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// covering is the window that holds both; a zero one holds nothing.
func covering(a, b evidence.Window) evidence.Window {
	switch {
	case b.IsZero():
		return a
	case a.IsZero():
		return b
	}
	if b.Start.Before(a.Start) {
		a.Start = b.Start
	}
	if b.End.After(a.End) {
		a.End = b.End
	}
	return a
}

// mostCalls bounds the calls that one row keeps; of the others it has the number.
const mostCalls = 100

func (e *ledgerEntry) sortedCalls() []evidence.Call {
	var list []evidence.Call
	for _, c := range e.calls {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b evidence.Call) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Query, b.Query))
	})
	for i := range list {
		list[i].Took, list[i].At = list[i].Took.Round(time.Millisecond), list[i].At.UTC().Round(0)
	}
	return list
}

func piecesOf(calls []evidence.Call) (n int) {
	for _, c := range calls {
		n += c.Pieces
	}
	return n
}

// recordedRow is a recording's row of a topic; what was recorded before rows had
// keys is found by its words.
func recordedRow(recorded port.CoverageSource, source string, key evidence.Topic, words string) (evidence.Coverage, bool) {
	if was, ok := recorded.Recorded(source, string(key)); ok {
		return was, true
	}
	return recorded.Recorded(source, words)
}

// asRecorded takes the times of a row from the recording of what it is about.
func asRecorded(c *evidence.Coverage, recorded port.CoverageSource) {
	was, _ := recordedRow(recorded, c.Source, c.Key, c.Query)
	c.Took, c.At = was.Took, was.At
	c.Cut = max(c.Cut, was.Cut) // what a recording keeps of a line is whole
	for i := range c.Calls {
		call := &c.Calls[i]
		call.Took, call.At = 0, was.At
		for _, then := range was.Calls {
			if then.Service == call.Service && then.Query == call.Query {
				call.Took, call.At = then.Took, then.At
			}
		}
	}
}
