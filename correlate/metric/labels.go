package metric

import (
	"slices"
	"strings"
)

func LabelsText(labels map[string]string) string {
	if len(labels) == 0 {
		return "{}"
	}
	keys := make([]string, 0, len(labels))
	for k := range labels {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(k)
		b.WriteString(`="`)
		b.WriteString(QuoteLabel(labels[k]))
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}

// QuoteLabel makes a name safe inside a quoted label value.
func QuoteLabel(name string) string { return labelQuoter.Replace(name) }

// labelQuoter is made once: making it costs far more than using it, and every
// label of every series goes through it.
var labelQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// OutcomeLabels tell failing calls from others.
var OutcomeLabels = []string{"status", "code", "status_code", "http_status_code", "http_response_status_code", "grpc_code", "rpc_grpc_status_code", "error_type", "outcome", "result"}

// PlaceLabels say where a series was scraped, not what it measures.
var PlaceLabels = []string{"service", "service_name", "job", "instance", "pod", "namespace", "container", "app", "node", "host", "cluster", "le"}

// The labels and attributes that say in which of several systems something runs, as
// OpenTelemetry, Prometheus and Kubernetes spell them.
var (
	EnvironmentLabels = []string{"deployment.environment.name", "deployment.environment", "deployment_environment_name", "deployment_environment", "environment", "env"}
	ClusterLabels     = []string{"k8s.cluster.name", "k8s_cluster_name", "cluster"}
	NamespaceLabels   = []string{"exported_namespace", "k8s.namespace.name", "k8s_namespace_name", "namespace", "kubernetes_namespace", "service.namespace", "service_namespace",
		"involvedObject.namespace", "regarding.namespace", "object.namespace"}
)

// VersionLabels are the labels that tell two versions of one service apart.
var VersionLabels = []string{"version", "service_version", "service.version", "app_kubernetes_io_version", "vcs_ref_head_revision", "track", "revision"}

func VersionOf(labels map[string]string) string {
	for _, k := range VersionLabels {
		if x := labels[k]; x != "" {
			return x
		}
	}
	return ""
}
