package promql

import (
	"strings"
	"testing"
	"time"
)

func TestOver(t *testing.T) {
	for _, c := range []struct{ text, fn, want, says string }{
		{"sum(rate(x[5m]))", "", "sum(rate(x[6h]))", ""},
		{`sum(rate(x{a="b"}[{{.window}}])) / sum(rate(y[1m]))`, "", `sum(rate(x{a="b"}[6h])) / sum(rate(y[6h]))`, ""},
		{`x{status="200"}`, "rate", `rate(x{status="200"}[6h])`, ""},
		{`sum(x) - sum by (a) (y offset 5m)`, "rate", `sum(rate(x[6h])) - sum by (a) (rate(y[6h] offset 5m))`, ""},
		{"sum(x)", "", "", "no window can be put in"},
		{"max_over_time(rate(x[5m])[1h:])", "rate", "", "subquery"},
		{"sum(rate(x[5m])", "", "", "parse error"},
	} {
		got, err := Over(c.text, 6*time.Hour, c.fn)
		if got != c.want || (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, %v; want %q, %q", c.text, got, err, c.want, c.says)
		}
	}
}

func TestTotal(t *testing.T) {
	for _, c := range []struct{ text, want, says string }{
		{"sum(rate(x[5m]))", "sum(rate(x[5m]))", ""},
		{"rate(x[5m])", "sum(rate(x[5m]))", ""},
		{"sum by (a) (rate(x[5m]))", "sum(sum by (a) (rate(x[5m])))", ""},
		{"topk(1, rate(x[5m]))", "sum(topk(1, rate(x[5m])))", ""},
		{"vector(1)", "sum(vector(1))", ""},
		{"x[5m]", "", "no numbers"},
	} {
		got, err := Total(c.text)
		if got != c.want || (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %q, %v; want %q, %q", c.text, got, err, c.want, c.says)
		}
	}
}

func TestHistogram(t *testing.T) {
	for _, c := range []struct {
		selector  string
		below     time.Duration
		good, all string
	}{
		{"h_seconds", 200 * time.Millisecond, `sum(rate(h_seconds_bucket{le="0.2"}[5m]))`, `sum(rate(h_seconds_count[5m]))`},
		{`h_seconds_bucket{job="x"}`, time.Second, `sum(rate(h_seconds_bucket{job="x",le=~"1(\\.0)?"}[5m]))`, `sum(rate(h_seconds_count{job="x"}[5m]))`},
		{"h_milliseconds", 200 * time.Millisecond, `sum(rate(h_milliseconds_bucket{le=~"200(\\.0)?"}[5m]))`, `sum(rate(h_milliseconds_count[5m]))`},
		{"sum(x)", time.Second, "", ""},
	} {
		good, all, err := Histogram(c.selector, c.below)
		if good != c.good || all != c.all || (err == nil) != (c.good != "") {
			t.Errorf("%s: got %s, %s, %v; want %s, %s", c.selector, good, all, err, c.good, c.all)
		}
		if _, err := Read(good); good != "" && err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
