// Package kube reads what Kubernetes says about a workload that does not run:
// from events, as the usual exporters ship them to a log store, and from the
// series of kube-state-metrics. A pod that waits for an image is in trouble
// whatever was normal before, so that none of this needs a baseline.
package kube

import (
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Reason is why a workload does not run as it should.
type Reason string

// The reasons, gravest and most telling first. Those up to Evicted keep a
// workload from running by themselves; what follows may be the effect of
// something that it needs.
const (
	Image      Reason = "image"      // cannot be pulled
	Config     Reason = "config"     // a ConfigMap, Secret or key is missing, or the container cannot be made
	Quota      Reason = "quota"      // of the namespace is used up
	Denied     Reason = "denied"     // the API server refuses to make its pods
	Mount      Reason = "mount"      // a volume cannot be attached or mounted
	Scheduling Reason = "scheduling" // no node takes it
	Sandbox    Reason = "sandbox"    // the node cannot set its network or sandbox up
	OOM        Reason = "oom"        // killed at its memory limit
	Evicted    Reason = "evicted"    // taken off its node
	Crash      Reason = "crash"      // exits again and again
	Probe      Reason = "probe"      // its probes fail
	Endpoints  Reason = "endpoints"  // nothing stands behind its service
	NotReady   Reason = "not-ready"  // replicas are missing and nothing says why
)

// Reasons are all reasons in the order of their weight.
func Reasons() []Reason {
	return []Reason{Image, Config, Quota, Denied, Mount, Scheduling, Sandbox, OOM, Evicted, Crash, Probe, Endpoints, NotReady}
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

// EventStreams are what exporters call their stream of events: OpenTelemetry's
// k8s_events receiver has no name of its own, Alloy and Grafana Agent, the
// kubernetes-event-exporter, eventrouter, Fluent Bit.
var EventStreams = []string{
	"kubernetes-events", "kubernetes_events", "k8s-events", "k8s_events", "k8sevents", "k8seventsreceiver", "loki.source.kubernetes_events", "integrations/kubernetes/eventhandler",
	"kubernetes-event-exporter", "event-exporter", "eventrouter", "kube-events", "unknown_service",
}

// ReadEvent reads an event from a log line; false for a line that is none.
func ReadEvent(l *evidence.LogLine) (Event, bool) {
	at := func(names ...string) string {
		for _, n := range names {
			if x := l.Attributes[n]; x != "" {
				return x
			}
			if x := l.Resource[n]; x != "" {
				return x
			}
		}
		return ""
	}
	e := Event{
		Time: l.Time, Count: 1,
		Kind:      at("k8s.object.kind", "involvedObject.kind", "event.involvedObject.kind", "regarding.kind"),
		Name:      at("k8s.object.name", "involvedObject.name", "event.involvedObject.name", "regarding.name", "name"),
		Reason:    at("k8s.event.reason", "reason", "event.reason"),
		Component: at("source.component", "event.source.component", "sourcecomponent", "reportingComponent", "reportingcontroller"),
	}
	if kind := at("kind"); e.Kind == "" && slices.Contains(kinds, kind) {
		e.Kind = kind // logfmt's, a word that others use too
	}
	if e.Kind == "" || e.Name == "" || !isReason(e.Reason) {
		return Event{}, false
	}
	typed := at("type", "event.type", "k8s.event.type")
	e.Message = l.Message
	if e.Message == "" || strings.HasPrefix(e.Message, "{") {
		e.Message = at("message", "event.message", "note", "msg")
	}
	if e.Message == "" && !strings.HasPrefix(l.Body, "{") {
		e.Message = l.Body
	}
	e.Warning = strings.EqualFold(typed, "warning") || typed == "" && l.Severity >= evidence.SeverityWarn
	if n := number(at("k8s.event.count", "count", "event.count")); n > 1 {
		e.Count = n
	}
	e.First = e.Time.Add(-time.Duration(e.Count-1) * oftenest)
	for _, name := range []string{"k8s.event.start_time", "firstTimestamp", "event.firstTimestamp"} {
		if t, err := time.Parse(time.RFC3339, at(name)); err == nil && t.Before(e.First) {
			e.First = t
		}
	}
	return e, true
}

// kinds are the objects that have events, of those that come with Kubernetes.
var kinds = []string{
	"Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Node", "Service", "Endpoints", "EndpointSlice", "Ingress",
	"HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim", "PersistentVolume", "ConfigMap", "Secret", "Namespace", "ResourceQuota",
}

// oftenest is how soon the same event can come again: probes are at least a
// second apart, and what fails is tried again after ten seconds and more.
const oftenest = 5 * time.Second

// isReason tells a reason of an event, one word in upper camel case, from any
// other field of that name.
func isReason(s string) bool {
	if len(s) < 3 || len(s) > 80 || s[0] < 'A' || s[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') })
}

func number(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1_000_000 {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}
