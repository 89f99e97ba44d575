package metric

import (
	"regexp"
	"slices"
	"strings"
)

// Discovery finds series by label and name, and the words of a name mostly tell
// what it measures. Here stands where well-known exporters differ: some names
// say one thing and mean another. Whom exporters measure is in subject.go, what
// is measured over several of their metrics in gather/templates.go.

// WorkloadLabels name what such a series is about, in order of trust. Without
// honor_labels Prometheus renames those that the target has itself.
var WorkloadLabels = []string{
	"deployment", "statefulset", "daemonset", "horizontalpodautoscaler", "k8s_deployment_name", "k8s_statefulset_name", "k8s_daemonset_name",
	"exported_container", "exported_pod", "container", "pod", "k8s_container_name", "k8s_pod_name", "container_name", "pod_name",
	"container_label_com_docker_compose_service", "name",
}

// meanings are what metrics measure whose names would mislead.
var meanings = map[string]Class{
	"container_memory_failcnt": ClassSaturation, // how often the limit was met

	"kube_pod_container_status_last_terminated_reason": ClassRestart,
	"kube_pod_container_status_waiting_reason":         ClassRestart,
	"kube_deployment_status_replicas_unavailable":      ClassRestart,
	"kube_statefulset_status_replicas_unavailable":     ClassRestart,
	"kube_daemonset_status_number_unavailable":         ClassRestart,

	// What is wanted or allowed, not what is used.
	"kube_deployment_spec_replicas":                        ClassLimit,
	"kube_statefulset_replicas":                            ClassLimit,
	"kube_daemonset_status_desired_number_scheduled":       ClassLimit,
	"kube_pod_container_resource_requests":                 ClassLimit,
	"kube_pod_container_resource_limits":                   ClassLimit,
	"kube_horizontalpodautoscaler_spec_min_replicas":       ClassLimit,
	"kube_horizontalpodautoscaler_status_desired_replicas": ClassLimit,
	"kube_horizontalpodautoscaler_status_current_replicas": ClassInUse,
	"container_spec_memory_swap_limit_bytes":               ClassLimit,
	"container_spec_memory_reservation_limit_bytes":        ClassLimit,
	"k8s_container_memory_limit_bytes":                     ClassLimit,
	"k8s_container_restarts":                               ClassRestart,
	"go_sched_latencies_seconds":                           ClassSaturation, // goroutines that wait for a processor
	"go_gc_gogc_percent":                                   ClassLimit,
	"go_gc_gomemlimit_bytes":                               ClassLimit,
	"go_sched_gomaxprocs_threads":                          ClassLimit,
	"db_client_connections_usage":                          ClassInUse,
	"db_client_connection_count":                           ClassInUse,
	"http_server_active_requests":                          ClassInUse,
	"container_cpu_cfs_throttled_ratio":                    ClassThrottle,
	"process_open_fds_ratio":                               ClassSockets,
}

// unread are metrics that describe their exporter, repeat another one, or hold
// an instant, a state, a constant that no deviation can be told of, or what is
// reserved and not used. Templates may still use them.
var unread = regexp.MustCompile(`^(` + strings.Join([]string{
	`container_(last_seen|start_time_seconds|scrape_error|tasks_state|memory_failures_total|cpu_cfs_periods_total|cpu_load_average_10s|cpu_load_d_average_10s)`,
	`container_spec_(cpu_period|cpu_shares|cpu_quota)`,
	`kube_.+_(created|labels|annotations|metadata_generation|status_observed_generation|owner|tolerations|volumes?)`,
	`kube_pod_(start_time|completion_time|status_.+|container_state_started|container_status_(running|ready|waiting|terminated|terminated_reason|last_terminated_(exitcode|timestamp)))`,
	`kube_deployment_(status_condition|status_replicas(_available|_ready|_updated)?|spec_paused|spec_strategy_.+)`,
	`kube_statefulset_(status_.+|persistentvolumeclaim_.+)`,
	`kube_daemonset_status_(current_number_scheduled|number_(available|ready|misscheduled)|updated_number_scheduled)`,
	`kube_(replicaset|endpoint|endpointslice|service|ingress|secret|configmap|namespace|lease|node|persistentvolume|persistentvolumeclaim|storageclass)_.+`,
	`go_memstats_(heap_(released|idle|sys)_bytes|sys_bytes|last_gc_time_seconds|lookups_total|mcache_.+|mspan_.+|buck_hash_sys_bytes|other_sys_bytes|gc_sys_bytes|stack_sys_bytes)`,
	`process_(start_time_seconds|virtual_memory_bytes|virtual_memory_max_bytes)`,
	`go_sched_goroutines_running_goroutines`, // at one instant, and the scrape's own among them
	`promhttp_.+`,
}, "|") + `)$`)

// harmlessReasons are states that a container passes through in good order.
var harmlessReasons = []string{"Completed", "ContainerCreating", "PodInitializing"}

// Bookkeeping reports whether a series is about the collector's own work: what it
// scraped, whether it could, which alerts it raised, and what the target's handler
// counts of being scraped. It bears the labels of a target or of a rule, and is no
// telemetry of theirs.
func Bookkeeping(name string) bool {
	return name == "up" || name == "ALERTS" || name == "ALERTS_FOR_STATE" || strings.HasPrefix(name, "scrape_") || strings.HasPrefix(name, "promhttp_")
}

// IsRead says whether a discovered series is read by itself.
func IsRead(name string, labels map[string]string) bool {
	if Bookkeeping(name) && name != "up" || unread.MatchString(name) || slices.Contains(harmlessReasons, labels["reason"]) && strings.HasPrefix(name, "kube_") {
		return false
	}
	// cAdvisor repeats a pod's containers as their sum, and tells of the pause
	// container; only the network belongs to the pod itself.
	inPod := strings.HasPrefix(name, "container_") && !strings.HasPrefix(name, "container_network_") && labels["pod"] != ""
	return !inPod || labels["container"] != "" && labels["container"] != "POD"
}

// runtimeInfos tell the version of a language's runtime, not of what runs on it.
var runtimeInfos = []string{"go_info", "python_info", "jvm_info", "jvm_runtime_info", "nodejs_version_info", "dotnet_runtime_info"}

// sidecars share a pod with the service, and have versions of their own.
var sidecars = []string{"istio-proxy", "istio-init", "linkerd-proxy", "linkerd-init", "envoy", "POD"}

// TellsVersion says whether an info series tells the version of the entity that
// its labels name.
func TellsVersion(name string, labels map[string]string) bool {
	return !slices.Contains(runtimeInfos, name) && !slices.Contains(sidecars, labels["container"]) &&
		!strings.HasPrefix(name, "kube_pod_init_container_") && !strings.HasPrefix(name, "node_")
}
