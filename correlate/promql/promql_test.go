package promql_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

func TestSelectors(t *testing.T) {
	type found struct {
		Metric string
		Equal  map[string]string
	}
	none := map[string]string{}
	for _, c := range []struct {
		expr string
		want []found
	}{
		{`up == 0`, []found{{"up", none}}},
		{`sum by (service) (rate(http_requests_total{service="ad", code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05`,
			[]found{{"http_requests_total", map[string]string{"service": "ad"}}, {"http_requests_total", none}}},
		{`histogram_quantile(0.99, sum without (pod) (rate(lat_bucket{job!="x"}[1m] offset 5m))) > bool 3`, []found{{"lat_bucket", none}}},
		{`{__name__="odd.name", service="a"}`, []found{{"odd.name", map[string]string{"service": "a"}}}},
		{`a and on (service) b unless ignoring (x) c`, []found{{"a", none}, {"b", none}, {"c", none}}},
		{`topk(3, job:errors:rate5m{x="}"})`, []found{{"job:errors:rate5m", map[string]string{"x": "}"}}}},
		{`label_replace(m, "a", "$1", "b", "(.*)")`, []found{{"m", none}}},
		{`{__name__=~"a|b", job="x"}`, []found{{"", map[string]string{"job": "x"}}}},
		// Prometheus 3 quotes names that are not of the old form.
		{`{"http.server.request.count_total","service.name"="relay"} > 5`, []found{{"http.server.request.count_total", map[string]string{"service.name": "relay"}}}},
	} {
		e, err := promql.Read(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		var got []found
		for _, s := range e.Selectors {
			got = append(got, found{s.Metric, s.Equal})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
}

// TestThresholdsComeOff holds to what public rules measure: kube-prometheus,
// kubernetes-mixin, Sloth, Pyrra, awesome-prometheus-alerts, exporters' own.
func TestThresholdsComeOff(t *testing.T) {
	const sloth = `(
    max(slo:sli_error:ratio_rate5m{sloth_id="a-b", sloth_service="a"} > (14.4 * 0.0009999999999999432)) without (sloth_window)
    and
    max(slo:sli_error:ratio_rate1h{sloth_id="a-b", sloth_service="a"} > (14.4 * 0.0009999999999999432)) without (sloth_window)
)
or
(
    max(slo:sli_error:ratio_rate30m{sloth_id="a-b", sloth_service="a"} > (6 * 0.0009999999999999432)) without (sloth_window)
    and
    max(slo:sli_error:ratio_rate6h{sloth_id="a-b", sloth_service="a"} > (6 * 0.0009999999999999432)) without (sloth_window)
)`
	for _, c := range []struct {
		expr string
		want []string
		hurt promql.Direction
	}{
		// Outside.
		{`up == 0`, []string{`up`}, promql.Down},
		{`sum(rate(a{x=">"}[5m])) / sum(rate(b[5m])) > 0.05`, []string{`sum(rate(a{x=">"}[5m])) / sum(rate(b[5m]))`}, promql.Up},
		{`(a) / (b)`, []string{`(a) / (b)`}, promql.Unknown},
		{`latency{service="android"}`, []string{`latency{service="android"}`}, promql.Unknown},
		{"a # not > 5\n > 5", []string{`a`}, promql.Up},
		// On the left, chained, negated, with bool.
		{`0.096 < max by (tier) (m)`, []string{`max by (tier) (m)`}, promql.Up},
		{`3 <= round((last_over_time(probe_ssl_earliest_cert_expiry[10m]) - time()) / 86400, 0.1) < 20`,
			[]string{`round((last_over_time(probe_ssl_earliest_cert_expiry[10m]) - time()) / 86400, 0.1)`}, promql.Down},
		{`-(a) < -5`, []string{`-(a)`}, promql.Down},
		{`(a > bool 5) == 1`, []string{`a`}, promql.Up},
		{`(a > bool 5) == 0`, []string{`a`}, promql.Down},
		{`mysql_slave_status_slave_sql_running != 1`, []string{`mysql_slave_status_slave_sql_running`}, promql.Down},
		{`node_timex_sync_status != 0`, []string{`node_timex_sync_status`}, promql.Up},
		// Inside an aggregation or a function.
		{`max by (tier) (m > (9.6 * 0.01))`, []string{`max by (tier) (m)`}, promql.Up},
		{`sum(max by (tier) (m > 5))`, []string{`sum(max by (tier) (m))`}, promql.Up},
		{`sort_desc(a > 5)`, []string{`sort_desc(a)`}, promql.Up},
		{`label_replace(a < 3, "service", "$1", "job", "(.*)")`, []string{`label_replace(a, "service", "$1", "job", "(.*)")`}, promql.Down},
		{`max_over_time((a > 5)[10m:1m])`, []string{`max_over_time(a[10m:1m])`}, promql.Up},
		{sloth, []string{`max without (sloth_window) (slo:sli_error:ratio_rate5m{sloth_id="a-b",sloth_service="a"})`,
			`max without (sloth_window) (slo:sli_error:ratio_rate30m{sloth_id="a-b",sloth_service="a"})`}, promql.Up},
		// A count of what is past a threshold stands still without it.
		{`count(up == 0) > 3`, []string{`sum(up == bool 0)`}, promql.Up},
		{`count by (job) (up{job="x"} == 0) / count by (job) (up{job="x"}) > 0.1`, []string{`sum by (job) (up{job="x"} == bool 0) / count by (job) (up{job="x"})`}, promql.Up},
		{`count_over_time((a > 5)[10m:1m]) >= 3`, []string{`sum_over_time((a > bool 5)[10m:1m])`}, promql.Up},
		{`sum(a > bool 5) > 3`, []string{`sum(a > bool 5)`}, promql.Up},
		// Under arithmetic; a guard against division by zero stays.
		{`(a > 5) * on (instance) group_left (nodename) node_uname_info{nodename=~".+"}`,
			[]string{`a * on (instance) group_left (nodename) node_uname_info{nodename=~".+"}`}, promql.Up},
		{`((a / b > 0.8) and ON (instance) c > 0) * on (instance) group_left (nodename) d`,
			[]string{`(a / b) * on (instance) group_left (nodename) d`}, promql.Up},
		{`a / (b > 0) > 0.5`, []string{`a / (b > 0)`}, promql.Up},
		// Guards and alternatives.
		{`(burn1h > 14.4 and burn5m > 14.4) or (burn6h > 6)`, []string{`burn1h`, `burn6h`}, promql.Up},
		{`kube_pod_info and on (pod) restarts > 5`, []string{`restarts`}, promql.Up},
		{`a > 5 unless on (job) maintenance == 1`, []string{`a`}, promql.Up},
		{`(sum(rate(e[5m])) or on () vector(0)) / sum(rate(t[5m])) > 0.01`, []string{`(sum(rate(e[5m])) or on () vector(0)) / sum(rate(t[5m]))`}, promql.Up},
		{`sum(rate(e[5m])) or vector(0)`, []string{`sum(rate(e[5m])) or vector(0)`}, promql.Unknown},
		// Two series compared: both, unless one is a threshold made of a series.
		{`(kube_deployment_spec_replicas{job="ksm"} > kube_deployment_status_replicas_available{job="ksm"}) and (changes(kube_deployment_status_replicas_updated{job="ksm"}[10m]) == 0)`,
			[]string{`kube_deployment_spec_replicas{job="ksm"}`, `kube_deployment_status_replicas_available{job="ksm"}`}, promql.Up},
		{`used > 0.9 * limit`, []string{`used`}, promql.Up},
		{`0.9 * limit < used`, []string{`used`}, promql.Up},
		// Absence.
		{`absent(up{job="x"} == 1)`, []string{`count(up{job="x"}) or vector(0)`}, promql.Gone},
		{`absent(up)`, []string{`count(up) or vector(0)`}, promql.Gone},
		{`absent_over_time(up{job="x"}[10m])`, []string{`count(up{job="x"}) or vector(0)`}, promql.Gone},
		{`up == 0 or absent(up)`, []string{`up`, `count(up) or vector(0)`}, promql.Down},
		// Names of Prometheus 3.
		{`max by ("service.name") ({"http.server.errors", "service.name"="x"} > 5)`,
			[]string{`max by ("service.name") ({"service.name"="x",__name__="http.server.errors"})`}, promql.Up},
		{`vector(1)`, []string{`vector(1)`}, promql.Unknown},
	} {
		e, err := promql.Read(c.expr)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		var got []string
		for _, m := range e.Measured {
			got = append(got, m.Expr)
			if _, err := promql.Read(m.Expr); err != nil {
				t.Errorf("%s: what is measured, %s, is not read again: %v", c.expr, m.Expr, err)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
		if e.Measured[0].Hurt != c.hurt {
			t.Errorf("%s: hurts in direction %d, want %d", c.expr, e.Measured[0].Hurt, c.hurt)
		}
	}
}

func TestLabelsThatAreLeft(t *testing.T) {
	all := []string{"pod", "job", "node", "new"}
	for _, c := range []struct {
		expr string
		want []string
	}{
		{`a > 5`, all},
		{`sum(a)`, nil},
		{`sum by (pod) (a) > 5`, []string{"pod"}},
		{`max by (pod, job) (sum by (job) (a))`, []string{"job"}},
		{`max without (job) (a)`, []string{"pod", "node", "new"}},
		{`topk(3, sum by (job) (a))`, []string{"job"}},
		{`sum by (pod) (a) * on (pod) group_left (node) kube_pod_info`, []string{"pod", "node"}},
		{`sum by (pod, job) (a) / on (job) b`, []string{"job"}},
		{`sum by (pod, job) (a) / ignoring (job) b`, []string{"pod"}},
		{`100 * sum by (pod) (a)`, []string{"pod"}},
		{`label_replace(sum by (job) (a), "new", "$1", "job", "(.*)")`, []string{"job", "new"}},
		{`vector(1)`, nil},
	} {
		e, err := promql.Read(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.DeleteFunc(slices.Clone(all), func(l string) bool { return !e.Measured[0].Keeps(l) })
		if diff := cmp.Diff(strings.Join(c.want, " "), strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
}

func TestLongestRange(t *testing.T) {
	for expr, want := range map[string]time.Duration{
		`up == 0`:                              0,
		`rate(a[5m]) > 1 and rate(a[1h]) > 1`:  time.Hour,
		`max_over_time(rate(a[5m])[30m:1m])>1`: 35 * time.Minute,
	} {
		if e, err := promql.Read(expr); err != nil || e.Range != want {
			t.Errorf("%s: got %v and %v, want %v", expr, e.Range, err, want)
		}
	}
}

func TestMatchers(t *testing.T) {
	e, err := promql.Read(`a{job=~"x|y", env!="dev"}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		label, value string
		want         bool
	}{{"job", "x", true}, {"job", "z", false}, {"env", "dev", false}, {"env", "", true}, {"other", "z", true}} {
		if got := e.Selectors[0].Matches(c.label, c.value); got != c.want {
			t.Errorf("%s=%q: got %v, want %v", c.label, c.value, got, c.want)
		}
	}
}

func TestWhatIsNoPromQL(t *testing.T) {
	for _, expr := range []string{``, `broken{a="`, `sum(rate({app="x"} |= "error" [5m])) > 5`, strings.Repeat("a+", 1<<16) + "a"} {
		if _, err := promql.Read(expr); err == nil {
			t.Errorf("%.40q was read, want an error", expr)
		}
	}
}

// FuzzRead holds the reader to coming back from whatever an alert carries, and
// to giving expressions that a server can read.
func FuzzRead(f *testing.F) {
	for _, s := range []string{`a{b="c`, `((`, "\"\\", "a[", "sum by", "{=}", "`", `count((a>5)) or absent(b == 1)`, `sum_over_time((a > 5)[1h:])`, `-(a > 5)`, `a ^ (b > 5) ^ c`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		e, err := promql.Read(expr)
		if err != nil {
			return
		}
		for _, m := range e.Measured {
			m.Keeps("job")
			if _, err := promql.Read(m.Expr); err != nil && len(m.Expr) < 1<<15 {
				t.Errorf("%q measures %q, which is not read again: %v", expr, m.Expr, err)
			}
		}
	})
}
