// Package promql says what an alerting rule's expression is about: which series
// it looks at, what it compares with its thresholds, in which direction that
// hurts, which labels are left on the result, and how far back it looks.
//
// It is the one room of the engine that knows Prometheus' parser, which is the
// language's own definition: a scanner of our own got thresholds inside an
// aggregation, on the left or behind a guard wrong. Nothing read here is trusted
// beyond asking a source about it.
package promql

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// maxText bounds an expression in bytes. The longest that the usual generators
// write have about 4 KiB.
const maxText = 64 << 10

// Direction is the side of a threshold on which an alert fires.
type Direction int

// Directions in which a measured value hurts.
const (
	Unknown Direction = iota
	Up                // above its threshold
	Down              // below its threshold
	Gone              // when there is no series: absent()
)

// Expr is an expression that was read.
type Expr struct {
	// Selectors are the series selectors in order of appearance.
	Selectors []Selector
	// Measured is what is compared, in order of appearance, without repeats: of
	// guards (and, unless) the guarded side, of alternatives (or) each, of two
	// series that are compared both. There is at least one.
	Measured []Measured
	// Range is the longest range that any part looks back over, with ranges
	// nested in subqueries added up; 0 for none.
	Range time.Duration
}

// Selector is one series selector.
type Selector struct {
	Metric string            // empty when the name is matched by a pattern only
	Equal  map[string]string // label to value, of the = matchers but the name's; never nil
	// Matches tells whether a label's value is allowed by every matcher on it;
	// a label without a matcher may have any value.
	Matches func(label, value string) bool
}

// Metrics are the names of the metrics that an expression reads, in order of
// appearance and without repeats.
func (e Expr) Metrics() []string {
	var names []string
	for _, s := range e.Selectors {
		if s.Metric != "" && !slices.Contains(names, s.Metric) {
			names = append(names, s.Metric)
		}
	}
	return names
}

// Measured is an expression without its thresholds.
type Measured struct {
	Expr string
	Hurt Direction
	// Selectors are those of this part.
	Selectors []Selector
	// Keeps tells whether a label of the series can still be on the result.
	Keeps func(label string) bool
}

// Read reads an expression. The error says where it is no PromQL, for a person.
func Read(text string) (Expr, error) {
	if len(text) > maxText {
		return Expr{}, fmt.Errorf("an expression of %d bytes, at most %d are read", len(text), maxText)
	}
	root, err := parser.ParseExpr(text)
	if err != nil {
		return Expr{}, err //nolint:wrapcheck // its text is the whole message
	}
	e := Expr{Range: longest(root), Selectors: selectors(root)}
	for _, p := range take(root, Unknown) {
		m := Measured{Expr: write(p.expr, text), Hurt: p.hurt, Selectors: selectors(p.expr), Keeps: keeps(p.expr)}
		if !slices.ContainsFunc(e.Measured, func(have Measured) bool { return have.Expr == m.Expr }) {
			e.Measured = append(e.Measured, m)
		}
	}
	return e, nil
}

// Same tells whether two texts are the same expression, however it is written.
func Same(a, b string) bool {
	if a == b {
		return true
	}
	if max(len(a), len(b)) > maxText {
		return false
	}
	x, errX := parser.ParseExpr(a)
	y, errY := parser.ParseExpr(b)
	return errX == nil && errY == nil && x.String() == y.String()
}

// write spells an expression: as it stands in the text when it is a part of it
// as it was, else as the parser prints it.
func write(e parser.Expr, text string) string {
	printed := e.String()
	if p := e.PositionRange(); p.Start >= 0 && p.Start < p.End && int(p.End) <= len(text) {
		part := text[p.Start:p.End]
		if again, err := parser.ParseExpr(part); err == nil && again.String() == printed {
			return part
		}
	}
	return printed
}

func selectors(e parser.Expr) []Selector {
	var list []Selector
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if s, ok := n.(*parser.VectorSelector); ok {
			list = append(list, selectorOf(s))
		}
		return nil
	})
	return list
}

func selectorOf(s *parser.VectorSelector) Selector {
	out := Selector{Metric: s.Name, Equal: map[string]string{}}
	for _, m := range s.LabelMatchers {
		switch {
		case m.Type != labels.MatchEqual:
		case m.Name == labels.MetricName:
			out.Metric = m.Value
		default:
			out.Equal[m.Name] = m.Value
		}
	}
	out.Matches = func(label, value string) bool {
		return !slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == label && !m.Matches(value) })
	}
	return out
}

// longest is the longest look-back below a node.
func longest(n parser.Node) time.Duration {
	var below time.Duration
	for _, c := range parser.Children(n) {
		below = max(below, longest(c))
	}
	switch n := n.(type) {
	case *parser.MatrixSelector:
		return n.Range + below
	case *parser.SubqueryExpr:
		return n.Range + below
	}
	return below
}

// keeps tells which labels are left on an expression's result.
func keeps(e parser.Expr) func(string) bool {
	all := func(string) bool { return true }
	none := func(string) bool { return false }
	switch e := e.(type) {
	case *parser.ParenExpr:
		return keeps(e.Expr)
	case *parser.UnaryExpr:
		return keeps(e.Expr)
	case *parser.SubqueryExpr:
		return keeps(e.Expr)
	case *parser.AggregateExpr:
		switch inner := keeps(e.Expr); {
		case e.Op == parser.TOPK || e.Op == parser.BOTTOMK:
			return inner
		case e.Without:
			return func(l string) bool { return !slices.Contains(e.Grouping, l) && inner(l) }
		default:
			return func(l string) bool { return slices.Contains(e.Grouping, l) && inner(l) }
		}
	case *parser.BinaryExpr:
		return keepsOfBinary(e)
	case *parser.Call:
		return keepsOfCall(e)
	case *parser.NumberLiteral, *parser.StringLiteral:
		return none
	}
	return all
}

func keepsOfBinary(e *parser.BinaryExpr) func(string) bool {
	many := e.LHS
	if isScalar(e.LHS) || e.VectorMatching != nil && e.VectorMatching.Card == parser.CardOneToMany {
		many = e.RHS
	}
	inner := keeps(many)
	m := e.VectorMatching
	if m == nil || m.Card != parser.CardOneToOne {
		if m == nil || m.Card == parser.CardManyToMany {
			return inner
		}
		return func(l string) bool { return inner(l) || slices.Contains(m.Include, l) }
	}
	return func(l string) bool {
		return inner(l) && (len(m.MatchingLabels) == 0 && !m.On || slices.Contains(m.MatchingLabels, l) == m.On)
	}
}

func keepsOfCall(e *parser.Call) func(string) bool {
	var inner func(string) bool
	for _, a := range e.Args {
		if !isScalar(a) && a.Type() != parser.ValueTypeString {
			inner = keeps(a)
			break
		}
	}
	switch {
	case inner == nil || e.Func.Name == "scalar" || e.Func.Name == "vector":
		return func(string) bool { return false }
	case e.Func.Name == "label_replace" || e.Func.Name == "label_join":
		if dst, ok := e.Args[1].(*parser.StringLiteral); ok {
			return func(l string) bool { return l == dst.Val || inner(l) }
		}
	case e.Func.Name == "histogram_quantile":
		return func(l string) bool { return l != "le" && inner(l) }
	}
	return inner
}

func isScalar(e parser.Expr) bool { return e.Type() == parser.ValueTypeScalar }
