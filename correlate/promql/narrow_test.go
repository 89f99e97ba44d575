package promql_test

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/promql"
)

func TestAnExpressionIsNarrowedToTheSeriesAsked(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an aggregation by label", `sum by (job, code) (rate(hits_total{job=~"a|b"}[1m]))`, `sum by (job, code) (rate(hits_total{code=~"500|5\\.\\.",job="a"}[1m]))`},
		{"a share", `sum by (job) (rate(bad[1m])) / sum by (job) (rate(all[1m]))`, `sum by (job) (rate(bad{code=~"500|5\\.\\.",job="a"}[1m])) / sum by (job) (rate(all{code=~"500|5\\.\\.",job="a"}[1m]))`},
		{"labels of its own making", `label_replace(up, "job", "$1", "pod", "(.*)-.*")`, ""},
		{"a join", `up * on (pod) group_left (node) kube_pod_info`, ""},
		{"either of two", `a or b`, ""},
		{"no PromQL", `sum by (`, ""},
	} {
		got, ok := promql.Narrow(c.text, map[string][]string{"job": {"a"}, "code": {"500", "5.."}})
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: got %s, %v, want %s", c.name, got, ok, c.want)
		}
	}
}

func TestASelectorForAnyName(t *testing.T) {
	for name, want := range map[string]string{"up": `up{job="a"}`, "http.server.duration": `{__name__="http.server.duration",job="a"}`} {
		if got, _ := promql.Narrow(promql.AllOf(name), map[string][]string{"job": {"a"}}); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}
