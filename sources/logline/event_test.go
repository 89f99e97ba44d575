package logline_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// TestAnEventReadsAlikeWhoeverShipsIt has the forms in which exporters send
// events to Loki.
func TestAnEventReadsAlikeWhoeverShipsIt(t *testing.T) {
	const whole = `{"metadata":{"name":"cart-7d9f-x2x.17a1","namespace":"shop"},"reason":"BackOff","message":"Back-off pulling image","source":{"component":"kubelet","host":"node-1"},"lastTimestamp":"2026-03-01T12:08:30Z","count":7,"type":"TYPE","involvedObject":{"kind":"Pod","namespace":"shop","name":"cart-7d9f-x2x","fieldPath":"spec.containers{cart}","labels":{"app":"cart"}}}`
	for name, l := range map[string]evidence.LogLine{
		"kubernetes-event-exporter": {Body: whole},
		"k8sobjects receiver":       {Body: `{"object":` + strings.Replace(whole, `{"metadata"`, `{"apiVersion":"v1","kind":"Event","metadata"`, 1) + `,"type":"ADDED"}`},
		"eventrouter":               {Body: `{"verb":"ADDED","event":` + whole + `}`},
		"events.k8s.io":             {Body: `{"metadata":{"namespace":"shop"},"reason":"BackOff","note":"Back-off pulling image","type":"TYPE","deprecatedCount":7,"deprecatedSource":{"host":"node-1"},"regarding":{"kind":"Pod","namespace":"shop","name":"cart-7d9f-x2x"}}`},
		"Python's client":           {Body: strings.Replace(whole, "involvedObject", "involved_object", 1)},
		"Google's logging":          {Body: `{"insertId":"q","jsonPayload":` + whole + `,"severity":"WARNING"}`},
		"Azure's KubeEvents":        {Body: `{"Computer":"node-1","ObjectKind":"Pod","Name":"cart-7d9f-x2x","Namespace":"shop","Reason":"BackOff","Message":"Back-off pulling image","KubeEventType":"TYPE","Count":7}`},
		"alloy, logfmt":             {Resource: map[string]string{"namespace": "shop", "job": "loki.source.kubernetes_events"}, Body: `name=cart-7d9f-x2x kind=Pod objectAPIversion=v1 objectRV=1 eventRV=2 reportingcontroller=kubelet sourcecomponent=kubelet sourcehost=node-1 reason=BackOff type=TYPE count=7 msg="Back-off pulling image"`},
		"alloy, json":               {Resource: map[string]string{"namespace": "shop"}, Body: `{"name":"cart-7d9f-x2x","kind":"Pod","objectAPIversion":"v1","sourcehost":"node-1","reason":"BackOff","type":"TYPE","count":7,"msg":"Back-off pulling image"}`},
		"a layout of one's own":     {Body: `{"message":"Back-off pulling image","reason":"BackOff","type":"TYPE","count":"7","kind":"Pod","name":"cart-7d9f-x2x","namespace":"shop","sourcehost":"node-1"}`},
		"k8s_events receiver": {
			Body: "Back-off pulling image", Severity: evidence.SeverityWarn,
			Attributes: map[string]string{"k8s.event.reason": "BackOff", "k8s.event.count": "7", "k8s.namespace.name": "shop"},
			Resource:   map[string]string{"k8s.object.kind": "Pod", "k8s.object.name": "cart-7d9f-x2x", "k8s.node.name": "node-1"},
		},
	} {
		for typ, severity := range map[string]evidence.Severity{"Warning": evidence.SeverityWarn, "Normal": evidence.SeverityInfo} {
			if name == "k8s_events receiver" && typ == "Normal" {
				continue // says so by its severity
			}
			l := l
			l.Body = strings.Replace(l.Body, "TYPE", typ, 1)
			before := maps.Clone(l.Attributes)
			given := l.Attributes
			logline.Default.Read(&l)
			for k, want := range map[string]string{
				logline.EventReason: "BackOff", logline.EventCount: "7", logline.EventObjectKind: "Pod", logline.EventObjectName: "cart-7d9f-x2x", logline.EventNamespace: "shop", logline.EventNode: "node-1",
			} {
				if l.Attributes[k] != want {
					t.Errorf("%s, %s: %s is %q, want %q in %v", name, typ, k, l.Attributes[k], want, l.Attributes)
				}
			}
			if l.Severity != severity || l.Text() != "Back-off pulling image" {
				t.Errorf("%s, %s: got %v %q, want %v and the event's message", name, typ, l.Severity, l.Text(), severity)
			}
			if !maps.Equal(before, given) {
				t.Errorf("%s: the attributes of the caller were written to", name)
			}
		}
	}
}

func TestAReasonAloneIsNoEvent(t *testing.T) {
	for _, body := range []string{
		`{"level":"info","msg":"closed","reason":"idle","kind":"http","name":"pool-1","type":"client"}`,
		`{"level":"info","msg":"closed","reason":"idle","type":"Normal"}`,
		`level=info msg=x type=Warning kind=Pod name=a`,
	} {
		l := evidence.LogLine{Body: body}
		logline.Default.Read(&l)
		if l.Attributes[logline.EventReason] != "" {
			t.Errorf("%s: taken for an event: %v", body, l.Attributes)
		}
	}
}
