package gather

import (
	"slices"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// TestWhoseStateTheClusterTells has one event or one series each, about a thing
// that is no pod: a node, or a claim of a volume, which is its workload's.
func TestWhoseStateTheClusterTells(t *testing.T) {
	at := casetest.WorldNow.Add(-5 * time.Minute)
	event := func(kind, name, reason string) evidence.LogLine {
		return evidence.LogLine{Time: at, Body: "said of " + name, Severity: evidence.SeverityWarn, Attributes: map[string]string{"k8s.event.reason": reason},
			Resource: map[string]string{"k8s.object.kind": kind, "k8s.object.name": name}}
	}
	series := func(name string, labels map[string]string) evidence.Series {
		return evidence.Series{Name: name, Labels: labels, Samples: []evidence.Sample{{Time: at, Value: 1}, {Time: at.Add(time.Minute), Value: 1}}}
	}
	type labels = map[string]string
	for name, c := range map[string]struct {
		event    []evidence.LogLine
		series   []evidence.Series
		reason   kube.Reason
		workload string
	}{
		"a node that is not ready, by event":   {[]evidence.LogLine{event("Node", "w3", "NodeNotReady")}, nil, kube.Node, "w3"},
		"a node that is not ready, by series":  {nil, []evidence.Series{series("kube_node_status_condition", labels{"node": "w3", "condition": "Ready", "status": "false", "job": "kube-state-metrics"})}, kube.Node, "w3"},
		"a node short of disk":                 {nil, []evidence.Series{series("kube_node_status_condition", labels{"node": "w3", "condition": "DiskPressure", "status": "true"})}, kube.Node, "w3"},
		"a claim of a StatefulSet, by event":   {[]evidence.LogLine{event("PersistentVolumeClaim", "data-ledger-db-0", "ProvisioningFailed")}, nil, kube.Mount, "ledger-db"},
		"a claim of a StatefulSet, by series":  {nil, []evidence.Series{series("kube_persistentvolumeclaim_status_phase", labels{"persistentvolumeclaim": "data-ledger-db-0", "phase": "Pending"})}, kube.Mount, "ledger-db"},
		"a claim of a Deployment":              {[]evidence.LogLine{event("PersistentVolumeClaim", "uploads-till", "FailedBinding")}, nil, kube.Mount, "till"},
		"a certificate, by event":              {[]evidence.LogLine{event("Certificate", "till-tls", "Failed")}, nil, kube.Certificate, "till"},
		"a certificate's order, by event":      {[]evidence.LogLine{event("Order", "ledger-db-tls-1-2290121", "Failed")}, nil, kube.Certificate, "ledger-db"},
		"a certificate, by series":             {nil, []evidence.Series{series("certmanager_certificate_ready_status", labels{"name": "till-tls", "condition": "False"})}, kube.Certificate, "till"},
		"a claim of nobody that anybody knows": {[]evidence.LogLine{event("PersistentVolumeClaim", "scratch", "FailedBinding")}, nil, kube.Mount, "scratch"},
	} {
		v := &Investigation{names: topology.NewNamer(nil, []string{"ledger-db", "till"}), options: Options{}.WithDefaults(), req: casetest.NewWorld().Request()}
		got := v.states(c.event, c.series, nil)
		if len(got) != 1 || got[0].Reason != c.reason || got[0].Workload != c.workload || len(got[0].Refs) != 1 {
			t.Errorf("%s: got %+v, want %s of %s", name, got, c.reason, c.workload)
		}
	}
}

// TestANodeInTroubleIsWhatItsPodsNeed: pods are told of their node's trouble, by
// kube-state-metrics or by the events about them, and lead to it. A workload of the
// same name in another namespace is another one.
func TestANodeInTroubleIsWhatItsPodsNeed(t *testing.T) {
	at := casetest.WorldNow.Add(-5 * time.Minute)
	event := func(kind, name, reason, namespace, node string) evidence.LogLine {
		return evidence.LogLine{Time: at, Body: "said of " + name, Severity: evidence.SeverityWarn,
			Attributes: map[string]string{"k8s.event.reason": reason, "k8s.node.name": node},
			Resource:   map[string]string{"k8s.object.kind": kind, "k8s.object.name": name, "k8s.namespace.name": namespace}}
	}
	info := evidence.Series{Name: "kube_pod_info", Labels: map[string]string{"pod": "till-6f7c9d8b54-q2wzk", "namespace": "shop", "node": "w3"}}
	for name, c := range map[string]struct {
		events   []evidence.LogLine
		pods     []evidence.Series
		workload string // of the one state, empty for none
		linked   bool
	}{
		"by kube-state-metrics":       {[]evidence.LogLine{event("Pod", "till-6f7c9d8b54-q2wzk", "NodeNotReady", "shop", "")}, []evidence.Series{info}, "w3", true},
		"by the event itself":         {[]evidence.LogLine{event("Pod", "till-6f7c9d8b54-q2wzk", "NodeNotReady", "shop", "w3")}, nil, "w3", true},
		"the node is well":            {[]evidence.LogLine{event("Pod", "till-6f7c9d8b54-q2wzk", "FailedMount", "shop", "w3")}, nil, "till", false},
		"nobody knows its node":       {[]evidence.LogLine{event("Pod", "till-6f7c9d8b54-q2wzk", "NodeNotReady", "shop", "")}, nil, "till", false},
		"another namespace's till":    {[]evidence.LogLine{event("Pod", "till-6f7c9d8b54-q2wzk", "FailedMount", "play", "w3")}, nil, "", false},
		"another namespace's, beside": {[]evidence.LogLine{event("Pod", "shelf-6f7c9d8b54-q2wzk", "FailedMount", "play", "w3")}, nil, "shelf", false},
	} {
		req := casetest.NewWorld().Request()
		req.Alert.Instances = []evidence.AlertInstance{{Labels: map[string]string{"service": "till", "namespace": "shop"}}}
		v := &Investigation{names: topology.NewNamer(nil, []string{"till", "shelf"}), options: Options{}.WithDefaults(), req: req, symptom: symptom{services: []string{"till"}}}
		v.answers.events, v.answers.pods = c.events, c.pods
		v.keepHome()
		got := v.states(v.answers.events, nil, v.answers.pods)
		if c.workload == "" {
			if len(got) != 0 {
				t.Errorf("%s: got %+v, want nothing", name, got)
			}
			continue
		}
		if len(got) != 1 || got[0].Workload != c.workload {
			t.Errorf("%s: got %+v, want one of %s", name, got, c.workload)
		}
		if linked := len(v.residents) == 1 && v.residents[0] == (evidence.Edge{Caller: "till", Callee: "w3"}); linked != c.linked {
			t.Errorf("%s: till needs w3: got %v, want %v", name, linked, c.linked)
		}
	}
}

// TestAResolverInTroubleIsWhatTheyNeedWhoCannotAskIt: an answer that there is no such
// name is none of its failures, nor is a line about itself.
func TestAResolverInTroubleIsWhatTheyNeedWhoCannotAskIt(t *testing.T) {
	for body, linked := range map[string]bool{
		`Get "http://ledger": dial tcp: lookup ledger on 10.96.0.10:53: read udp 10.0.0.4:4000->10.96.0.10:53: i/o timeout`: true,
		"getaddrinfo EAI_AGAIN ledger": true,
		"java.net.UnknownHostException: ledger: Temporary failure in name resolution": true,
		"dial tcp: lookup ledgr on 10.96.0.10:53: no such host":                       false,
		"dial tcp 10.0.0.9:80: connect: connection refused":                           false,
	} {
		for _, resolver := range []string{"coredns", "ledger"} {
			v := &Investigation{names: topology.NewNamer(nil, []string{"till", resolver}), options: Options{}.WithDefaults(), req: casetest.NewWorld().Request()}
			v.answers.logs = []evidence.LogLine{{Service: "till", Severity: evidence.SeverityError, Body: body}, {Service: resolver, Severity: evidence.SeverityError, Body: body}}
			v.linkResolver([]kube.State{{Reason: kube.Crash, Workload: resolver}})
			got := slices.Contains(v.residents, evidence.Edge{Caller: "till", Callee: resolver})
			if want := linked && resolver == "coredns"; got != want {
				t.Errorf("%s, %s: got %v, want %v", body, resolver, v.residents, want)
			}
		}
	}
}
