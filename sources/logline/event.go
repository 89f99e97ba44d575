package logline

import (
	"cmp"
	"maps"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// An event of Kubernetes comes in the words of whoever ships it. It is given the
// names of OpenTelemetry's k8s_events receiver, so that there is one to look for.
const (
	EventReason     = "k8s.event.reason"
	EventCount      = "k8s.event.count" // how often it happened so far
	EventObjectKind = "k8s.object.kind"
	EventObjectName = "k8s.object.name"
	EventNamespace  = "k8s.namespace.name"
	EventNode       = "k8s.node.name"
)

// eventForms are where the parts of an event stand, by the shipper: the whole
// object as kubernetes-event-exporter and stanza write it, the same one level
// down as the k8sobjects receiver watches it and as eventrouter wraps it, the
// object of events.k8s.io/v1, the names that Python's client gives, Google's
// logging around the object, Azure's KubeEvents, and the flat fields of Alloy and
// of the layouts that people give to the exporter.
var eventForms = []struct{ reason, typ, kind, name, namespace, node, count, message string }{
	{"reason", "type", "involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "source.host", "count", "message"},
	{"object.reason", "object.type", "object.involvedObject.kind", "object.involvedObject.name", "object.involvedObject.namespace", "object.source.host", "object.count", "object.message"},
	{"event.reason", "event.type", "event.involvedObject.kind", "event.involvedObject.name", "event.involvedObject.namespace", "event.source.host", "event.count", "event.message"},
	{"reason", "type", "regarding.kind", "regarding.name", "regarding.namespace", "deprecatedSource.host", "deprecatedCount", "note"},
	{"reason", "type", "involved_object.kind", "involved_object.name", "involved_object.namespace", "source.host", "count", "message"},
	{"jsonPayload.reason", "jsonPayload.type", "jsonPayload.involvedObject.kind", "jsonPayload.involvedObject.name", "jsonPayload.involvedObject.namespace", "jsonPayload.source.host", "jsonPayload.count", "jsonPayload.message"},
	{"Reason", "KubeEventType", "ObjectKind", "Name", "Namespace", "Computer", "Count", "Message"},
	{"reason", "type", "kind", "name", "namespace", "sourcehost", "count", "msg"},
}

// event names the parts of an event of Kubernetes. Its type settles how bad the
// line is: a reason is no error, and the words of a probe are somebody else's.
func event(l *evidence.LogLine) {
	if l.Attributes[EventReason] != "" {
		// The receiver puts the object into the resource.
		nameEvent(l, map[string]string{EventObjectKind: l.Resource[EventObjectKind], EventObjectName: l.Resource[EventObjectName], EventNode: l.Resource[EventNode]})
		return
	}
	for _, f := range eventForms {
		reason, kind, name, typ := l.Attributes[f.reason], l.Attributes[f.kind], l.Attributes[f.name], l.Attributes[f.typ]
		if reason == "" || kind == "" || name == "" {
			continue
		}
		switch {
		case strings.EqualFold(typ, "warning"):
			l.Severity = evidence.SeverityWarn
		case strings.EqualFold(typ, "normal"):
			l.Severity = evidence.SeverityInfo
		default:
			continue // some other program's reason
		}
		nameEvent(l, map[string]string{
			EventReason: reason, EventObjectKind: kind, EventObjectName: name, EventCount: l.Attributes[f.count],
			EventNamespace: cmp.Or(l.Attributes[f.namespace], l.Resource["namespace"], l.Resource[EventNamespace]), EventNode: l.Attributes[f.node],
		})
		l.Message = cmp.Or(l.Message, l.Attributes[f.message])
		return
	}
}

// nameEvent adds attributes to a copy; what is there already stays.
func nameEvent(l *evidence.LogLine, parts map[string]string) {
	out := make(map[string]string, len(l.Attributes)+len(parts))
	maps.Copy(out, l.Attributes)
	for k, v := range parts {
		if v != "" && out[k] == "" {
			out[k] = v
		}
	}
	l.Attributes = out
}
