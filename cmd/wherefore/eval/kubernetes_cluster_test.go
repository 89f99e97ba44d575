package eval_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// cluster gathers what an incident's lines say happened in a cluster, as
// kube-state-metrics, an exporter of events and a shipper of logs tell it:
//
//	truth SERVICE[|SERVICE] MECHANISM[|MECHANISM]
//	alert NAME KEY=VALUE...
//	expr PROMQL                                      of the alert's rule
//	events alloy|exporter|eventrouter|otel NAMESPACE how events are shipped, and where all is
//	calls CALLER>CALLEE...
//	pod [NAMESPACE/]NAME NODE [phase= ready= waiting= last= terminated= restarts=FROM:TO init= initrestarts= status= unschedulable age=]
//	deployment NAME want=N ready=N
//	endpoints NAME ready=N [notready=N]
//	address IP NAME
//	node NAME [CONDITION[=unknown]]
//	pvc NAME PHASE
//	hpa NAME current=N max=N [limited]
//	series METRIC VALUE...                           spread evenly over what is recorded
//	counter METRIC RATE                              a second
//	event [NAMESPACE/]KIND NAME REASON TYPE COUNT AGO | MESSAGE
//	log [NAMESPACE/]POD CONTAINER AGO xTIMES EVERY | LINE
type cluster struct {
	alert     evidence.Alert
	rules     []evidence.Rule
	edges     []evidence.Edge
	lines     []evidence.LogLine
	series    []evidence.Series
	label     bundle.Label
	names     []string // of services and of what else may be blamed
	namespace string
	shipper   string
}

var (
	kubeFired = time.Date(2026, 4, 14, 9, 30, 0, 0, time.UTC)
	// kubeBegan is when the first sample is there: the fault was before.
	kubeBegan = kubeFired.Add(-5 * time.Minute)
)

const kubeScraped = 30 * time.Second

func newCluster() *cluster { return &cluster{} }

// candidates are all that are named, so that no answer is given away.
func (c *cluster) candidates() []string {
	list := slices.Clone(c.names)
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *cluster) fact(line string) error {
	head, text, _ := strings.Cut(line, " | ")
	f := strings.Fields(head)
	if len(f) < 2 {
		return fmt.Errorf("%q says nothing", line)
	}
	switch what, f := f[0], f[1:]; what {
	case "truth":
		c.truth(f)
	case "alert":
		labels := pairs(f[1:])
		labels["alertname"] = f[0]
		c.alert = evidence.Alert{Status: "firing", Labels: labels, Instances: []evidence.AlertInstance{{Status: "firing", Labels: labels, StartsAt: kubeFired}}}
	case "expr":
		c.rules = append(c.rules, evidence.Rule{Name: c.alert.Labels["alertname"], Group: "rules", Expr: strings.TrimPrefix(line, "expr "), For: time.Minute})
	case "events":
		c.shipper, c.namespace = f[0], f[1]
	case "calls":
		for _, e := range f {
			caller, callee, _ := strings.Cut(e, ">")
			c.edges = append(c.edges, evidence.Edge{Caller: caller, Callee: callee, Calls: 100})
			c.names = append(c.names, caller, callee)
		}
	case "pod":
		c.pod(f[0], f[1], pairs(f[2:]))
	case "deployment", "endpoints", "node", "pvc", "hpa", "address":
		c.object(what, f[0], pairs(f[1:]))
	case "series":
		values := make([]float64, len(f)-1)
		for i, v := range f[1:] {
			values[i], _ = strconv.ParseFloat(v, 64) // a zero shows in the scores
		}
		c.measured(f[0], values...)
	case "counter":
		rate, err := strconv.ParseFloat(f[1], 64)
		if err != nil {
			return err
		}
		c.measured(f[0], 0, rate*kubeFired.Sub(kubeBegan).Seconds())
	case "event":
		return c.event(f, text)
	case "log":
		return c.log(f, text)
	default:
		return fmt.Errorf("%q is no kind of fact", what)
	}
	return nil
}

func (c *cluster) truth(f []string) {
	services := strings.Split(f[0], "|")
	c.names = append(c.names, services...)
	if c.label = (bundle.Label{Service: services[0]}); len(services) > 1 {
		c.label = bundle.Label{AnyOf: services}
	}
	if !strings.Contains(f[1], "|") {
		c.label.Mechanism = f[1]
	}
}

// pairs are KEY=VALUE; a key alone is "yes".
func pairs(f []string) map[string]string {
	m := map[string]string{}
	for _, x := range f {
		k, v, ok := strings.Cut(x, "=")
		if !ok {
			v = "yes"
		}
		m[k] = v
	}
	return m
}

// add holds a series of kube-state-metrics at values spread over the window.
func (c *cluster) add(name string, labels map[string]string, values ...float64) {
	labels = maps.Clone(labels)
	maps.DeleteFunc(labels, func(_, v string) bool { return v == "" })
	if strings.HasPrefix(name, "kube_") {
		labels["job"], labels["instance"] = "kube-state-metrics", "10.42.0.9:8080"
	}
	s := evidence.Series{Name: name, Labels: labels}
	steps := int(kubeFired.Sub(kubeBegan) / kubeScraped)
	for i := range steps + 1 {
		at := float64(i) / float64(steps) * float64(len(values)-1)
		low := min(int(at), len(values)-1)
		v := values[low]
		if strings.HasSuffix(name, "_total") || strings.HasSuffix(name, "_count") || strings.HasSuffix(name, "_bytes") {
			v += (values[min(low+1, len(values)-1)] - v) * (at - float64(low))
		}
		s.Samples = append(s.Samples, evidence.Sample{Time: kubeBegan.Add(time.Duration(i) * kubeScraped), Value: v})
	}
	c.series = append(c.series, s)
}

// measured adds a series by its text, as NAME{label="value",...}.
func (c *cluster) measured(text string, values ...float64) {
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, "}"), "{")
	labels := map[string]string{}
	for _, p := range strings.Split(rest, ",") {
		if k, v, ok := strings.Cut(p, "="); ok {
			labels[k] = strings.Trim(v, `"`)
		}
	}
	c.add(name, labels, values...)
}

func (c *cluster) inNamespace(name string) (namespace, rest string) {
	if ns, rest, ok := strings.Cut(name, "/"); ok {
		return ns, rest
	}
	return c.namespace, name
}

// container is called as the service that the pod's name begins with.
func (c *cluster) container(pod string) string {
	best := ""
	for _, n := range c.names {
		if strings.HasPrefix(pod, n+"-") && len(n) > len(best) {
			best = n
		}
	}
	return cmp.Or(best, pod)
}

func is(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (c *cluster) pod(name, node string, p map[string]string) {
	ns, pod := c.inNamespace(name)
	if node == "-" {
		node = ""
	}
	of := map[string]string{"namespace": ns, "pod": pod, "uid": "3c4f-" + pod}
	with := func(more ...string) map[string]string {
		m := maps.Clone(of)
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	container := c.container(pod)
	age := 72 * time.Hour
	if len(p) > 0 {
		age = 12 * time.Minute
	}
	if days, ok := strings.CutSuffix(p["age"], "d"); ok {
		n, _ := strconv.Atoi(days)
		age = time.Duration(n) * 24 * time.Hour
	}
	c.add("kube_pod_info", with("node", node, "created_by_kind", "ReplicaSet", "host_network", "false"), 1)
	c.add("kube_pod_start_time", of, float64(kubeFired.Add(-age).Unix()))
	phase := cmp.Or(p["phase"], "Running")
	for _, x := range []string{"Pending", "Succeeded", "Failed", "Unknown", "Running"} {
		c.add("kube_pod_status_phase", with("phase", x), is(x == phase))
	}
	ready := cmp.Or(p["ready"], "1")
	c.add("kube_pod_status_ready", with("condition", "true"), is(ready == "1"))
	c.add("kube_pod_status_ready", with("condition", "false"), is(ready != "1"))
	c.add("kube_pod_status_ready", with("condition", "unknown"), 0)
	if p["unschedulable"] != "" {
		c.add("kube_pod_status_unschedulable", of, 1)
		return
	}
	if p["status"] != "" {
		for _, x := range []string{"Evicted", "NodeAffinity", "NodeLost", "Shutdown", "UnexpectedAdmissionError"} {
			c.add("kube_pod_status_reason", with("reason", x), is(x == p["status"]))
		}
		return
	}
	c.add("kube_pod_container_status_ready", with("container", container), is(ready != "0"))
	from, to, _ := strings.Cut(cmp.Or(p["restarts"], "0:0"), ":")
	a, _ := strconv.ParseFloat(from, 64)
	b, err := strconv.ParseFloat(to, 64)
	if err != nil {
		b = a
	}
	c.add("kube_pod_container_status_restarts_total", with("container", container), a, b)
	for key, metric := range map[string]string{
		"waiting": "kube_pod_container_status_waiting_reason", "last": "kube_pod_container_status_last_terminated_reason",
		"terminated": "kube_pod_container_status_terminated_reason", "init": "kube_pod_init_container_status_waiting_reason",
	} {
		if p[key] != "" {
			c.add(metric, with("container", map[bool]string{true: "migrate", false: container}[key == "init"], "reason", p[key]), 1)
		}
	}
}

func (c *cluster) object(what, name string, p map[string]string) {
	number := func(key string) float64 {
		n, _ := strconv.ParseFloat(p[key], 64) // what is not said is none
		return n
	}
	ns := map[string]string{"namespace": c.namespace}
	with := func(more ...string) map[string]string {
		m := maps.Clone(ns)
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	switch what {
	case "deployment":
		of := with("deployment", name)
		c.add("kube_deployment_spec_replicas", of, number("want"))
		c.add("kube_deployment_status_replicas_available", of, number("ready"))
		c.add("kube_deployment_status_replicas_ready", of, number("ready"))
		c.add("kube_deployment_status_replicas_unavailable", of, number("want")-number("ready"))
	case "endpoints":
		c.add("kube_endpoint_address_available", with("endpoint", name), number("ready"))
		c.add("kube_endpoint_address_not_ready", with("endpoint", name), number("notready"))
	case "address":
		for ip := range p {
			c.add("kube_endpoint_address", with("endpoint", ip, "ip", name, "port_number", "8443", "ready", "true"), 1)
		}
	case "node":
		for _, condition := range []string{"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"} {
			status := cmp.Or(p[condition], map[bool]string{true: "true", false: "false"}[condition == "Ready"])
			if status == "yes" {
				status = "true"
			}
			for _, x := range []string{"true", "false", "unknown"} {
				c.add("kube_node_status_condition", map[string]string{"node": name, "condition": condition, "status": x}, is(x == status))
			}
		}
	case "pvc":
		for _, x := range []string{"Lost", "Bound", "Pending"} {
			c.add("kube_persistentvolumeclaim_status_phase", with("persistentvolumeclaim", name, "phase", x), is(p[x] != ""))
		}
	case "hpa":
		of := with("horizontalpodautoscaler", name)
		c.add("kube_horizontalpodautoscaler_status_current_replicas", of, number("current"))
		c.add("kube_horizontalpodautoscaler_spec_max_replicas", of, number("max"))
		c.add("kube_horizontalpodautoscaler_status_condition", with("horizontalpodautoscaler", name, "condition", "ScalingLimited", "status", "true"), is(p["limited"] != ""))
	}
}

// event ships one event the way that the incident's exporter does.
func (c *cluster) event(f []string, message string) error {
	if len(f) != 6 {
		return fmt.Errorf("an event has 6 words before its message, not %d", len(f))
	}
	ns, kind := c.inNamespace(f[0])
	name, reason, typ, count := f[1], f[2], f[3], f[4]
	ago, err := time.ParseDuration(f[5])
	if err != nil {
		return err
	}
	at := kubeFired.Add(ago)
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	stamp := at.Format(time.RFC3339)
	object := map[string]any{
		"metadata": map[string]any{"name": name + ".17b2f0c4a1d3e5f7", "namespace": ns, "creationTimestamp": stamp},
		"reason":   reason, "message": message, "source": map[string]any{"component": "kubelet"},
		"firstTimestamp": stamp, "lastTimestamp": stamp, "count": n, "type": typ, "eventTime": nil, "reportingComponent": "kubelet",
		"involvedObject": map[string]any{"kind": kind, "namespace": ns, "name": name, "apiVersion": "v1"},
	}
	l := evidence.LogLine{Time: at, Service: "kubernetes-events"}
	switch c.shipper {
	case "alloy":
		l.Service, l.Resource = "loki.source.kubernetes_events", map[string]string{"job": "loki.source.kubernetes_events", "namespace": ns}
		l.Body = fmt.Sprintf("name=%s kind=%s objectAPIversion=v1 objectRV=90211 eventRV=90310 reportingcontroller=kubelet sourcecomponent=kubelet reason=%s type=%s count=%s msg=%q", name, kind, reason, typ, count, message)
	case "exporter":
		l.Service, l.Resource = "kubernetes-event-exporter", map[string]string{"app": "kubernetes-event-exporter", "namespace": "monitoring"}
		l.Body = compactJSON(object)
	case "eventrouter":
		l.Service, l.Resource = "eventrouter", map[string]string{"app": "eventrouter", "namespace": "kube-system"}
		l.Body = compactJSON(map[string]any{"verb": "UPDATED", "event": object})
	case "otel":
		l.Resource = map[string]string{"k8s.object.kind": kind, "k8s.object.name": name}
		l.Attributes = map[string]string{"k8s.event.reason": reason, "k8s.event.count": count, "k8s.namespace.name": ns}
		l.Body, l.Severity = message, evidence.SeverityInfo
		if typ == "Warning" {
			l.Severity = evidence.SeverityWarn
		}
	default:
		return fmt.Errorf("nobody ships events as %q", c.shipper)
	}
	c.lines = append(c.lines, l)
	return nil
}

func compactJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps of texts and numbers
	}
	return string(raw)
}

// log ships a pod's line, as often as it says.
func (c *cluster) log(f []string, text string) error {
	if len(f) != 5 {
		return fmt.Errorf("a line has 5 words before its text, not %d", len(f))
	}
	ns, pod := c.inNamespace(f[0])
	ago, err := time.ParseDuration(f[2])
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(strings.TrimPrefix(f[3], "x"))
	if err != nil {
		return err
	}
	every, err := time.ParseDuration(f[4])
	if err != nil {
		return err
	}
	app := c.container(pod)
	labels := map[string]string{"namespace": ns, "pod": pod, "container": f[1], "app": app, "job": ns + "/" + app}
	for i := range times {
		c.lines = append(c.lines, evidence.LogLine{Time: kubeFired.Add(ago + time.Duration(i)*every), Service: app, Resource: labels, Body: text})
	}
	return nil
}
