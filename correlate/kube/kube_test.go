package kube_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
)

var noon = time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC)

func TestReadEvent(t *testing.T) {
	type fields = map[string]string
	line := evidence.LogLine{Time: noon, Body: "Back-off restarting failed container", Severity: evidence.SeverityWarn,
		Attributes: fields{"k8s.event.reason": "BackOff", "k8s.event.count": "3"}, Resource: fields{"k8s.object.kind": "Pod", "k8s.object.name": "till-6f7c9d8b54-q2wzk"}}
	want := kube.Event{Time: noon, First: noon.Add(-10 * time.Second), Kind: "Pod", Name: "till-6f7c9d8b54-q2wzk", Reason: "BackOff", Message: line.Body, Warning: true, Count: 3}
	got, ok := kube.ReadEvent(&line)
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("read %v (-want +got):\n%s", ok, diff)
	}
	line.Attributes["k8s.event.start_time"] = "2026-02-03T09:00:00Z"
	if got, _ := kube.ReadEvent(&line); !got.First.Equal(noon.Add(-3 * time.Hour)) {
		t.Errorf("first seen at %v, want what the event says", got.First)
	}
	delete(line.Attributes, "k8s.event.reason")
	if got, ok := kube.ReadEvent(&line); ok {
		t.Errorf("a line of a pod: got %+v, want no event", got)
	}
}

func TestWhyAWorkloadDoesNotRun(t *testing.T) {
	for _, c := range []struct {
		reason, message string
		normal          bool
		want            kube.Reason
	}{
		{"Failed", `Failed to pull image "r/x:1": rpc error: code = NotFound`, false, kube.Image},
		{"Failed", "Error: ErrImagePull", false, kube.Image},
		{"BackOff", `Back-off pulling image "r/x:1"`, true, kube.Image},
		{"InspectFailed", "Failed to apply default image tag", false, kube.Image},
		{"Failed", `Error: configmap "x" not found`, false, kube.Config},
		{"Failed", `Error: couldn't find key DSN in Secret shop/x`, false, kube.Config},
		{"Failed", `Error: failed to start container "x": exec: "/srv": permission denied`, false, kube.Config},
		{"FailedCreate", `pods "x" is forbidden: exceeded quota: compute`, false, kube.Quota},
		{"FailedCreate", `admission webhook "policy" denied the request`, false, kube.Denied},
		{"FailedMount", "MountVolume.SetUp failed", false, kube.Mount},
		{"FailedAttachVolume", "Multi-Attach error", false, kube.Mount},
		{"FailedScheduling", "0/4 nodes are available: 4 Insufficient cpu.", false, kube.Scheduling},
		{"FailedCreatePodSandBox", "failed to set up sandbox container network", false, kube.Sandbox},
		{"NodeNotReady", "Node w3 status is now: NodeNotReady", true, kube.Node},
		{"NodeHasDiskPressure", "Node w3 status is now: NodeHasDiskPressure", true, kube.Node},
		{"NodeReady", "Node w3 status is now: NodeReady", true, ""},
		{"NodeHasSufficientMemory", "Node w3 status is now: NodeHasSufficientMemory", true, ""},
		{"FailedBinding", "no persistent volumes available for this claim and no storage class is set", true, ""},
		{"ProvisioningFailed", "storageclass.storage.k8s.io \"fast\" not found", false, kube.Mount},
		{"OOMKilling", "Memory cgroup out of memory", false, kube.OOM},
		{"Evicted", "The node was low on resource: memory.", false, kube.Evicted},
		{"BackOff", "Back-off restarting failed container", false, kube.Crash},
		{"Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", false, kube.Probe},
		{"Killing", "Container x failed liveness probe, will be restarted", true, kube.Probe},
		{"Killing", "Stopping container x", true, ""},
		{"Pulled", "Successfully pulled image", true, ""},
		{"Scheduled", "Successfully assigned", true, ""},
		{"ScalingReplicaSet", "Scaled up", true, ""},
	} {
		got, _ := kube.Classify(kube.Event{Reason: c.reason, Message: c.message, Warning: !c.normal})
		if _, bad := kube.Classify(kube.Event{Reason: c.reason, Message: c.message, Warning: !c.normal}); bad != (c.want != "") || bad && got != c.want {
			t.Errorf("%s: %s: got %q (%v), want %q", c.reason, c.message, got, bad, c.want)
		}
	}
}

func TestACertificateIsNotRenewed(t *testing.T) {
	for _, warning := range []bool{true, false} {
		e := kube.Event{Kind: "Certificate", Name: "till-tls", Reason: "Failed", Message: "The certificate request has failed to complete and will be retried", Warning: warning}
		if got, bad := kube.Classify(e); bad != warning || got != kube.Certificate {
			t.Errorf("warning %v: got %q (%v)", warning, got, bad)
		}
	}
}

func TestWhoseEventItIs(t *testing.T) {
	of := func(pod string) string { return strings.TrimSuffix(pod, "-0") }
	for _, c := range []struct{ kind, name, want string }{
		{"Pod", "ledger-db-0", "ledger-db"}, {"ReplicaSet", "till-6f7c9d8b54", "till"}, {"ReplicaSet", "till-canary", "till-canary"},
		{"StatefulSet", "ledger-db", "ledger-db"}, {"Node", "w3", "w3"}, {"PersistentVolumeClaim", "data-ledger-db-0", "data-ledger-db-0"},
	} {
		if got := (kube.Event{Kind: c.kind, Name: c.name}).Workload(of); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.kind, c.name, got, c.want)
		}
	}
}

func TestStatesOfSeries(t *testing.T) {
	samples := func(xs ...float64) (list []evidence.Sample) {
		for i, x := range xs {
			list = append(list, evidence.Sample{Time: noon.Add(time.Duration(i) * time.Minute), Value: x})
		}
		return list
	}
	for _, c := range []struct {
		name, reason string
		samples      []evidence.Sample
		want         kube.Reason
		count        int
	}{
		{"kube_pod_container_status_waiting_reason", "ImagePullBackOff", samples(1, 1), kube.Image, 1},
		{"kube_pod_container_status_waiting_reason", "ContainerCreating", samples(1, 1), "", 0},
		{"kube_pod_container_status_last_terminated_reason", "OOMKilled", samples(1), kube.OOM, 1},
		{"kube_pod_container_status_last_terminated_reason", "Completed", samples(1), "", 0},
		{"kube_pod_status_unschedulable", "", samples(1), kube.Scheduling, 1},
		{"kube_pod_status_reason", "Evicted", samples(1), kube.Evicted, 1},
		{"kube_pod_container_status_ready", "", samples(0, 0), kube.NotReady, 1},
		{"kube_endpoint_address_available", "", samples(0), kube.Endpoints, 1},
		{"kube_pod_container_status_restarts_total", "", samples(7, 7, 9), kube.Crash, 2},
		{"kube_pod_container_status_restarts_total", "", samples(7, 7), "", 0},
		{"kube_pod_container_status_restarts_total", "young pod", samples(3, 3), kube.Crash, 3},
		{"certmanager_certificate_ready_status", "", samples(1), kube.Certificate, 1},
		{"kube_pod_status_ready", "", nil, "", 0},
	} {
		got, ok := kube.ReadSeries(evidence.Series{Name: c.name, Labels: map[string]string{"reason": c.reason}, Samples: c.samples})
		if ok != (c.want != "") || got.Reason != c.want || got.Count != c.count {
			t.Errorf("%s %s: got %q %d times (%v), want %q %d times", c.name, c.reason, got.Reason, got.Count, ok, c.want, c.count)
		}
	}
}

func TestStatesOfOneWorkloadAreOne(t *testing.T) {
	at := func(m int) time.Time { return noon.Add(time.Duration(m) * time.Minute) }
	got := kube.Merge([]kube.State{
		{Reason: kube.Probe, Workload: "till", From: at(1), Until: at(1), Count: 1},
		{Reason: kube.Image, Workload: "till", Detail: "ImagePullBackOff", From: at(2), Until: at(3), Count: 1},
		{Reason: kube.Image, Workload: "till", Detail: "image r/x:1 is not found", From: at(1), Until: at(2), Count: 4},
		{Reason: kube.Crash, Workload: "cart", From: at(0), Until: at(0), Count: 1},
	})
	want := []kube.State{
		{Reason: kube.Crash, Workload: "cart", From: at(0), Until: at(0), Count: 1},
		{Reason: kube.Image, Workload: "till", Detail: "image r/x:1 is not found", From: at(1), Until: at(3), Count: 5},
		{Reason: kube.Probe, Workload: "till", From: at(1), Until: at(1), Count: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHowAContainerEndedLongAgoIsOfThePast(t *testing.T) {
	labels := map[string]string{"namespace": "shop", "pod": "till-0", "container": "till"}
	s := evidence.Series{Name: "kube_pod_container_status_last_terminated_reason", Labels: labels, Samples: []evidence.Sample{{Time: noon}}}
	no, yes := func(map[string]string) bool { return false }, func(l map[string]string) bool { return kube.Container(l) == "shop/till-0/till" }
	if !kube.Rests(s, noon, no) {
		t.Error("there from the start and not restarted: got a state of now, want one of the past")
	}
	if kube.Rests(s, noon, yes) || kube.Rests(s, noon.Add(-time.Minute), no) {
		t.Error("restarted, or there only later: got a state of the past, want one of now")
	}
}
