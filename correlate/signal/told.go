package signal

import (
	"regexp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// ending is how the calls to an entity ended that failed in the incident.
type ending struct {
	failed int
	// answered are those that bear the callee's own answer: an error is one.
	answered int
	// refused are those that met a socket nobody listens on, barred those that
	// failed before anything was asked: a certificate, a name, the caller's limits.
	refused, barred int
}

// endingOf tells how the failed calls to an entity ended, by what their spans say
// and by the lines that the caller wrote in the same traces.
func endingOf(v *view.View, e int) ending {
	lines := map[string]spoken.Meaning{} // of the callers, by trace
	for _, g := range v.Failures() {
		for _, i := range g.Lines {
			if t := &v.Logs.Templates[v.Logs.Line[i]]; len(g.Nodes) > 0 && t.Entity != e {
				lines[v.Traces.Nodes[g.Nodes[0]].Span.TraceID] |= t.Says
			}
		}
	}
	var out ending
	for i := range v.Traces.Edges {
		if v.Traces.Edges[i].Callee != e {
			continue
		}
		for _, j := range v.Traces.ByEdge[i] {
			n := &v.Traces.Nodes[j]
			if !n.Failed || v.Traces.Ranges[n.Rng].Baseline {
				continue
			}
			out.failed++
			says := n.Says() | lines[n.Span.TraceID]
			switch {
			case bearsAnswer(n.Span, v.Spans[e] != [2]int{}) || len(n.Children) > 0:
				out.answered++
			case says.Any(spoken.NoWay) && says.Any(spoken.OtherSide):
				out.refused++
			case says.Any(spoken.NotSent):
				out.barred++
			}
		}
	}
	return out
}

// gone reports whether the failed calls leave room for the callee being gone: not
// where most bear its own answer or never left, and, where nobody was refused,
// not where others are answered all the while.
func (x ending) gone(calls int, v *view.View) bool {
	by := &v.By.Signal.Absence
	if float64(x.answered+x.barred) > by.Answers*float64(x.failed) {
		return false
	}
	return x.refused > 0 || float64(calls-x.failed) < by.AnswersOthers*float64(calls)
}

// bearsAnswer reports whether a failed call bears the callee's answer: a status of
// HTTP, of gRPC but for those that the client gives itself, or a database's own
// error. Where the callee has spans of its own and this call has none, a gateway
// may have spoken for it.
func bearsAnswer(s *evidence.Span, traced bool) bool {
	switch s.HTTPStatus() {
	case "":
	case "0":
		return false
	case "502", "503", "504":
		return !traced
	default:
		return true
	}
	switch s.GRPCStatus() {
	case "", "OK", "CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE":
	default:
		return true
	}
	for _, a := range []string{"db.response.status_code", "error.type"} {
		if databaseError(s.Attributes[a]) {
			return true
		}
	}
	return false
}

// Codes that a database answers with: a state of SQL (ISO 9075) or a number of
// MySQL, Oracle or SQL Server. States of class 08 and 57P are of connections and of
// shutting down, and MySQL's clients give the numbers from 2000 on to themselves.
var (
	databaseCode   = regexp.MustCompile(`^(?:[0-9][0-9A-Z]{4}|(?:ORA-)?[0-9]{3,5})$`)
	connectionCode = regexp.MustCompile(`^(?:08[0-9A-Z]{3}|57P[0-9A-Z]{2}|2[0-9]{3})$`)
)

func databaseError(code string) bool {
	return databaseCode.MatchString(code) && !connectionCode.MatchString(code)
}
