package view

import (
	"regexp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
)

// Origin is the entity that a failed span without a failed span below it failed
// because of: itself, unless it gave up waiting for another one, was cancelled
// by an impatient caller, or is a call to something that has no spans of its
// own, as a database, which did not merely refuse a statement that is wrong.
func (v *View) Origin(node int) int {
	n := &v.Traces.Nodes[node]
	if c := v.impatientCaller(node); c >= 0 {
		return c
	}
	if v.unsent(n) {
		if s := v.spentBefore(node); s >= 0 {
			return s
		}
	}
	if w := v.waitedFor(node); w >= 0 {
		return w
	}
	if n.Edge >= 0 && len(n.Children) == 0 && !n.says.Any(spoken.NotSent|spoken.Misasked) && !(n.says.Any(spoken.GaveUp) && v.asUsual(node)) {
		if c := v.Traces.Edges[n.Edge].Callee; c >= 0 {
			return c
		}
	}
	return n.Entity
}

// Blamed is the origin of a failed span's failure, the span's own entity where it
// has none among the candidates.
func (v *View) Blamed(node int) int {
	if o := v.Origin(node); o >= 0 {
		return o
	}
	return v.Traces.Nodes[node].Entity
}

// Beyond reports whether a failed span tells of the failure of somebody that it
// called and that nothing here tells of: it could not get through, or a call to a
// peer who is no candidate failed for no reason of the caller's. Whoever dials is
// hurt by that as whoever calls a candidate is.
func (v *View) Beyond(node int) bool {
	n := &v.Traces.Nodes[node]
	if !n.Failed || len(n.Children) > 0 || n.Edge >= 0 && v.Traces.Edges[n.Edge].Callee >= 0 {
		return false
	}
	if n.says.Any(spoken.NoWay) {
		return true
	}
	return n.Edge >= 0 && !n.says.Any(spoken.NotSent|spoken.Misasked) && !declined(n.Span) && !(n.says.Any(spoken.GaveUp) && v.asUsual(node))
}

// declined reports whether the other side answered a call by saying that it should
// not have been made like that: HTTP's 4xx but for those of waiting, gRPC's codes
// for the same.
func declined(s *evidence.Span) bool {
	if code := s.HTTPStatus(); len(code) == 3 && code[0] == '4' && code != "408" && code != "499" {
		return true
	}
	switch s.GRPCStatus() {
	case "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "FAILED_PRECONDITION", "OUT_OF_RANGE", "UNIMPLEMENTED", "UNAUTHENTICATED":
		return true
	}
	return false
}

// Impatient reports whether a failed span's failure is that of a caller who did
// not wait for as long as the answer takes when all is well.
func (v *View) Impatient(node int) bool {
	n := &v.Traces.Nodes[node]
	return v.impatientCaller(node) >= 0 || n.Edge >= 0 && v.Origin(node) == n.Entity
}

// impatientCaller is the caller that cancelled a span, or -1: the span says that
// it was cancelled, and it had not been running longer than it used to at
// times, when nobody hung up. A callee that got slower is cancelled too, but only
// after longer than that.
func (v *View) impatientCaller(node int) int {
	nodes := v.Traces.Nodes
	n := &nodes[node]
	if !n.says.Any(spoken.HungUp) {
		return -1
	}
	top := node
	for p := n.Parent; p >= 0 && nodes[p].Entity == n.Entity; p = nodes[p].Parent {
		top = p
	}
	caller := nodes[top].Parent
	if caller < 0 || nodes[caller].Entity < 0 {
		return -1
	}
	if !v.asUsual(top) {
		return -1
	}
	return nodes[caller].Entity
}

// unsent reports whether a call was given up before it went anywhere: its caller's
// caller had gone, or the time for it was spent.
func (v *View) unsent(n *SpanNode) bool {
	return n.Failed && n.says.Any(spoken.HungUp|spoken.GaveUp) && len(n.Children) == 0 && n.Span.Kind == evidence.SpanClient && n.Span.Duration < v.By.View.Waiting.Sending
}

// Says is what a failed span says of its failure.
func (n *SpanNode) Says() spoken.Meaning { return n.says }

// ended is what the status of a failed call says of how it ended: nginx's 499 and
// gRPC's CANCELLED are of who hung up, a gateway's 504 and DEADLINE_EXCEEDED of
// who gave up waiting.
func ended(s *evidence.Span) (m spoken.Meaning) {
	for _, code := range []string{s.HTTPStatus(), s.GRPCStatus()} {
		switch code {
		case "499", "CANCELLED":
			m |= spoken.HungUp
		case "504", "DEADLINE_EXCEEDED":
			m |= spoken.GaveUp
		}
	}
	for _, a := range []string{"db.response.status_code", "error.type"} {
		if code := s.Attributes[a]; code != "42501" && misasked.MatchString(code) { // 42501 is of rights
			m |= spoken.Misasked
		}
	}
	return m
}

// misasked are the codes with which databases refuse a statement for what it says:
// SQL's states of wrong cardinality, data, integrity, names and syntax (ISO 9075,
// classes 21, 22, 23, 26, 42), and the numbers of MySQL,
// Oracle and SQL Server for the same.
var misasked = regexp.MustCompile(`^(?:2[1236][0-9A-Z]{3}|42[0-9A-Z]{3}|10(?:48|54|62|64)|1146|1364|1366|1406|145[12]|ORA-0(?:0001|0904|0942|1400|2291|2292)|20[78]|515|547|26(?:01|27))$`)

// failureOf is what a span says about its failure.
func failureOf(sp *evidence.Span) string {
	text := sp.StatusMessage
	for _, name := range []string{"error", "error.type", "exception.type", "exception.message"} {
		text += " " + sp.Attributes[name]
	}
	for _, e := range sp.Events {
		text += " " + e.Attributes["exception.type"] + " " + e.Attributes["exception.message"]
	}
	return text
}

// markConsequences marks the spans that failed, or ran differently, because of another
// entity's failure below or above them.
func (v *View) markConsequences() {
	nodes := v.Traces.Nodes
	v.Consequence = make([]bool, len(nodes))
	for _, r := range v.Traces.Ranges {
		above := map[int]bool{}
		for i := r.From; i < r.To; i++ {
			if !nodes[i].Failed {
				continue
			}
			for p := nodes[i].Parent; p >= 0 && !above[p]; p = nodes[p].Parent {
				above[p] = true
			}
		}
		for i := r.From; i < r.To; i++ {
			if !nodes[i].Failed || above[i] {
				continue
			}
			o := v.Origin(i)
			for a := i; a >= 0; a = nodes[a].Parent {
				if nodes[a].Entity != o {
					v.Consequence[a] = true
				}
			}
		}
	}
}
