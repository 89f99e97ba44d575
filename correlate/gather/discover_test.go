package gather

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

func TestASeriesIsAboutWhatItsConventionSays(t *testing.T) {
	v := New(port.Sources{}, Options{}.WithDefaults(), gathered.Request{})
	for _, name := range []string{"checkout", "kubelet", "monitoring"} {
		v.names.Add(name)
	}
	for _, c := range []struct {
		metric string
		labels map[string]string
		want   string
	}{
		{"http_requests_total", map[string]string{"service": "checkout"}, "checkout"},
		{"container_memory_rss", map[string]string{"service": "kubelet", "pod": "checkout-7d9f8c6b54-x2x4z", "container": "app"}, "checkout"},
		{"kube_pod_container_status_restarts_total", map[string]string{"pod": "monitoring", "exported_pod": "checkout-7d9f8c6b54-x2x4z"}, "checkout"},
		{"kube_deployment_spec_replicas", map[string]string{"deployment": "checkout", "job": "kubelet"}, "checkout"},
		{"container_memory_rss", map[string]string{"name": "shop-checkout-1", "container_label_com_docker_compose_service": "checkout"}, "checkout"},
		{"k8s_container_restarts", map[string]string{"k8s_deployment_name": "checkout", "service": "kubelet"}, "checkout"},
		{"container_cpu_usage_cores", map[string]string{"service": "checkout"}, "checkout"}, // an exporter of one's own
		{"kubelet_running_pods", map[string]string{"job": "kubelet"}, "kubelet"},
	} {
		if got := v.entityOf(c.metric, c.labels); got != c.want {
			t.Errorf("%s%v is about %q, want %q", c.metric, c.labels, got, c.want)
		}
	}
}

func TestVersionsOfRuntimesAndSidecarsAreNobodys(t *testing.T) {
	for _, c := range []struct {
		name   string
		labels map[string]string
		want   string
	}{
		{"build_info", map[string]string{"version": "v2"}, "v2"},
		{"kube_pod_container_info", map[string]string{"container": "app", "image": "registry:5000/shop/app:v3"}, "v3"},
		{"kube_pod_container_info", map[string]string{"container": "istio-proxy", "image": "istio/proxyv2:1.20"}, ""},
		{"go_info", map[string]string{"version": "go1.26.0"}, ""},
	} {
		if got := infoVersion(evidence.Series{Name: c.name, Labels: c.labels}); got != c.want {
			t.Errorf("%s%v tells %q, want %q", c.name, c.labels, got, c.want)
		}
	}
}

func TestTheErrorRatioCountsWhatTheServiceAnswered(t *testing.T) {
	v := New(port.Sources{}, Options{}.WithDefaults(), gathered.Request{})
	d := discovered{name: "traces_span_metrics_calls_total", kind: evidence.MetricCounter, label: "service_name", matcher: `service_name=~"shop"`,
		series: []evidence.Series{{Labels: map[string]string{"service_name": "shop", "span_kind": "SPAN_KIND_CLIENT", "status_code": "STATUS_CODE_ERROR"}}}}
	qs := v.errorRatio(d)
	if len(qs) != 1 || qs[0].name != "traces_span_metrics_calls_error_ratio" || metric.ClassOf(qs[0].name) != metric.ClassError {
		t.Fatalf("got %+v, want one ratio of errors", qs)
	}
	for _, part := range []string{`span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"`, `status_code=~"STATUS_CODE_ERROR|`, "or 0 *"} {
		if !strings.Contains(qs[0].expr, part) {
			t.Errorf("%s lacks %s", qs[0].expr, part)
		}
	}
	d.name = "cache_hits_total"
	if qs := v.errorRatio(d); qs != nil {
		t.Errorf("got %+v for a counter that no convention knows", qs)
	}
}
