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

// TestGoroutinesThatWaitAreParked: only those that could run wait for a processor.
func TestGoroutinesThatWaitAreParked(t *testing.T) {
	for name, want := range map[string]Class{
		"go_goroutines": ClassThreads, "go_sched_goroutines_waiting_goroutines": ClassThreads, "go_sched_goroutines_goroutines": ClassThreads,
		"go_sched_goroutines_runnable_goroutines": ClassSaturation, "go_sched_latencies_seconds": ClassSaturation, "worker_goroutines_max": ClassLimit,
		"queue_waiting": ClassSaturation,
	} {
		if got := ClassOf(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if IsRead("go_sched_goroutines_running_goroutines", nil) {
		t.Error("how many goroutines run at an instant is read by itself")
	}
}
