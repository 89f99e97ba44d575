package promql_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

func TestBounds(t *testing.T) {
	type bound struct {
		Expr     string
		Hurt     promql.Direction
		Value    float64
		Factors  int
		Divisor  promql.Number
		Scale    float64
		Quotient bool
		Total    string
	}
	for _, c := range []struct {
		expr string
		want [][]bound
	}{
		{`up == 0`, [][]bound{{{"up", promql.Down, 0, 1, promql.Number{}, 1, false, ""}}}},
		{`rate(e[5m]) / rate(a[5m]) / (1 - 0.75) > 2 * 4`, [][]bound{{{`rate(e[5m]) / rate(a[5m]) / (1 - 0.75)`, promql.Up, 8, 2, promql.Number{Value: .25, Of: 1}, 1, true, "rate(a[5m])"}}}},
		{`8 < 100 * (e / a)`, [][]bound{{{`100 * (e / a)`, promql.Up, 8, 1, promql.Number{}, 100, true, ""}}}},
		{`max by (x) (m > 3) and n > 4 or o < 5`, [][]bound{
			{{`max by (x) (m)`, promql.Up, 3, 1, promql.Number{}, 1, false, ""}, {"n", promql.Up, 4, 1, promql.Number{}, 1, false, ""}},
			{{"o", promql.Down, 5, 1, promql.Number{}, 1, false, ""}}}},
		{`a > b`, nil}, {`a`, nil}, {`1 > bool 0`, nil},
	} {
		list, err := promql.Bounds(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
		}
		var got [][]bound
		for _, alternative := range list {
			var bs []bound
			for _, b := range alternative {
				bs = append(bs, bound{b.Expr, b.Hurt, b.Value, len(b.Factors), b.Divisor, b.Scale, b.Quotient, b.Total})
			}
			got = append(got, bs)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
	// However many alternatives a hostile rule has, a few are read.
	if list, err := promql.Bounds(strings.Repeat("a > 1 or ", 3000) + "a > 1"); err != nil || len(list) != 16 {
		t.Errorf("got %d alternatives and %v, want 16", len(list), err)
	}
}
