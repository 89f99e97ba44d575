package gather

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/outcome"
)

// template is a measure that a convention defines over several metrics: asked
// for where discovery found them, and only there.
type template struct {
	name  string   // of what it gives; its words tell what that measures
	needs []string // metrics, all under the same label
	// expr has {sel} for the matchers, {by} for the labels that stay, {each} for
	// those and the replica, {rate} for the range of a rate and {last} for that of
	// a gauge.
	expr string
}

// Of replicas the worst one counts: one in five that is throttled all the time
// would be lost in a mean.
var templates = []template{
	{"container_cpu_cfs_throttled_ratio", []string{"container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"},
		`max by ({by}) (sum by ({each}) (rate(container_cpu_cfs_throttled_periods_total{{sel}}[{rate}])) / sum by ({each}) (rate(container_cpu_cfs_periods_total{{sel}}[{rate}])))`},
	{"container_cpu_utilization_ratio", []string{"container_cpu_usage_seconds_total", "container_spec_cpu_quota", "container_spec_cpu_period"},
		`max by ({by}) (sum by ({each}) (rate(container_cpu_usage_seconds_total{{sel}}[{rate}])) / sum by ({each}) ((container_spec_cpu_quota{{sel}} > 0) / container_spec_cpu_period{{sel}}))`},
	{"container_cpu_utilization_ratio", []string{"container_cpu_usage_seconds_total", "kube_pod_container_resource_limits"},
		`max by ({by}) (sum by ({each}) (rate(container_cpu_usage_seconds_total{{sel}}[{rate}])) / sum by ({each}) (kube_pod_container_resource_limits{{sel},resource="cpu"} > 0))`},
	{"container_memory_utilization_ratio", []string{"container_memory_working_set_bytes", "container_spec_memory_limit_bytes"},
		`max by ({by}) (sum by ({each}) (last_over_time(container_memory_working_set_bytes{{sel}}[{last}])) / sum by ({each}) (container_spec_memory_limit_bytes{{sel}} > 0))`},
	{"container_memory_utilization_ratio", []string{"container_memory_working_set_bytes", "kube_pod_container_resource_limits"},
		`max by ({by}) (sum by ({each}) (last_over_time(container_memory_working_set_bytes{{sel}}[{last}])) / sum by ({each}) (kube_pod_container_resource_limits{{sel},resource="memory"} > 0))`},
	{"kube_statefulset_status_replicas_unavailable", []string{"kube_statefulset_replicas", "kube_statefulset_status_replicas_ready"},
		`sum by ({by}) (kube_statefulset_replicas{{sel}}) - sum by ({by}) (kube_statefulset_status_replicas_ready{{sel}})`},
	{"process_open_fds_ratio", []string{"process_open_fds", "process_max_fds"},
		`max by ({by}) (last_over_time(process_open_fds{{sel}}[{last}]) / (process_max_fds{{sel}} > 0))`},
}

// labelledOutcome is how a convention counts requests and marks those that failed.
type labelledOutcome struct {
	metrics []string // a histogram's base name, or a counter
	labels  []string // the first that the series have says how a request ended
	failed  string   // regular expression of the values that are the server's fault
}

const (
	http5xx   = "5.."
	spanFault = "STATUS_CODE_ERROR|ERROR|Error"
)

// grpcFault matches the statuses that are the server's fault.
var grpcFault = strings.Join(outcome.GRPCFaults, "|")

var outcomes = []labelledOutcome{
	{[]string{"http_server_request_duration_seconds", "http_client_request_duration_seconds", "http_server_duration_milliseconds", "http_client_duration_milliseconds"},
		[]string{"http_response_status_code", "http_status_code", "status_code", "code", "status"}, http5xx},
	{[]string{"rpc_server_duration_milliseconds", "rpc_client_duration_milliseconds", "rpc_server_call_duration_seconds", "rpc_client_call_duration_seconds"},
		[]string{"rpc_grpc_status_code", "rpc_response_status_code"}, grpcFault},
	{[]string{"grpc_server_handled_total", "grpc_client_handled_total"}, []string{"grpc_code"}, grpcFault},
	{[]string{"http_request_duration_seconds", "http_requests_total", "http_server_requests_seconds", "http_server_requests_total"},
		[]string{"status_code", "code", "status"}, http5xx},
	{[]string{"traces_span_metrics_calls_total", "traces_spanmetrics_calls_total", "calls_total", "traces_span_metrics_duration_milliseconds",
		"traces_span_metrics_duration_seconds", "traces_spanmetrics_latency", "duration_milliseconds"}, []string{"status_code"}, spanFault},
	{[]string{"istio_requests_total"}, []string{"response_code"}, http5xx},
}

// served keeps of span metrics what a service answered: what it asked others
// is theirs, and what it did inside is in its answers already.
const served = `=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"`

// servedOnly narrows span metrics to the spans by which a service answers.
func (v *Investigation) servedOnly(d discovered) string {
	if slices.ContainsFunc(d.series, func(s evidence.Series) bool { return s.Labels["span_kind"] != "" }) {
		return d.matcher + "," + v.answers.spelled.Label("span_kind") + served
	}
	return d.matcher
}

// templateQueries are the queries of all templates whose metrics were found.
func (v *Investigation) templateQueries(found []discovered) []metricQuery {
	var queries []metricQuery
	type place struct{ label, matcher string }
	groups := map[place]map[string]discovered{}
	var order []place
	for _, d := range found {
		p := place{d.label, d.matcher}
		if groups[p] == nil {
			groups[p] = map[string]discovered{}
			order = append(order, p)
		}
		groups[p][d.name] = d
		queries = append(queries, v.errorRatio(d)...)
	}
	for _, p := range order {
		asked := map[string]bool{}
		for _, t := range templates {
			missing := slices.ContainsFunc(t.needs, func(n string) bool { _, ok := groups[p][n]; return !ok })
			if missing || asked[t.name] {
				continue
			}
			asked[t.name] = true
			queries = append(queries, metricQuery{name: t.name, kind: evidence.MetricGauge, expr: v.fill(t.expr, groups[p][t.needs[0]])})
		}
	}
	return queries
}

// fill completes a template's expression for one metric of those it needs.
func (v *Investigation) fill(expr string, d discovered) string {
	by := v.splitLabels(d)
	each, sel := by, d.matcher
	for _, replica := range []string{"pod", "name", "instance"} {
		if slices.Contains(by, replica) {
			break
		}
		if hasLabel(d, replica) {
			each = append(slices.Clone(by), replica)
			break
		}
	}
	if hasLabel(d, "container") && strings.HasPrefix(d.name, "container_") {
		sel += `,container!="",container!="POD"`
	}
	return strings.NewReplacer("{sel}", sel, "{by}", v.answers.spelled.Labels(by), "{each}", v.answers.spelled.Labels(each),
		"{rate}", v.rateRange(), "{last}", v.backRange()).Replace(expr)
}

// splitLabels are the labels by which a measure is told apart: its entity, the
// version, the ends of a call.
func (v *Investigation) splitLabels(d discovered) []string {
	return slices.DeleteFunc(v.keptLabels(d), func(l string) bool { return l != d.label && slices.Contains(metric.OutcomeLabels, l) })
}

func hasLabel(d discovered, label string) bool {
	return slices.ContainsFunc(d.series, func(s evidence.Series) bool { return s.Labels[label] != "" })
}

// httpStatus is a status as metrics have it, a number or its class.
var httpStatus = regexp.MustCompile(`^[1-5]([0-9]{2}|xx)$`)

// likeHTTP is the convention that a metric of somebody's own naming follows: it
// counts requests, and all values of a label for statuses are such. One without is
// for no metric.
func likeHTTP(d discovered) labelledOutcome {
	words := metric.NameWords(d.name)
	if d.kind != evidence.MetricCounter && d.kind != evidence.MetricHistogram && d.kind != evidence.MetricSummary ||
		!slices.Contains(words, "requests") && !slices.Contains(words, "request") && !slices.Contains(words, "responses") {
		return labelledOutcome{}
	}
	for _, label := range []string{"http_response_status_code", "http_status_code", "status_code", "code", "status", "response_code"} {
		if hasLabel(d, label) && !slices.ContainsFunc(d.series, func(s evidence.Series) bool { return s.Labels[label] != "" && !httpStatus.MatchString(s.Labels[label]) }) {
			return labelledOutcome{[]string{d.name}, []string{label}, http5xx}
		}
	}
	return labelledOutcome{}
}

var measureSuffix = regexp.MustCompile(`(_duration|_latency)?(_seconds|_milliseconds|_total)?$`)

// errorRatio is the share of requests that failed by the server's fault, where
// a convention marks them. A service without a failed request has the ratio 0,
// not none.
func (v *Investigation) errorRatio(d discovered) []metricQuery {
	for _, o := range append(slices.Clip(outcomes), likeHTTP(d)) {
		at := slices.IndexFunc(o.labels, func(l string) bool { return hasLabel(d, l) })
		if at < 0 || !slices.Contains(o.metrics, d.name) {
			continue
		}
		count := d.name
		if d.kind == evidence.MetricHistogram || d.kind == evidence.MetricSummary {
			count += "_count"
		}
		sp, sel, w := v.answers.spelled, v.servedOnly(d), v.rateRange()
		by := sp.Labels(v.splitLabels(d))
		all := fmt.Sprintf("sum by (%s) (rate(%s[%s]))", by, sp.Selector(count, sel), w)
		bad := fmt.Sprintf(`sum by (%s) (rate(%s[%s]))`, by, sp.Selector(count, fmt.Sprintf(`%s,%s=~"%s"`, sel, sp.Label(o.labels[at]), o.failed)), w)
		name := measureSuffix.ReplaceAllString(d.name, "") + "_error_ratio"
		return []metricQuery{{name: name, kind: evidence.MetricGauge, expr: fmt.Sprintf("(%s or 0 * %s) / %s", bad, all, all),
			alerting: map[string]bool{name: d.alerting}}}
	}
	return nil
}
