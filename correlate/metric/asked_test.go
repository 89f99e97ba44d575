package metric

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestWhatAMetricIs is the one table of what metrics are taken for; whoever asks
// anything about a name asks here.
func TestWhatAMetricIs(t *testing.T) {
	const counter, gauge, histogram = evidence.MetricCounter, evidence.MetricGauge, evidence.MetricHistogram
	for _, c := range []struct {
		name, stat string
		kind       evidence.MetricKind
		class      Class
		requests   bool // counts requests that its entity gets
		client     bool
	}{
		{"http_requests_total", "rate", counter, ClassTraffic, true, false},
		{"http_server_request_duration_seconds", "rate", histogram, ClassTraffic, true, false},
		{"http_server_request_duration_seconds", "p95", histogram, ClassLatency, false, false},
		{"http_client_requests_total", "rate", counter, ClassTraffic, false, true},
		{"http_client_request_duration_seconds", "rate", histogram, ClassTraffic, false, true},
		{"rpc_server_calls", "rate", counter, ClassTraffic, true, false},
		{"grpc_server_handled_total", "rate", counter, ClassTraffic, true, false},
		{"grpc_server_msg_received_total", "rate", counter, ClassTraffic, false, false},
		{"envoy_http_downstream_rq_total", "rate", counter, ClassTraffic, true, false},
		{"envoy_cluster_upstream_rq_total", "rate", counter, ClassTraffic, false, true},
		{"downstream_requests_total", "rate", counter, ClassTraffic, false, true},
		{"promhttp_metric_handler_requests_total", "rate", counter, ClassLimit, false, false},
		{"orders_total", "rate", counter, ClassTraffic, false, false},
		{"pool_new_conns_count", "rate", counter, ClassOther, false, false},
		{"pool_open_conns", "", gauge, ClassSockets, false, false},
		{"db_connections_opened_total", "rate", counter, ClassOther, false, false},
		{"threads_started_total", "rate", counter, ClassOther, false, false},
		{"qps", "", gauge, ClassTraffic, true, false},
		{"cache_hits_total", "rate", counter, ClassTraffic, false, false},
		{"db_requests_total", "rate", counter, ClassTraffic, false, false},
		{"queries_per_request", "", gauge, ClassOther, false, false},
		{"http_request_errors_total", "rate", counter, ClassError, false, false},
		{"requests_failed", "rate", counter, ClassError, false, false},
		{"http_request_size_bytes", "rate", counter, ClassNetwork, false, false},
		{"http_server_active_requests", "", gauge, ClassInUse, false, false},
		{"request_retries_total", "rate", counter, ClassError, false, false},
		{"worker_queue_depth", "", gauge, ClassSaturation, false, false},
		{"messages_total", "rate", counter, ClassTraffic, false, false},
		{"upstream_latency_ms", "", gauge, ClassLatency, false, true},
		{"scrape_duration_seconds", "", gauge, ClassLimit, false, false},
		{"go_gc_duration_seconds", "rate", evidence.MetricSummary, ClassOther, false, false},
	} {
		if got := Measured(c.name, c.stat, c.kind); got != c.class {
			t.Errorf("%s %s: got %s, want %s", c.name, c.stat, got, c.class)
		}
		if got := CountsRequests(c.name, c.stat, c.kind); got != c.requests {
			t.Errorf("%s %s: counts requests: got %v", c.name, c.stat, got)
		}
		if got := OfClient(c.name); got != c.client {
			t.Errorf("%s: of a client: got %v", c.name, got)
		}
	}
}

func TestWhereAUtilisationIsFull(t *testing.T) {
	for _, c := range []struct {
		name, unit    string
		highest, want float64
	}{
		{"container_memory_utilization", "", 0.9, 1},
		{"container_memory_utilization", "", 4, 0}, // a sum over several
		{"cpu_usage_percent", "", 95, 100},
		{"cpu_usage", "%", 95, 100},
		{"cpu_usage_percent", "", 380, 0}, // of four cores
		{"cpu_usage_percent", "", 0.9, 0}, // a ratio that calls itself a percentage
		{"cpu_usage_seconds_total", "", 0.9, 0},
		{"cache_hit_ratio", "", 0.9, 0},
	} {
		if got := FullAt(c.name, c.unit, c.highest, 1.3); got != c.want {
			t.Errorf("%s up to %g %s: got %g, want %g", c.name, c.highest, c.unit, got, c.want)
		}
	}
}
