package metric

import (
	"testing"
)

func TestOnlyWhatMeasuresIsRead(t *testing.T) {
	for _, c := range []struct {
		metric, container, reason string
		want                      bool
	}{
		{"container_memory_working_set_bytes", "app", "", true},
		{"container_memory_working_set_bytes", "", "", false}, // the sum over the pod
		{"container_memory_working_set_bytes", "POD", "", false},
		{"container_network_receive_bytes_total", "", "", true},
		{"container_start_time_seconds", "app", "", false},
		{"kube_pod_container_status_waiting_reason", "app", "CrashLoopBackOff", true},
		{"kube_pod_container_status_waiting_reason", "app", "ContainerCreating", false},
		{"kube_pod_status_phase", "", "", false},
		{"go_memstats_heap_inuse_bytes", "", "", true},
		{"go_memstats_heap_sys_bytes", "", "", false}, // reserved, which only grows
		{"process_start_time_seconds", "", "", false},
	} {
		if got := IsRead(c.metric, map[string]string{"pod": "p", "container": c.container, "reason": c.reason}); got != c.want {
			t.Errorf("%s of container %q, reason %q: read is %v, want %v", c.metric, c.container, c.reason, got, c.want)
		}
	}
}
