package metric

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Whom a metric is about. A process that measures itself is named by the labels
// that discovery puts on its series: service, job, pod. An exporter measures
// another, so these name the exporter and the metric's own labels the thing. The
// same goes for series and for the alerts that are made of them.

// subject says how the metrics of one kind of exporter name what they measure.
type subject struct {
	prefixes []string // of the metric, or of a part of a recorded name between colons
	labels   []string // that name the thing, in order of trust
	// numeric is true where an address that is only a number is the thing's own:
	// elsewhere it is the exporter's, which says nothing.
	numeric bool
	// always is true where the labels of discovery never name the thing.
	always bool
}

var nodeLabels = []string{"node", "nodename", "kubernetes_node", "k8s_node_name", "host", "hostname", "instance"}

// targetLabels name the server that a database's or queue's exporter asks.
var targetLabels = []string{"target", "server", "addr", "instance"}

// subjects follow the exporters' own documentation: kube-state-metrics,
// cAdvisor and the kubelet, the OpenTelemetry collector's k8s receivers, the
// node, windows, process, blackbox, postgres, mysqld, redis, mongodb, memcached,
// elasticsearch, rabbitmq, kafka and haproxy exporters; Istio's, ingress-nginx',
// Traefik's and Envoy's metrics of what they send requests to; Argo CD's, Flux's
// and cert-manager's of their objects.
var subjects = []subject{
	{prefixes: []string{"node_systemd_unit_", "systemd_unit_"}, labels: slices.Concat([]string{"name"}, nodeLabels), numeric: true, always: true},
	{prefixes: []string{"kube_node_", "kubelet_node_", "kubelet_running_", "node_", "windows_", "k8s_node_"}, labels: nodeLabels, numeric: true, always: true},
	{prefixes: []string{"kubelet_volume_", "kube_persistentvolumeclaim_"}, labels: []string{"persistentvolumeclaim"}, always: true},
	{prefixes: []string{"kube_job_", "kube_cronjob_"}, labels: []string{"cronjob", "job_name", "exported_job"}, always: true},
	{prefixes: []string{"kube_ingress_"}, labels: []string{"ingress", "exported_service"}, always: true},
	{prefixes: []string{"kube_endpoint_", "kube_service_"}, labels: []string{"endpoint", "exported_service"}, always: true},
	{prefixes: []string{"kube_resourcequota", "kube_namespace_"}, labels: []string{"exported_namespace", "namespace"}, always: true},
	{prefixes: []string{"container_", "kube_", "kubelet_", "k8s_"}, labels: WorkloadLabels, always: true},
	{prefixes: []string{"probe_"}, labels: []string{"target", "instance"}, numeric: true, always: true},
	{prefixes: []string{"istio_"}, labels: []string{"destination_workload", "destination_canonical_service", "destination_service_name", "destination_app", "destination_service"}, always: true},
	{prefixes: []string{"nginx_ingress_", "traefik_service_", "envoy_cluster_"}, labels: []string{"exported_service", "ingress", "envoy_cluster_name"}, always: true},
	{prefixes: []string{"haproxy_"}, labels: slices.Concat([]string{"backend", "proxy"}, targetLabels)},
	{prefixes: []string{"kafka_consumergroup_"}, labels: slices.Concat([]string{"consumergroup", "group"}, targetLabels)},
	{prefixes: []string{"kafka_server_", "kafka_controller_", "kafka_network_"}, labels: []string{"exported_pod", "pod", "strimzi_io_cluster"}},
	{prefixes: []string{"nats_", "jetstream_"}, labels: slices.Concat([]string{"consumer_name", "stream_name"}, targetLabels)},
	{prefixes: []string{"pgbouncer_"}, labels: slices.Concat([]string{"database"}, targetLabels)},
	{prefixes: []string{"rabbitmq_"}, labels: slices.Concat([]string{"queue"}, targetLabels)},
	{prefixes: []string{"elasticsearch_"}, labels: slices.Concat(targetLabels, []string{"cluster"})},
	{prefixes: []string{"mongodb_"}, labels: slices.Concat(targetLabels, []string{"member_idx", "rs_nm", "set"})},
	{prefixes: []string{"namedprocess_"}, labels: slices.Concat([]string{"groupname"}, nodeLabels), always: true},
	{prefixes: []string{"velero_"}, labels: []string{"schedule"}},
	{prefixes: []string{"consul_catalog_service_", "consul_health_service_", "consul_service_"}, labels: []string{"service_name", "service_id"}, always: true},
	{prefixes: []string{"ceph_"}, labels: []string{"ceph_daemon", "pool"}},
	{prefixes: []string{"argocd_app_", "gotk_", "certmanager_certificate_"}, labels: []string{"exported_name", "name"}, always: true},
	{prefixes: []string{
		"pg_stat_", "pg_up", "pg_replication_", "pg_database_", "pg_locks_", "pg_settings_", "pg_long_running_", "pg_wal_",
		"mysql_up", "mysql_global_", "mysql_slave_", "mysql_info_schema_", "mysql_perf_schema_", "mysql_heartbeat_",
		"redis_up", "redis_memory_", "redis_connected_", "redis_rejected_", "redis_evicted_", "redis_expired_", "redis_keyspace_", "redis_master_", "redis_rdb_", "redis_blocked_", "redis_cluster_", "redis_replication_", "redis_commands_", "redis_db_",
		"memcached_", "kafka_topic_", "kafka_brokers", "cassandra_", "zookeeper_",
	}, labels: targetLabels},
}

// subjectOf is how a metric names what it is about; false for one that is about
// the process that has it.
func subjectOf(name string) (subject, bool) {
	for _, s := range subjects {
		for _, part := range strings.Split(name, ":") {
			if slices.ContainsFunc(s.prefixes, func(p string) bool { return strings.HasPrefix(part, p) }) {
				return s, true
			}
		}
	}
	return subject{}, false
}

// MeasuresOther reports whether a series is an exporter's about something else,
// which its labels name.
func MeasuresOther(name string, labels map[string]string) bool {
	return len(SubjectLabels(name, labels)) > 0
}

// NamesExporter tells whether the value of a label of discovery on an exporter's
// series is the exporter's own name.
func NamesExporter(name string, labels map[string]string, value string) bool {
	s, _ := subjectOf(name)
	return MeasuresOther(name, labels) && (s.always || IsExporter(value))
}

// SubjectLabels are the labels of an exporter's series that name what it
// measures, in order of trust; none for a series that is about its own process.
// An exporter that is not known here is one by its name.
func SubjectLabels(name string, labels map[string]string) []string {
	s, _ := subjectOf(name)
	if naming := s.naming(labels); len(naming) > 0 || ofItself(name) {
		return naming
	}
	if ends := namespaced(labels); len(ends) > 0 {
		return ends
	}
	if !scraped(labels) && !ofCloud(name) {
		return nil
	}
	list := objects(labels)
	for _, l := range anySubject.naming(labels) {
		if !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// ofCloud tells a metric that is read from a cloud's own monitoring.
func ofCloud(name string) bool {
	return slices.ContainsFunc([]string{"aws_", "azure_", "stackdriver_", "gcp_"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// ofItself tells a metric that every process has about itself, exporters too, by
// the prefixes of Prometheus' client libraries.
func ofItself(name string) bool {
	return name == "up" || slices.ContainsFunc([]string{"go_", "process_", "promhttp_", "python_", "jvm_", "nodejs_", "scrape_"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// naming are the labels that name a thing that is measured, in order of trust.
func (s subject) naming(labels map[string]string) []string {
	var list []string
	for _, l := range s.labels {
		if s.names(l, labels) {
			list = append(list, l)
		}
	}
	return list
}

// names tells whether a label's value names a thing that is measured.
func (s subject) names(label string, labels map[string]string) bool {
	value := labels[label]
	if value == "" || value == "POD" || value == "metrics" || IsExporter(value) || loopback(Host(value)) {
		return false
	}
	if host := Host(value); label == "instance" && (host == labels["service"] || host == labels["job"]) {
		return false // where the exporter itself answers
	}
	return s.numeric || label != "instance" && label != "addr" || net.ParseIP(Host(value)) == nil
}

// loopback tells an address by which a sidecar asks what it stands beside, which
// names nobody.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Subject is a label that names what a metric or an alert is about, and the name.
type Subject struct{ Label, Name string }

// Subjects are what the labels of an alert name as the thing that it is about,
// in order of trust, where its expression reads an exporter's metric; none where
// the labels are the alerting process' own. Without a metric to go by, and for
// one of an exporter that is not known here, labels that name an exporter are
// taken to be those of any exporter's metric.
func Subjects(name string, labels map[string]string) []Subject {
	naming := SubjectLabels(name, labels)
	if name == "" {
		naming = slices.Concat(namespaced(labels), objects(labels), anySubject.naming(labels))
	}
	var list []Subject
	for _, l := range naming {
		name := Host(labels[l])
		if l == "name" { // of a unit of systemd
			name = strings.TrimSuffix(name, ".service")
		}
		list = append(list, Subject{l, name})
	}
	return list
}

// scraped tells whether the labels of discovery name an exporter: by its name, or
// since what it measures has labels of its own by the same names, which Prometheus
// then calls exported_.
func scraped(labels map[string]string) bool {
	for _, l := range []string{"service", "job", "container", "app", "pod", "namespace"} {
		if IsExporter(labels[l]) || labels["exported_"+l] != "" {
			return true
		}
	}
	return false
}

// things are what exporters of clouds, queues, volumes, certificates and jobs measure.
// Bare ones name their thing by themselves, the others with "name" or "id" behind them.
var (
	bareThings  = words("queue topic bucket domain dag scaledobject scaledjob pvc persistentvolumeclaim volume")
	namedThings = words("queue topic bucket domain dag secret certificate database dbinstance dbcluster cachecluster cluster function stream consumer resource table loadbalancer cache volume schedule")
)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// objects are the labels that name the thing that an exporter measures by what such
// labels are called, sorted: queue_name, database_id, scaledObject, dimension_TableName.
// Of what has a namespace of its own "name" is the name.
func objects(labels map[string]string) []string {
	var list []string
	for l, v := range labels {
		plain := strings.ToLower(strings.ReplaceAll(l, "_", ""))
		kind, dimension := strings.CutPrefix(plain, "dimension")
		for _, end := range []string{"identifier", "name", "id"} {
			if rest, ok := strings.CutSuffix(kind, end); ok {
				dimension = dimension || namedThings[rest] || end == "identifier" && strings.HasSuffix(l, "_identifier")
				break
			}
		}
		if v != "" && (dimension || bareThings[plain] || l == "name" && labels["exported_namespace"] != "") && !IsExporter(v) {
			list = append(list, l)
		}
	}
	slices.Sort(list)
	return list
}

// namespaced are the labels of an object whose namespace has a label of its own, as
// dst_namespace and secret_namespace, and of the far end of a call that has both ends:
// by the kind of workload, then by the name, sorted.
func namespaced(labels map[string]string) []string {
	var list []string
	for l, v := range labels {
		of, ok := strings.CutSuffix(l, "_namespace")
		if !ok && strings.HasPrefix(l, "destination_") && labels["source_"+strings.TrimPrefix(l, "destination_")] != "" {
			of, ok = "destination", true
		}
		if !ok || v == "" || slices.Contains([]string{"exported", "service", "k8s", "kubernetes", "kube", "source", "src", "pod", "container", "dest"}, of) {
			continue
		}
		for _, end := range []string{"", "_name", "_workload", "_deployment", "_statefulset", "_daemonset", "_service", "_app", "_pod"} {
			if labels[of+end] != "" && !slices.Contains(list, of+end) {
				list = append(list, of+end)
			}
		}
	}
	slices.Sort(list)
	return list
}

// IsAboutOther tells whether a metric is an exporter's, by its name.
func IsAboutOther(name string) bool {
	_, ok := subjectOf(name)
	return ok
}

var anySubject = subject{labels: slices.Concat([]string{"exported_service", "exported_app", "exported_job", "app"}, WorkloadLabels, []string{"node", "nodename", "persistentvolumeclaim"}, targetLabels)}

// AlertNames are the labels that name an entity on an alert, in order of trust,
// spelled as before Prometheus 3: see Label.
var AlertNames = []string{"service_name", "service", "app_kubernetes_io_name", "app", "application", "sloth_service", "deployment", "statefulset", "daemonset",
	"k8s_deployment_name", "k8s_statefulset_name", "k8s_daemonset_name", "pod", "k8s_pod_name", "container", "k8s_container_name", "job", "component", "entity"}

// ServiceLabels are the labels of a series that name a service by themselves, in order
// of trust; under others a value counts only when it means an entity that is known
// from elsewhere.
var ServiceLabels = []string{"service_name", "service", "app_kubernetes_io_name", "app", "component"}

// TargetNames are those and, last, what Prometheus calls a scraped target: where one
// looks for who is measured at all.
var TargetNames = append(slices.Clone(ServiceLabels), "job")

// PodLabels are the labels that name a pod, of which a workload has many.
var PodLabels = []string{"pod", "exported_pod", "k8s_pod_name", "pod_name"}

// NameOf is whom an alert's labels name, when neither its rule nor what the
// sources know is at hand; empty for nobody. What an exporter's labels say of
// something else goes before the exporter.
func NameOf(labels map[string]string) string {
	for _, l := range AlertNames {
		name := Label(labels, l)
		if name == "" {
			continue
		}
		if IsExporter(name) {
			if about := Subjects("", labels); len(about) > 0 {
				return about[0].Name
			}
		}
		return name
	}
	return ""
}

// exporterWords are what exporters and what they run beside are called.
var exporterWords = []string{"exporter", "exporters", "kube-state-metrics", "ksm", "cadvisor", "kubelet", "blackbox"}

// IsExporter tells whether a name is an exporter's.
func IsExporter(name string) bool {
	return slices.ContainsFunc(exporterWords, func(w string) bool { return hasWord(name, w) })
}

// WithoutExporter is what is left of an exporter's name when what it is goes:
// the thing that it stands beside, in most charts; empty when nothing is left.
func WithoutExporter(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' })
	return strings.Join(slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains([]string{"exporter", "exporters", "metrics", "prometheus"}, w)
	}), "-")
}

var dashed = strings.NewReplacer("_", "-", "/", "-", ".", "-", ":", "-")

// hasWord tells whether a word, which may have dashes, stands in a name between
// its borders.
func hasWord(name, word string) bool {
	name = "-" + dashed.Replace(strings.ToLower(name)) + "-"
	return strings.Contains(name, "-"+word+"-")
}

// Host is the host of an address or URL, anything else as it is.
func Host(value string) string {
	if strings.Contains(value, "://") {
		if u, err := url.Parse(value); err == nil && u.Hostname() != "" {
			return u.Hostname()
		}
	}
	if host, port, err := net.SplitHostPort(value); err == nil && host != "" && strings.Trim(port, "0123456789") == "" {
		return host
	}
	return value // proj-1:ledger is no host with a port
}

// Label is the value of a label by the name that Prometheus used to give it:
// senders of today also write service.name and app.kubernetes.io/name, which
// are service_name and app_kubernetes_io_name.
func Label(labels map[string]string, name string) string {
	if v := labels[name]; v != "" {
		return v
	}
	best := ""
	for k, v := range labels { // the first by name, in any order
		if v != "" && len(k) == len(name) && Sanitized(k) == name && (best == "" || k < best) {
			best = k
		}
	}
	return labels[best]
}

// Sanitized spells a metric's or label's name with the characters that were
// legal before Prometheus 3.
func Sanitized(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ':' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}
