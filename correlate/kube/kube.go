// Package kube reads what Kubernetes says about a workload that does not run:
// from events, as the usual exporters ship them to a log store, and from the
// series of kube-state-metrics. A pod that waits for an image is in trouble
// whatever was normal before, so that none of this needs a baseline.
package kube

import (
	"cmp"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Reason is why a workload does not run as it should.
type Reason string

// The reasons, gravest and most telling first. Those up to Evicted keep a
// workload from running by themselves; what follows may be the effect of
// something that it needs.
const (
	Image       Reason = "image"       // cannot be pulled
	Config      Reason = "config"      // a ConfigMap, Secret or key is missing, or the container cannot be made
	Quota       Reason = "quota"       // of the namespace is used up
	Denied      Reason = "denied"      // the API server refuses to make its pods
	Mount       Reason = "mount"       // a volume cannot be attached or mounted
	Scheduling  Reason = "scheduling"  // no node takes it
	Sandbox     Reason = "sandbox"     // the node cannot set its network or sandbox up
	Certificate Reason = "certificate" // cert-manager cannot renew it
	Node        Reason = "node"        // it is one, and not ready or short of something
	OOM         Reason = "oom"         // killed at its memory limit
	Evicted     Reason = "evicted"     // taken off its node
	Crash       Reason = "crash"       // exits again and again
	Probe       Reason = "probe"       // its probes fail
	Endpoints   Reason = "endpoints"   // nothing stands behind its service
	NotReady    Reason = "not-ready"   // replicas are missing and nothing says why
)

// Reasons are all reasons in the order of their weight.
func Reasons() []Reason {
	return []Reason{Image, Config, Quota, Denied, Mount, Scheduling, Sandbox, Certificate, Node, OOM, Evicted, Crash, Probe, Endpoints, NotReady}
}

// State is one sign that a workload does not run as it should.
type State struct {
	Reason Reason
	// Workload is the name of the pod's owner or of the object itself.
	Workload string
	Detail   string // in Kubernetes' own words; empty for a series without any
	// From and Until are when it was seen first and last; Count is how often.
	From, Until time.Time
	Count       int
}

// Event is one Kubernetes event.
type Event struct {
	Time      time.Time
	First     time.Time // when it was seen first, at the latest
	Kind      string    // of the object, as Pod
	Name      string    // of the object
	Reason    string
	Message   string
	Component string // that reported it, as kubelet; mostly empty
	Warning   bool
	Count     int // at least 1
}

// EventStreams are what exporters call their stream of events: Alloy and Grafana
// Agent, the kubernetes-event-exporter, eventrouter, Fluent Bit. OpenTelemetry's
// k8s_events receiver has no name of its own and is given one of the first.
var EventStreams = []string{
	"kubernetes-events", "kubernetes_events", "k8s-events", "k8s_events", "k8sevents", "k8seventsreceiver", "loki.source.kubernetes_events", "integrations/kubernetes/eventhandler",
	"kubernetes-event-exporter", "event-exporter", "eventrouter", "kube-events",
}

// ReadEvent reads an event from a log line that bears the names of
// OpenTelemetry's receiver, which the reader of log lines gives to every
// exporter's; false for a line that is none.
func ReadEvent(l *evidence.LogLine) (Event, bool) {
	e := Event{
		Time: l.Time, Count: 1, Message: l.Text(), Warning: l.Severity >= evidence.SeverityWarn,
		Kind:   cmp.Or(l.Attributes["k8s.object.kind"], l.Resource["k8s.object.kind"]),
		Name:   cmp.Or(l.Attributes["k8s.object.name"], l.Resource["k8s.object.name"]),
		Reason: l.Attributes["k8s.event.reason"],
	}
	if e.Kind == "" || e.Name == "" || e.Reason == "" {
		return Event{}, false
	}
	if n := number(l.Attributes["k8s.event.count"]); n > 1 {
		e.Count = n
	}
	e.First = e.Time.Add(-time.Duration(e.Count-1) * oftenest)
	for _, name := range []string{"k8s.event.start_time", "firstTimestamp", "object.firstTimestamp", "event.firstTimestamp"} {
		if t, err := time.Parse(time.RFC3339, l.Attributes[name]); err == nil && t.Before(e.First) {
			e.First = t
		}
	}
	return e, true
}

// oftenest is how soon the same event can come again: probes are at least a
// second apart, and what fails is tried again after ten seconds and more.
const oftenest = 5 * time.Second

// mostCount bounds a number: no count of events comes near it.
const mostCount = 1_000_000

func number(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > mostCount {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}
