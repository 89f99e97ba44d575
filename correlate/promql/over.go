package promql

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"
)

// blanks are how generators leave the place of a window open in an expression.
var blanks = strings.NewReplacer("{{.window}}", "5m", "{{ .window }}", "5m", "$__rate_interval", "5m", "$__interval", "5m", "$__range", "5m")

// Over is an expression that looks back over w: every range is set to it. Where
// there is none, each series is put into fn over w, as rate; an empty fn makes
// that an error, and so does a subquery, which has two ranges.
func Over(text string, w time.Duration, fn string) (string, error) {
	root, err := parse(text)
	if err != nil {
		return "", err
	}
	ranges, subqueries := 0, false
	parser.Inspect(root, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			ranges++
			n.Range = w
		case *parser.SubqueryExpr:
			subqueries = true
		}
		return nil
	})
	switch {
	case subqueries:
		return "", errors.New("the query holds a subquery, so that it has two ranges: record the inner one and name that")
	case ranges > 0:
		return root.String(), nil
	case parser.Functions[fn] == nil:
		return "", errors.New("the query looks back over no range, so that no window can be put in: write one, as rate(x[5m])")
	}
	return windowed(root, w, fn).String(), nil
}

// windowed puts every series selector into a function over a range.
func windowed(e parser.Expr, w time.Duration, fn string) parser.Expr {
	switch e := e.(type) {
	case *parser.VectorSelector:
		return &parser.Call{Func: parser.Functions[fn], Args: parser.Expressions{&parser.MatrixSelector{VectorSelector: e, Range: w}}}
	case *parser.ParenExpr:
		e.Expr = windowed(e.Expr, w, fn)
	case *parser.UnaryExpr:
		e.Expr = windowed(e.Expr, w, fn)
	case *parser.AggregateExpr:
		e.Expr = windowed(e.Expr, w, fn)
	case *parser.BinaryExpr:
		e.LHS, e.RHS = windowed(e.LHS, w, fn), windowed(e.RHS, w, fn)
	case *parser.Call:
		for i, a := range e.Args {
			e.Args[i] = windowed(a, w, fn)
		}
	}
	return e
}

// parse reads an expression whose window may have been left open.
func parse(text string) (parser.Expr, error) {
	if len(text) > maxText {
		return nil, errors.New("the query is too long to be read")
	}
	root, err := parser.ParseExpr(blanks.Replace(text))
	if err != nil {
		return nil, err //nolint:wrapcheck // its text is the whole message
	}
	return root, nil
}

// Total is an expression as one number per time: summed, unless it is an
// aggregation that leaves no label, or a number.
func Total(text string) (string, error) { return one(text, "sum") }

// Worst is an expression as one number per time, as Total is: the largest of several,
// for shares and answers of yes or no, whose sum is none.
func Worst(text string) (string, error) { return one(text, "max") }

func one(text, by string) (string, error) {
	root, err := parse(text)
	if err != nil {
		return "", err
	}
	if root.Type() == parser.ValueTypeMatrix || root.Type() == parser.ValueTypeString {
		return "", errors.New("the query gives no numbers: put its range into a function, as rate(x[5m])")
	}
	if a, ok := root.(*parser.AggregateExpr); ok && !a.Without && len(a.Grouping) == 0 && !slices.Contains([]parser.ItemType{parser.TOPK, parser.BOTTOMK, parser.COUNT_VALUES}, a.Op) || root.Type() == parser.ValueTypeScalar {
		return root.String(), nil
	}
	return by + "(" + root.String() + ")", nil
}

// Denominator is a query for a number of events, and whether it gives them per
// second; "" when it is neither a rate nor an increase.
func Denominator(text string) (total string, perSecond bool) {
	root, err := parse(text)
	if err != nil {
		return "", false
	}
	var b Bound
	b.total(root)
	return b.Total, b.PerSecond
}

// Histogram are the queries for the observations of a classic histogram that
// stay below a duration, and for all. The selector names the histogram with or
// without _bucket; a name that ends in milliseconds or ms has buckets of those.
func Histogram(selector string, below time.Duration) (good, all string, err error) {
	root, err := parse(selector)
	if err != nil {
		return "", "", err
	}
	v, ok := root.(*parser.VectorSelector)
	if !ok || v.Name == "" || v.OriginalOffset != 0 || v.Timestamp != nil {
		return "", "", errors.New("no series selector: write one as http_request_duration_seconds{job=\"x\"}")
	}
	name := strings.TrimSuffix(v.Name, "_bucket")
	bound := below.Seconds()
	if strings.HasSuffix(name, "_milliseconds") || strings.HasSuffix(name, "_ms") {
		bound *= 1000
	}
	var others []string
	for _, m := range v.LabelMatchers {
		if m.Name != "__name__" && m.Name != "le" {
			others = append(others, m.String())
		}
	}
	le := strconv.FormatFloat(bound, 'g', -1, 64)
	with := func(more ...string) string {
		if list := append(slices.Clone(others), more...); len(list) > 0 {
			return "{" + strings.Join(list, ",") + "}"
		}
		return ""
	}
	match := `le="` + le + `"`
	if !strings.Contains(le, ".") { // servers write the bound of one as 1 or 1.0
		match = `le=~"` + le + `(\\.0)?"`
	}
	return "sum(rate(" + name + "_bucket" + with(match) + "[5m]))", "sum(rate(" + name + "_count" + with() + "[5m]))", nil
}

// Selects says what is wrong with a text that should be a series selector.
func Selects(text string) error {
	root, err := parse(text)
	if err != nil {
		return err
	}
	if v, ok := root.(*parser.VectorSelector); !ok || v.OriginalOffset != 0 || v.Timestamp != nil {
		return errors.New("no series selector: write one as orders_total{result=\"ok\"}")
	}
	return nil
}

// Quantile is a query for the 99th percentile of a classic histogram over a
// window; the selector is as Histogram's.
func Quantile(selector string, w time.Duration) (string, error) {
	if err := Selects(selector); err != nil {
		return "", err
	}
	root, err := parse(selector)
	if err != nil {
		return "", err
	}
	v, ok := root.(*parser.VectorSelector)
	if !ok || v.Name == "" {
		return "", errors.New("the selector names no metric")
	}
	var others []string
	for _, m := range v.LabelMatchers {
		if m.Name != "__name__" && m.Name != "le" {
			others = append(others, m.String())
		}
	}
	labels := ""
	if len(others) > 0 {
		labels = "{" + strings.Join(others, ",") + "}"
	}
	return "histogram_quantile(0.99, sum by (le) (rate(" + strings.TrimSuffix(v.Name, "_bucket") + "_bucket" + labels + "[" + model.Duration(w).String() + "])))", nil
}
