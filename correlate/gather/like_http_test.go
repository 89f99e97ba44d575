package gather

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestRequestsAreCountedByTheirStatusesWhateverTheirName has metrics that no
// convention knows, each with the values that one label has.
func TestRequestsAreCountedByTheirStatusesWhateverTheirName(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   evidence.MetricKind
		label  string
		values []string
		want   string // part of the expression; empty for no ratio
	}{
		{"shop_server_http_requests_total", evidence.MetricCounter, "status", []string{"200", "503"}, `rate(shop_server_http_requests_total{job="a",status=~"5.."}`},
		{"hail_http_requests_total", evidence.MetricCounter, "status_code", []string{"2xx", "5xx"}, `status_code=~"5.."`},
		{"edge_request_duration_seconds", evidence.MetricHistogram, "code", []string{"200"}, `rate(edge_request_duration_seconds_count{job="a",code=~"5.."}`},
		{"orders_responses_total", evidence.MetricCounter, "http_status_code", []string{"404", "500"}, `http_status_code=~"5.."`},
		{"shop_requests_total", evidence.MetricCounter, "status", []string{"ok", "failed"}, ""},
		{"shop_requests_total", evidence.MetricCounter, "zone", []string{"500"}, ""},
		{"shop_orders_total", evidence.MetricCounter, "status", []string{"200"}, ""},
		{"shop_requests_in_flight", evidence.MetricGauge, "status", []string{"200"}, ""},
	} {
		d := discovered{name: c.name, kind: c.kind, label: "job", matcher: `job="a"`}
		for _, v := range c.values {
			d.series = append(d.series, evidence.Series{Name: c.name, Labels: map[string]string{"job": "a", c.label: v}})
		}
		v := &Investigation{options: Options{}.WithDefaults()}
		expr := ""
		if qs := v.errorRatio(d); len(qs) > 0 {
			expr = qs[0].expr
		}
		if (expr == "") != (c.want == "") || !strings.Contains(expr, c.want) {
			t.Errorf("%s{%s=%q}: got %q, want %q in it", c.name, c.label, c.values, expr, c.want)
		}
	}
}
