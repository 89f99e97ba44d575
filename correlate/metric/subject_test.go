package metric

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhomLabelsName(t *testing.T) {
	type labels = map[string]string
	for _, c := range []struct {
		labels labels
		want   string
	}{
		{labels{"service": "till", "job": "x"}, "till"},
		{labels{"service.name": "till"}, "till"},
		{labels{"app.kubernetes.io/name": "till"}, "till"},
		{labels{"job": "till"}, "till"},
		{labels{"service": "mon-kube-state-metrics", "deployment": "till"}, "till"},
		{labels{"service": "mon-node-exporter", "instance": "w3.shop.example:9100"}, "w3.shop.example"},
		{labels{"service": "mon-redis-exporter", "instance": "10.0.0.3:9121", "pod": "mon-redis-exporter-0"}, "mon-redis-exporter"},
		{labels{"severity": "page"}, ""},
	} {
		if got := NameOf(c.labels); got != c.want {
			t.Errorf("%v: got %q, want %q", c.labels, got, c.want)
		}
	}
}

func TestWhatAMetricIsAbout(t *testing.T) {
	type labels = map[string]string
	for name, c := range map[string]struct {
		metric string
		labels labels
		want   []string
	}{
		"its own process":            {"http_requests_total", labels{"service": "till", "pod": "till-0"}, nil},
		"a workload":                 {"kube_pod_container_status_ready", labels{"service": "ksm", "container": "till", "pod": "till-0"}, []string{"container", "pod"}},
		"the pause container":        {"container_network_receive_bytes_total", labels{"container": "POD", "pod": "till-0"}, []string{"pod"}},
		"a node":                     {"node_load1", labels{"instance": "10.0.0.3:9100"}, []string{"instance"}},
		"a probe's target":           {"probe_success", labels{"instance": "https://till.example/health"}, []string{"instance"}},
		"a database by its name":     {"mysql_global_status_threads_running", labels{"instance": "ledger:3306"}, []string{"instance"}},
		"only its exporter's number": {"mysql_global_status_threads_running", labels{"instance": "10.0.0.3:9104"}, nil},
		"its exporter's own pod":     {"kube_pod_info", labels{"pod": "kube-state-metrics-0", "exported_pod": "till-0"}, []string{"exported_pod"}},
		"a recorded rule":            {"instance:node_cpu:ratio", labels{"instance": "w3"}, []string{"instance"}},
		"a mesh's other end":         {"istio_requests_total", labels{"pod": "ratings-0", "destination_workload": "reviews-v2"}, []string{"destination_workload"}},
		"what an ingress sends to":   {"nginx_ingress_controller_requests", labels{"service": "ingress-nginx-controller-metrics", "exported_service": "till"}, []string{"exported_service"}},
		"a queue":                    {"rabbitmq_queue_messages_ready", labels{"service": "mq-exporter", "queue": "mails"}, []string{"queue"}},
		"an ingress, not its port":   {"kube_ingress_tls", labels{"endpoint": "https-main", "ingress": "front"}, []string{"ingress"}},
		"a namespace's quota":        {"kube_resourcequota", labels{"namespace": "shop", "resourcequota": "compute"}, []string{"namespace"}},
		"a stream's consumer":        {"nats_consumer_num_pending", labels{"job": "nats-exporter", "consumer_name": "mailer", "stream_name": "MAIL"}, []string{"consumer_name", "stream_name"}},
		"what it stands beside":      {"pg_up", labels{"job": "pg-exporter", "server": "localhost:5432", "pod": "ledger-pg-0"}, []string{"pod"}},
		"a cloud's database":         {"aws_rds_cpuutilization_average", labels{"job": "cloudwatch-exporter", "service": "yace", "instance": "yace:5000", "dimension_DBInstanceIdentifier": "ledger"}, []string{"dimension_DBInstanceIdentifier"}},
		"an exporter not known":      {"ifOperStatus", labels{"service": "snmp-exporter", "instance": "sw-2.shop.example"}, []string{"instance"}},
		"what was pushed":            {"backup_age_seconds", labels{"job": "pushgateway", "exported_job": "nightly"}, []string{"exported_job"}},
		"a sidecar":                  {"pool_used", labels{"job": "pg-exporter", "container": "metrics", "pod": "ledger-pg-0"}, []string{"pod"}},
		"an exporter of itself":      {"go_goroutines", labels{"job": "pg-exporter", "pod": "ledger-pg-0"}, nil},
		"a cloud's queue":            {"aws_sqs_age", labels{"job": "cloudwatch", "exported_job": "aws_sqs", "queue_name": "mails"}, []string{"queue_name", "exported_job"}},
		"a cloud's thing by its ID":  {"stackdriver_cpu", labels{"job": "stackdriver-exporter", "database_id": "proj-1:ledger"}, []string{"database_id"}},
		"an operator's object":       {"scaler_errors_total", labels{"job": "keda-operator", "pod": "keda-0", "exported_namespace": "shop", "scaledObject": "till"}, []string{"scaledObject", "pod"}},
		"a controller's object":      {"sync_condition", labels{"job": "secrets-metrics", "exported_namespace": "shop", "name": "till"}, []string{"name"}},
		"a volume of a claim":        {"volume_robustness", labels{"job": "storage", "pod": "manager-x", "pvc": "data-till-0", "pvc_namespace": "shop"}, []string{"pvc"}},
		"a call's other end":         {"drop_total", labels{"job": "mesh", "pod": "agent-x", "source_workload": "desk", "destination_workload": "till"}, []string{"destination_workload"}},
		"whom a proxy calls":         {"outbound:errors", labels{"dst_deployment": "till", "dst_namespace": "shop"}, []string{"dst_deployment"}},
		"a service's queue":          {"queue_length", labels{"job": "till", "queue": "mails"}, nil},
		"a service in its namespace": {"requests_total", labels{"job": "till", "service_name": "till", "service_namespace": "shop"}, nil},
		"a unit of systemd":          {"node_systemd_unit_state", labels{"job": "node-exporter", "instance": "w3:9100", "name": "till.service"}, []string{"name", "instance"}},
		"a plan of backups":          {"velero_backup_last_status", labels{"job": "velero", "service": "velero", "schedule": "nightly"}, []string{"schedule"}},
		"a service of a registry":    {"consul_catalog_service_node_healthy", labels{"job": "consul-exporter", "node": "w3", "service_id": "till-1", "service_name": "till"}, []string{"service_name", "service_id"}},
		"a word that begins alike":   {"nodejs_heap_size_used_bytes", labels{"instance": "w3"}, nil},
	} {
		if diff := cmp.Diff(c.want, SubjectLabels(c.metric, c.labels)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestHostOfAnAddress(t *testing.T) {
	for value, want := range map[string]string{
		"redis://sessions:6379": "sessions", "https://till.example/health?x=1": "till.example", "ledger:3306": "ledger", "10.0.0.3:9100": "10.0.0.3",
		"[2001:db8::1]:9100": "2001:db8::1", "till": "till", "shop/till": "shop/till", "://": "://",
	} {
		if got := Host(value); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
}
