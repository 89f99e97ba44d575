package metric

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScanSelectors(t *testing.T) {
	type found struct {
		Metric   string
		Matchers map[string]string
	}
	for _, c := range []struct {
		expr string
		want []found
	}{
		{`up == 0`, []found{{"up", nil}}},
		{`sum by (service) (rate(http_requests_total{service="ad", code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05`,
			[]found{{"http_requests_total", map[string]string{"service": "ad"}}, {"http_requests_total", nil}}},
		{`histogram_quantile(0.99, sum without (pod) (rate(lat_bucket{job!="x"}[1m] offset 5m))) > bool 3`,
			[]found{{"lat_bucket", map[string]string{}}}},
		{`{__name__="odd.name", service="a"}`, []found{{"odd.name", map[string]string{"__name__": "odd.name", "service": "a"}}}},
		{`a and on (service) b unless ignoring (x) c`, []found{{"a", nil}, {"b", nil}, {"c", nil}}},
		{`topk(3, job:errors:rate5m{x="}"})`, []found{{"job:errors:rate5m", map[string]string{"x": "}"}}}},
		{`label_replace(m, "a", "$1", "b", "(.*)")`, []found{{"m", nil}}},
		{`broken{a="`, []found{{"broken", map[string]string{"a": ""}}}},
		{``, nil},
	} {
		var got []found
		for _, s := range ScanSelectors(c.expr) {
			got = append(got, found{s.Metric, s.matchers})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
}

func TestMeasuredTakesTheThresholdOff(t *testing.T) {
	for _, c := range []struct{ expr, want string }{
		{`up == 0`, `up`},
		{`sum(rate(a{x=">"}[5m])) / sum(rate(b[5m])) > 0.05`, `sum(rate(a{x=">"}[5m])) / sum(rate(b[5m]))`},
		{`(burn1h > 14.4 and burn5m > 14.4) or (burn6h > 6)`, `burn1h`},
		{`(a) / (b)`, `(a) / (b)`},
		{`latency{service="android"}`, `latency{service="android"}`},
		{`absent(up)`, `absent(up)`},
	} {
		if got := Measured(c.expr); got != c.want {
			t.Errorf("measured(%q): got %q, want %q", c.expr, got, c.want)
		}
	}
}

func TestExpressionIsReadFromTheGeneratorURL(t *testing.T) {
	if got, want := ExprOf("http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"), "up == 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ExprOf("::not a url"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// FuzzScan holds the scanner to coming back from whatever an alert carries.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`a{b="c`, `((`, "\"\\", "a[", "sum by", "{=}", "`"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, expr string) {
		ScanSelectors(expr)
		Measured(expr)
	})
}
