package promql

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"
)

// part is a piece of an expression whose thresholds were taken off.
type part struct {
	expr parser.Expr
	hurt Direction
	// compared is true when a threshold was taken off.
	compared bool
}

// take takes the thresholds off an expression, wherever they stand, so that
// what is left has a value before the alert fires. It gives one part for each
// thing that is measured. The expression itself is left as it is.
//
// A comparison without bool lets through only what fires; that is why it has to
// go inside aggregations and functions too (as Sloth writes it). Three things
// stay: a comparison with bool inside something, which hides nothing; one with
// zero under arithmetic, which guards a division; and a count of what is past
// a threshold, which becomes the sum of truths, since a count of everything
// would stand still.
func take(e parser.Expr, hurt Direction) []part {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return take(e.Expr, hurt)
	case *parser.UnaryExpr:
		if e.Op == parser.SUB {
			return within(take(e.Expr, opposite(hurt)), hurt, func(x parser.Expr) parser.Expr { return &parser.UnaryExpr{Op: e.Op, Expr: wrapped(x)} }, e)
		}
		return take(e.Expr, hurt)
	case *parser.BinaryExpr:
		return takeBinary(e, hurt)
	case *parser.AggregateExpr:
		return takeAggregate(e, hurt)
	case *parser.Call:
		return takeCall(e, hurt)
	}
	return []part{{expr: e, hurt: hurt}}
}

func takeBinary(e *parser.BinaryExpr, hurt Direction) []part {
	switch {
	case e.Op.IsComparisonOperator():
		return takeComparison(e, hurt)
	case e.Op == parser.LOR && isConstant(e.RHS):
		if left := take(e.LHS, hurt); hasThreshold(left) {
			return left
		}
		return []part{{expr: e, hurt: hurt}} // a value for when there is none
	case e.Op == parser.LOR:
		return append(take(e.LHS, hurt), take(e.RHS, hurt)...)
	case e.Op == parser.LAND:
		left := take(e.LHS, hurt)
		if right := take(e.RHS, hurt); !hasThreshold(left) && hasThreshold(right) {
			return right // what is compared, not what names its place
		}
		return left
	case e.Op == parser.LUNLESS:
		return take(e.LHS, hurt)
	}
	left, right := under(e.LHS, hurt), under(e.RHS, Unknown)
	if !left.compared && !right.compared {
		return []part{{expr: e, hurt: hurt}}
	}
	c := *e
	c.LHS, c.RHS = wrapped(left.expr), wrapped(right.expr)
	return []part{{expr: &c, hurt: firstKnown(left.hurt, right.hurt, hurt), compared: true}}
}

// under is the one part of an operand of arithmetic, with its thresholds off
// unless they guard against a division by zero.
func under(e parser.Expr, hurt Direction) part {
	inner := bare(e)
	if b, ok := inner.(*parser.BinaryExpr); ok && b.Op.IsComparisonOperator() && (b.ReturnBool || isZero(b.LHS) || isZero(b.RHS)) {
		return part{expr: e, hurt: hurt}
	}
	if ps := take(e, hurt); len(ps) == 1 && ps[0].compared {
		return ps[0]
	}
	return part{expr: e, hurt: hurt}
}

func takeComparison(e *parser.BinaryExpr, hurt Direction) []part {
	left, right := sides(e, hurt)
	switch {
	case isConstant(e.LHS) && isConstant(e.RHS):
		return []part{{expr: e, hurt: hurt}}
	case isConstant(e.RHS):
		return compared(take(e.LHS, left))
	case isConstant(e.LHS):
		return compared(take(e.RHS, right))
	case isScaled(e.RHS):
		return compared(take(e.LHS, left))
	case isScaled(e.LHS):
		return compared(take(e.RHS, right))
	}
	return compared(append(take(e.LHS, left), take(e.RHS, right)...))
}

func compared(ps []part) []part {
	for i := range ps {
		ps[i].compared = true
	}
	return ps
}

// sides are the directions in which a comparison's operands hurt. Of a chain
// the outermost comparison says it; one with bool makes a truth of its operands,
// which may be what is compared in turn.
func sides(e *parser.BinaryExpr, outer Direction) (left, right Direction) {
	own := direction(e)
	switch {
	case e.ReturnBool && outer == Down:
		own = opposite(own)
	case !e.ReturnBool && outer != Unknown:
		return outer, outer
	}
	return own, opposite(own)
}

// direction is on which side of a comparison the left operand hurts. What is
// compared with an equal sign is a state: 0 is low, anything else is high.
func direction(e *parser.BinaryExpr) Direction {
	switch e.Op {
	case parser.GTR, parser.GTE:
		return Up
	case parser.LSS, parser.LTE:
		return Down
	case parser.EQLC:
		if isZero(e.RHS) || isZero(e.LHS) {
			return Down
		}
		if isConstant(e.RHS) {
			return Up
		}
	case parser.NEQ:
		if isZero(e.RHS) || isZero(e.LHS) {
			return Up
		}
		if isConstant(e.RHS) {
			return Down
		}
	}
	return Unknown
}

func takeAggregate(e *parser.AggregateExpr, hurt Direction) []part {
	if inner, ok := filter(e.Expr); ok && e.Op == parser.COUNT {
		c := *e
		c.Op, c.Expr, c.PosRange = parser.SUM, withBool(inner), nowhere
		return []part{{expr: &c, hurt: firstKnown(hurt, Up), compared: true}}
	}
	if b, ok := bare(e.Expr).(*parser.BinaryExpr); ok && b.ReturnBool {
		return []part{{expr: e, hurt: hurt}}
	}
	return within(take(e.Expr, hurt), hurt, func(x parser.Expr) parser.Expr {
		c := *e
		c.Expr, c.PosRange = x, nowhere
		return &c
	}, e)
}

// absence are the functions that have a value when their argument has none.
var absence = []string{"absent", "absent_over_time"}

func takeCall(e *parser.Call, hurt Direction) []part {
	if slices.Contains(absence, e.Func.Name) {
		return takeAbsent(e)
	}
	at := slices.IndexFunc(e.Args, func(a parser.Expr) bool { return !isScalar(a) && a.Type() != parser.ValueTypeString })
	if at < 0 {
		return []part{{expr: e, hurt: hurt}}
	}
	with := func(name string, x parser.Expr) parser.Expr {
		c := *e
		c.Args, c.PosRange = slices.Clone(e.Args), nowhere
		c.Args[at] = x
		if name != "" {
			c.Func = parser.Functions[name]
		}
		return &c
	}
	sub, ok := e.Args[at].(*parser.SubqueryExpr)
	if !ok {
		return within(take(e.Args[at], hurt), hurt, func(x parser.Expr) parser.Expr { return with("", x) }, e)
	}
	over := func(x parser.Expr) parser.Expr {
		s := *sub
		s.Expr = wrapped(x)
		return &s
	}
	if inner, ok := filter(sub.Expr); ok && e.Func.Name == "count_over_time" {
		return []part{{expr: with("sum_over_time", over(withBool(inner))), hurt: firstKnown(hurt, Up), compared: true}}
	}
	return within(take(sub.Expr, hurt), hurt, func(x parser.Expr) parser.Expr { return with("", over(x)) }, e)
}

// takeAbsent counts the series whose absence an alert fires on, nought when
// there are none: that has a value before it fires, and changes when it does.
func takeAbsent(e *parser.Call) []part {
	var out []part
	for _, p := range take(e.Args[0], Gone) {
		x := p.expr
		if m, ok := x.(*parser.MatrixSelector); ok {
			x = m.VectorSelector
		}
		if s, ok := x.(*parser.SubqueryExpr); ok {
			x = s.Expr
		}
		count := &parser.AggregateExpr{Op: parser.COUNT, Expr: x, PosRange: nowhere}
		none := &parser.Call{Func: parser.Functions["vector"], Args: parser.Expressions{&parser.NumberLiteral{Val: 0}}}
		out = append(out, part{hurt: Gone, compared: true, expr: &parser.BinaryExpr{
			Op: parser.LOR, LHS: count, RHS: none, VectorMatching: &parser.VectorMatching{Card: parser.CardManyToMany},
		}})
	}
	return out
}

// within puts what is left of an argument back into what stood around it. Where
// nothing was taken off, it is the original.
func within(ps []part, hurt Direction, around func(parser.Expr) parser.Expr, original parser.Expr) []part {
	if !hasThreshold(ps) {
		return []part{{expr: original, hurt: hurt}}
	}
	for i := range ps {
		ps[i].expr = around(ps[i].expr)
	}
	return ps
}

func hasThreshold(ps []part) bool {
	return slices.ContainsFunc(ps, func(p part) bool { return p.compared })
}

// filter is a comparison with a constant that lets through what is past it.
func filter(e parser.Expr) (*parser.BinaryExpr, bool) {
	b, ok := bare(e).(*parser.BinaryExpr)
	return b, ok && b.Op.IsComparisonOperator() && !b.ReturnBool && !isScalar(b)
}

func withBool(b *parser.BinaryExpr) parser.Expr {
	c := *b
	c.ReturnBool = true
	return &c
}

// wrapped keeps the order of evaluation of what is printed inside something.
func wrapped(e parser.Expr) parser.Expr {
	switch e.(type) {
	case *parser.BinaryExpr, *parser.UnaryExpr:
		return &parser.ParenExpr{Expr: e}
	}
	return e
}

func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// isConstant tells that no series is read: a number, arithmetic over numbers,
// time(), vector(0).
func isConstant(e parser.Expr) bool {
	found := false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		_, is := n.(*parser.VectorSelector)
		found = found || is
		return nil
	})
	return !found
}

// isScaled tells that an operand is a threshold made of another series, as nine
// tenths of a limit.
func isScaled(e parser.Expr) bool {
	b, ok := bare(e).(*parser.BinaryExpr)
	return ok && !b.Op.IsComparisonOperator() && isConstant(b.LHS) != isConstant(b.RHS)
}

func isZero(e parser.Expr) bool {
	n, ok := bare(e).(*parser.NumberLiteral)
	return ok && n.Val == 0
}

func opposite(d Direction) Direction {
	switch d {
	case Up:
		return Down
	case Down:
		return Up
	}
	return d
}

func firstKnown(ds ...Direction) Direction {
	for _, d := range ds {
		if d != Unknown {
			return d
		}
	}
	return Unknown
}

// nowhere is the position of what stands in no text.
var nowhere posrange.PositionRange
