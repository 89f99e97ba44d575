package gather

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// eventLines bounds how many lines of events are read for each side of the
// suspect window's start.
const eventLines = 3000

// askEvents reads the platform's events. They are kept as lines with the
// workload's name as their service, which is nobody's log.
func (v *Investigation) askEvents(ctx context.Context) []evidence.LogLine {
	if v.sources.Logs == nil {
		return nil
	}
	suspect := v.suspectWindow()
	suspect.End = suspect.End.Add(1) // both ends of the survey are included
	windows := []evidence.Window{{Start: v.span.Start, End: suspect.Start}, suspect}
	got := make([][]evidence.LogLine, len(windows))
	var steps []func()
	for i, w := range windows {
		if w.Duration() > 0 {
			steps = append(steps, func() {
				got[i], _, _ = v.askLogs(ctx, evidence.TopicKubernetesEvents, evidence.LogQuery{Services: slices.Clone(kube.EventStreams), Window: w, Limit: eventLines}, true)
			})
		}
	}
	v.Together(steps...)
	return slices.Concat(got...)
}

// askStates asks kube-state-metrics what does not run, where discovery met it.
func (v *Investigation) askStates(ctx context.Context, found []discovered) (states, pods []evidence.Series) {
	if !slices.ContainsFunc(found, func(d discovered) bool { return strings.HasPrefix(d.name, "kube_") }) {
		return nil, nil
	}
	queries := kube.Queries()
	all := slices.Concat(queries, []string{kube.PodLabels, kube.PodNodes})
	got := make([][]evidence.Series, len(all))
	var steps []func()
	for i, q := range all {
		steps = append(steps, func() {
			got[i] = v.queryRange(ctx, evidence.TopicWorkloads, q, v.metricWindow())
			for j := range got[i] {
				got[i][j].Expr = q
			}
		})
	}
	v.Together(steps...)
	return slices.Concat(got[:len(queries)]...), slices.Concat(got[len(queries):]...)
}

// states are the signs that workloads do not run, under their entities' names.
// A workload that no source knows becomes one: what never ran has no telemetry.
func (v *Investigation) states(events []evidence.LogLine, series, pods []evidence.Series) []gathered.State {
	of := v.podOwners(pods)
	nodes := nodesOf(events, pods)
	refs := map[string][]evidence.Ref{}
	var list []kube.State
	add := func(s kube.State, name string, ref evidence.Ref) {
		if name == "" {
			return
		}
		v.names.Learn(name)
		s.Workload = v.names.Name(name)
		list = append(list, s)
		key := s.Workload + "\x00" + string(s.Reason)
		ref.Service = s.Workload
		if len(refs[key]) < mostRefs {
			refs[key] = append(refs[key], ref)
		}
	}
	for i := range events {
		e, ok := kube.ReadEvent(&events[i])
		if !ok {
			continue
		}
		if r, bad := kube.Classify(e); bad {
			name := e.Workload(of)
			switch {
			case e.Kind == "PersistentVolumeClaim":
				name = v.claimant(e.Name)
			case r == kube.Certificate:
				name = v.certified(e.Name)
			case e.Kind == "Pod" && r == kube.Node:
				name = cmp.Or(nodes[e.Name], name) // it tells its pods what it suffers from
			}
			add(kube.State{Reason: r, Detail: e.Message, From: e.First, Until: e.Time, Count: e.Count}, name,
				evidence.Ref{Kind: evidence.RefLog, Time: e.Time, Text: wording.Excerpt(e.Reason + ": " + e.Message), By: events[i].Brought()})
		}
	}
	restarted := map[string]bool{}
	for _, s := range series {
		if st, ok := kube.ReadSeries(s); ok && st.Reason == kube.Crash && st.Count > 0 && s.Name == "kube_pod_container_status_restarts_total" {
			restarted[kube.Container(s.Labels)] = true
		}
	}
	start := v.metricWindow().Start.Add(time.Duration(v.by().Settled) * v.answers.step)
	for _, s := range series {
		st, ok := kube.ReadSeries(s)
		if !ok || kube.Rests(s, start, func(l map[string]string) bool { return restarted[kube.Container(l)] }) {
			continue
		}
		add(st, v.toldOf(s, of), evidence.Ref{Kind: evidence.RefSeries, ID: s.Name + metric.LabelsText(s.Labels), Time: st.From, By: evidence.CallID{Source: "metrics", Query: s.Expr}})
	}
	v.linkNodes(list, nodes, of)
	v.linkResolver(list)
	var out []gathered.State
	for _, s := range kube.Merge(list) {
		out = append(out, gathered.State{State: s, Refs: refs[s.Workload+"\x00"+string(s.Reason)]})
	}
	return out
}

// toldOf is whom a series of the platform is about: an entity that is known, else the
// workload that its labels name, a pod's by its owner.
func (v *Investigation) toldOf(s evidence.Series, of func(pod string) string) string {
	name, _ := v.namedBy(s.Name, s.Labels)
	if claim := s.Labels["persistentvolumeclaim"]; claim != "" {
		name = v.claimant(claim)
	} else if strings.HasPrefix(s.Name, "certmanager_certificate_") {
		name = v.certified(cmp.Or(s.Labels["exported_name"], s.Labels["name"]))
	} else if strings.HasPrefix(s.Name, "kube_node_") && name == "" {
		name = s.Labels["node"]
	}
	for _, l := range slices.Concat(metric.PodLabels, []string{"deployment", "endpoint", "service", "container"}) {
		if x := s.Labels[l]; name == "" && x != "" && !metric.NamesExporter(s.Name, s.Labels, x) {
			name = x
			if slices.Contains(metric.PodLabels, l) {
				name = of(x)
			}
		}
	}
	return name
}

// nodesOf tells which node each pod runs on, by kube-state-metrics or by the
// events about it.
func nodesOf(events []evidence.LogLine, pods []evidence.Series) map[string]string {
	nodes := map[string]string{}
	for i := range events {
		l := &events[i]
		if e, ok := kube.ReadEvent(l); ok && e.Kind == "Pod" {
			if n := cmp.Or(l.Attributes["k8s.node.name"], l.Resource["k8s.node.name"]); n != "" {
				nodes[e.Name] = n
			}
		}
	}
	for _, s := range pods { // surer, so that it comes last
		if pod := cmp.Or(s.Labels["exported_pod"], s.Labels["pod"]); pod != "" && s.Labels["node"] != "" {
			nodes[pod] = s.Labels["node"]
		}
	}
	return nodes
}

// linkNodes makes nodes in trouble something that the workloads on them need.
func (v *Investigation) linkNodes(list []kube.State, nodes map[string]string, of func(string) string) {
	v.nodes = map[string]bool{}
	for _, s := range list {
		if s.Reason == kube.Node {
			v.nodes[s.Workload] = true
		}
	}
	for _, pod := range slices.Sorted(maps.Keys(nodes)) {
		if node := v.names.Name(nodes[pod]); v.nodes[node] {
			v.residents = append(v.residents, evidence.Edge{Caller: v.names.Name(of(pod)), Callee: node})
		}
	}
}

// linkResolver makes a resolver in trouble something that those need who say that
// names are not resolved: every workload needs it, and no graph shows that.
func (v *Investigation) linkResolver(list []kube.State) {
	for _, s := range list {
		if !kube.Resolves(s.Workload) {
			continue
		}
		for i := range v.answers.logs {
			l := &v.answers.logs[i]
			if l.Severity >= evidence.SeverityWarn && kube.ResolverFailed(l.Said()) {
				if e := (evidence.Edge{Caller: v.names.Name(l.Service), Callee: s.Workload}); e.Caller != e.Callee && !slices.Contains(v.residents, e) {
					v.residents = append(v.residents, e)
				}
			}
		}
		return
	}
}

// certified is the known workload that a certificate is for, by the beginning of
// the certificate's name, as till of till-tls-1-2290121; the name itself where none
// fits.
func (v *Investigation) certified(name string) string {
	for rest := name; rest != ""; rest = rest[:max(0, strings.LastIndexByte(rest, '-'))] {
		if known, ok := v.names.Find(rest); ok {
			return known
		}
	}
	return name
}

// claimant is the known workload that claimed a volume, the claim itself where none
// fits its name.
func (v *Investigation) claimant(claim string) string {
	for _, name := range append([]string{claim}, claimants(claim)...) {
		if known, ok := v.names.Find(name); ok {
			return known
		}
	}
	return claim
}

// mostRefs is how many pieces of evidence a state keeps.
const mostRefs = 5

// podOwners tells to which workload a pod belongs: by the application that its
// labels name, else by its name.
func (v *Investigation) podOwners(pods []evidence.Series) func(string) string {
	labelled := map[string]string{}
	slices.SortFunc(pods, func(a, b evidence.Series) int {
		return cmp.Compare(metric.LabelsText(a.Labels), metric.LabelsText(b.Labels))
	})
	for _, s := range pods {
		if pod, app := cmp.Or(s.Labels["exported_pod"], s.Labels["pod"]), s.Labels["label_app_kubernetes_io_name"]; pod != "" && app != "" {
			labelled[pod] = app
		}
	}
	return func(pod string) string { return cmp.Or(labelled[pod], kube.WorkloadOf(pod)) }
}
