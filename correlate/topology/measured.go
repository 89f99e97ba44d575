package topology

import (
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Measured says on which sides anything was measured of an entity: by spans of
// its own, by calls to it that others made, by lines, by series other than an
// alert's expression.
type Measured struct {
	// Any is by side, Spans by spans of its own only; normal first.
	Any, Spans [2]bool
}

// Both reports whether something was measured in normal and in incident time.
func (m Measured) Both() bool { return m.Any[0] && m.Any[1] }

// MeasuredOf is what was measured of whom, by entity.
func MeasuredOf(c *gathered.Evidence) map[string]Measured {
	all := map[string]Measured{}
	note := func(name string, sides [2]bool, spans bool) {
		if name == "" {
			return
		}
		m := all[name]
		for i, on := range sides {
			m.Any[i] = m.Any[i] || on
			m.Spans[i] = m.Spans[i] || on && spans
		}
		all[name] = m
	}
	side := func(baseline bool) [2]bool { return [2]bool{baseline, !baseline} }
	for i := range c.Traces {
		for j := range c.Traces[i].Spans {
			s := &c.Traces[i].Spans[j]
			note(s.Service, side(c.Traces[i].Baseline), true)
			if peer, ok := PeerOf(*s); ok {
				note(peer.Name, side(c.Traces[i].Baseline), false)
			}
		}
	}
	for i := range c.Logs {
		note(c.Logs[i].Service, side(c.Logs[i].Baseline), false)
	}
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Stat != gathered.StatExpr {
			note(m.Entity, [2]bool{len(m.Baseline) > 0, len(m.Incident) > 0}, false)
		}
	}
	return all
}

// CalleesOf are the entities that one calls, as far as anybody knows, in order of
// name: by the calls that [NewGraph] is made of, in which those that only a client span
// shows are as well. known is false where nobody knows of any call that it makes or gets.
func CalleesOf(c *gathered.Evidence, name string) (callees []string, known bool) {
	for _, e := range c.Edges {
		if e.Caller == name {
			callees = append(callees, e.Callee)
		}
		known = known || e.Caller == name || e.Callee == name
	}
	return callees, known
}
