package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Queries are the questions to kube-state-metrics whose answers are trouble:
// each gives only the series of what does not run. What has run to its end is
// ready no more and is none.
func Queries() []string {
	const done = ` unless on (namespace, pod) kube_pod_status_phase{phase="Succeeded",pod!=""} == 1`
	return []string{
		`{__name__=~"kube_pod(_init)?_container_status_(waiting_reason|terminated_reason|last_terminated_reason)|kube_pod_status_reason|kube_pod_status_unschedulable"} > 0`,
		`(kube_pod_status_ready{condition!~"false|unknown"} == 0)` + done,
		`kube_pod_status_phase{phase=~"Pending|Failed|Unknown"} == 1`,
		`(kube_pod_container_status_ready == 0)` + done,
		`kube_endpoint_address_available == 0`,
		`kube_endpoint_address_not_ready > 0`,
		`kube_deployment_status_replicas_unavailable > 0`,
		`kube_node_status_condition{condition="Ready",status!="true"} == 1`,
		`kube_node_status_condition{condition!="Ready",status="true"} == 1`,
		`kube_persistentvolumeclaim_status_phase{phase=~"Pending|Lost"} == 1`,
		`certmanager_certificate_ready_status{condition="False"} == 1`,
		`kube_pod_container_status_restarts_total`,
		// A pod of the last hour that has restarted at all; the label tells the
		// answer from the one before.
		`label_replace(kube_pod_container_status_restarts_total > 0 and on (namespace, pod) (time() - kube_pod_start_time{pod!=""} < 3600), "reason", "` + young + `", "", "")`,
	}
}

const young = "young pod"

// PodLabels is the question for the application that a pod belongs to by its
// own labels.
const PodLabels = `kube_pod_labels{label_app_kubernetes_io_name!=""}`

// PodNodes is the question for the node that a pod runs on.
const PodNodes = `kube_pod_info{node!="",pod!=""}`

// ReadSeries is what a series that answers one of the questions says, false for
// what says nothing: the workload is left to the caller, who knows the names.
// Containers' restarts count as crashes where they happen while one looks.
func ReadSeries(s evidence.Series) (State, bool) {
	if len(s.Samples) == 0 {
		return State{}, false
	}
	st := State{From: s.Samples[0].Time, Until: s.Samples[len(s.Samples)-1].Time, Count: 1}
	switch name := s.Name; name {
	case "kube_pod_status_unschedulable":
		st.Reason = Scheduling
	case "kube_node_status_condition":
		st.Reason, st.Detail = Node, s.Labels["condition"]
		if st.Detail == "Ready" {
			st.Detail = "not ready"
		}
	case "kube_persistentvolumeclaim_status_phase":
		st.Reason, st.Detail = Mount, "its claim "+s.Labels["persistentvolumeclaim"]+" is "+strings.ToLower(s.Labels["phase"])
	case "certmanager_certificate_ready_status":
		st.Reason = Certificate
	case "kube_pod_status_ready", "kube_pod_status_phase", "kube_pod_container_status_ready", "kube_deployment_status_replicas_unavailable":
		st.Reason = NotReady
	case "kube_endpoint_address_available", "kube_endpoint_address_not_ready":
		st.Reason = Endpoints
	case "kube_pod_container_status_restarts_total":
		st.Reason = Crash
		first, last := s.Samples[0], s.Samples[len(s.Samples)-1]
		if s.Labels["reason"] == young {
			first.Value = 0
		}
		at := slices.IndexFunc(s.Samples, func(x evidence.Sample) bool { return x.Value > first.Value })
		if at < 0 {
			return State{}, false
		}
		st.From, st.Count = s.Samples[at].Time, int(max(1, min(1000, last.Value-first.Value)))
		st.Detail = fmt.Sprintf("restarted %d times", st.Count)
		if st.Count == 1 {
			st.Detail = "restarted once"
		}
	default:
		reason := s.Labels["reason"]
		if st.Reason = waiting[reason]; st.Reason == "" {
			return State{}, false
		}
		st.Detail = reason
	}
	return st, true
}

// Rests tells that a series says how a container ended last, which stays so until
// it ends again: it is of now only where the container has restarted, or where
// the series was not there from the start.
func Rests(s evidence.Series, start time.Time, restarted func(labels map[string]string) bool) bool {
	return strings.HasSuffix(s.Name, "_last_terminated_reason") && !restarted(s.Labels) && !s.Samples[0].Time.After(start)
}

// Container is which container the labels of a series mean.
func Container(labels map[string]string) string {
	return strings.Join([]string{labels["namespace"], cmp.Or(labels["exported_pod"], labels["pod"]), cmp.Or(labels["exported_container"], labels["container"])}, "/")
}

// Merge puts the states of one workload and reason together, in order of
// workload, then gravity. The longest detail is kept: events say more than a
// label does.
func Merge(list []State) []State {
	gravity := func(s State) int { return slices.Index(Reasons(), s.Reason) }
	slices.SortStableFunc(list, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.Workload, b.Workload), cmp.Compare(gravity(a), gravity(b)), a.From.Compare(b.From), a.Until.Compare(b.Until), cmp.Compare(a.Detail, b.Detail))
	})
	var out []State
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1].Workload == s.Workload && out[n-1].Reason == s.Reason {
			o := &out[n-1]
			o.Count += s.Count
			if s.Until.After(o.Until) {
				o.Until = s.Until
			}
			if len(s.Detail) > len(o.Detail) {
				o.Detail = s.Detail
			}
			continue
		}
		out = append(out, s)
	}
	return out
}
