package promql

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Bound is a comparison of something measured with a number.
type Bound struct {
	// Expr is what is compared, without its threshold and with what it is divided
	// by; spelled as the Measured of the same part.
	Expr string
	Hurt Direction
	// Value is the number, Factors are those that it is written as a product of.
	Value   float64
	Factors []Number
	// Reached tells that it fires at Value itself, and Other that it fires at
	// anything but Value.
	Reached, Other bool
	equal          bool // at nothing else
	// Divisor is the number that the outermost division of what is compared
	// divides by; its Value is 0 when that is no number.
	Divisor Number
	// By is the metric that the outermost division divides by when it is one bare
	// series, as a recorded budget; empty otherwise.
	By string
	// Scale is the number that what is compared is multiplied by, 1 for none.
	Scale float64
	// Quotient tells that what is left without Divisor and Scale is a division of
	// series, or one less such a division.
	Quotient bool
	// Total is the quotient's denominator, and PerSecond tells that it is a rate;
	// empty when it is neither a rate nor an increase.
	Total     string
	PerSecond bool
	// Range is the longest range that it looks back over, 0 for none.
	Range     time.Duration
	Selectors []Selector
}

// Fires tells whether a value is one at which the comparison lets through.
func (b Bound) Fires(x float64) bool {
	switch {
	case b.Other:
		return x != b.Value
	case x == b.Value:
		return b.Reached
	case b.Hurt == Up:
		return x > b.Value && !b.equal
	}
	return x < b.Value && !b.equal
}

// Op is the comparison as an expression has it: what fires stands on its left.
func (b Bound) Op() string {
	switch {
	case b.equal:
		return "=="
	case b.Other:
		return "!="
	case b.Hurt == Up && b.Reached:
		return ">="
	case b.Hurt == Up:
		return ">"
	case b.Reached:
		return "<="
	}
	return "<"
}

// Worse tells whether a value lies further on the side that hurts than another.
func (b Bound) Worse(x, y float64) bool {
	if b.Hurt == Up {
		return x > y
	}
	return x < y
}

// Number is a number of an expression.
type Number struct {
	Value float64
	// Of is the whole that it is written as the rest of: 1 for 1 - 0.999, 100 for
	// 100 - 99.9, 0 when it is not written so.
	Of float64
}

// most is how many alternatives and how many bounds of each are read.
const most = 16

// Bounds are the comparisons with numbers by which an alert fires: alternatives
// (or), each of bounds that hold together (and), in order of appearance. What is
// compared with anything but a number is left out, and so is an alternative
// without any. The error is that of Read.
func Bounds(text string) ([][]Bound, error) {
	if _, err := Read(text); err != nil {
		return nil, err
	}
	root, err := parser.ParseExpr(text)
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is the whole message
	}
	return boundsOf(root, text, func(e parser.Expr) parser.Expr { return e }), nil
}

// boundsOf reads an expression that stands within others, which around puts
// back.
func boundsOf(e parser.Expr, text string, around func(parser.Expr) parser.Expr) [][]Bound {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return boundsOf(e.Expr, text, around)
	case *parser.AggregateExpr:
		return boundsOf(e.Expr, text, func(x parser.Expr) parser.Expr {
			c := *e
			c.Expr, c.PosRange = x, nowhere
			return around(&c)
		})
	case *parser.BinaryExpr:
		switch {
		case e.Op == parser.LOR:
			return bounded(append(boundsOf(e.LHS, text, around), boundsOf(e.RHS, text, around)...))
		case e.Op == parser.LAND:
			return together(boundsOf(e.LHS, text, around), boundsOf(e.RHS, text, around))
		case e.Op == parser.LUNLESS:
			return boundsOf(e.LHS, text, around)
		case e.Op.IsComparisonOperator():
			if b, ok := boundOf(e, text, around); ok {
				return [][]Bound{{b}}
			}
		}
	}
	return nil
}

func together(left, right [][]Bound) [][]Bound {
	if len(left) == 0 || len(right) == 0 {
		return append(left, right...)
	}
	var out [][]Bound
	for _, l := range left {
		for _, r := range right {
			all := append(append([]Bound{}, l...), r...)
			out = append(out, all[:min(len(all), most)])
		}
	}
	return bounded(out)
}

func bounded(list [][]Bound) [][]Bound { return list[:min(len(list), most)] }

func boundOf(e *parser.BinaryExpr, text string, around func(parser.Expr) parser.Expr) (Bound, bool) {
	hurt := direction(e)
	measured, limit := e.LHS, e.RHS
	value, ok := number(limit)
	if !ok {
		if value, ok = number(e.LHS); !ok {
			return Bound{}, false
		}
		measured, limit, hurt = e.RHS, e.LHS, opposite(hurt)
	}
	if isConstant(measured) {
		return Bound{}, false
	}
	b := Bound{Value: value, Factors: factors(limit), Hurt: hurt, Scale: 1, Range: longest(measured), Selectors: selectors(measured),
		Reached: e.Op == parser.GTE || e.Op == parser.LTE || e.Op == parser.EQLC, Other: e.Op == parser.NEQ, equal: e.Op == parser.EQLC}
	parts := take(measured, hurt)
	b.Expr = write(around(parts[0].expr), text)
	b.shape(measured)
	return b, true
}

// shape reads what a measured expression is: scaled, divided, a quotient.
func (b *Bound) shape(e parser.Expr) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		b.shape(e.Expr)
	case *parser.AggregateExpr:
		if e.Op != parser.COUNT {
			b.shape(e.Expr)
		}
	case *parser.BinaryExpr:
		right, rightIs := number(e.RHS)
		left, leftIs := number(e.LHS)
		switch {
		case e.Op == parser.MUL && rightIs:
			b.Scale *= right
			b.shape(e.LHS)
		case e.Op == parser.MUL && leftIs:
			b.Scale *= left
			b.shape(e.RHS)
		case e.Op == parser.SUB && leftIs && left == 1:
			b.shape(e.RHS)
		case e.Op == parser.DIV && rightIs:
			b.Divisor = Number{right, rest(e.RHS)}
			b.shape(e.LHS)
		case e.Op == parser.DIV:
			if s, ok := bare(e.RHS).(*parser.VectorSelector); ok {
				b.By = selectorOf(s).Metric
			}
			b.Quotient = true
			b.total(e.RHS)
		case e.Op == parser.LOR && isConstant(e.RHS):
			b.shape(e.LHS)
		}
	}
}

func (b *Bound) total(e parser.Expr) {
	rates, increases := false, false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if c, ok := n.(*parser.Call); ok {
			rates = rates || c.Func.Name == "rate" || c.Func.Name == "irate"
			increases = increases || c.Func.Name == "increase"
		}
		return nil
	})
	if rates != increases {
		b.Total, b.PerSecond = e.String(), rates
	}
}

// number is the value of arithmetic over numbers.
func number(e parser.Expr) (float64, bool) {
	switch e := e.(type) {
	case *parser.ParenExpr:
		return number(e.Expr)
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.UnaryExpr:
		x, ok := number(e.Expr)
		if e.Op == parser.SUB {
			x = -x
		}
		return x, ok
	case *parser.Call:
		if e.Func.Name == "vector" && len(e.Args) == 1 {
			return number(e.Args[0])
		}
	case *parser.BinaryExpr:
		x, okX := number(e.LHS)
		y, okY := number(e.RHS)
		if !okX || !okY {
			return 0, false
		}
		switch e.Op {
		case parser.ADD:
			return x + y, true
		case parser.SUB:
			return x - y, true
		case parser.MUL:
			return x * y, true
		case parser.DIV:
			return x / y, true
		case parser.POW:
			return math.Pow(x, y), true
		}
	}
	return 0, false
}

func factors(e parser.Expr) []Number {
	if b, ok := bare(e).(*parser.BinaryExpr); ok && b.Op == parser.MUL {
		list := append(factors(b.LHS), factors(b.RHS)...)
		return list[:min(len(list), most)]
	}
	x, _ := number(e)
	return []Number{{x, rest(e)}}
}

// rest is the whole that a number is written as the rest of, 0 for none.
func rest(e parser.Expr) float64 {
	b, ok := bare(e).(*parser.BinaryExpr)
	if !ok {
		return 0
	}
	left, isLeft := number(b.LHS)
	right, isRight := number(b.RHS)
	switch {
	case !isLeft || !isRight:
		return 0
	case b.Op == parser.DIV && right == 100 && rest(b.LHS) == 100: // (100 - 99.9) / 100
		return 1
	case b.Op == parser.SUB && (left == 1 || left == 100) && right <= left:
		return left
	}
	return 0
}
