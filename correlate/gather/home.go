package gather

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// One backend often holds several environments, whose services have the same
// names. What an alert says of its environment, cluster and namespace keeps what
// the others do out of its report.

// usual are the names that environments mostly have, by what they are for: two of
// them are told apart even where nothing is seen of one.
var usual = map[string]string{
	"prod": "production", "production": "production", "prd": "production", "live": "production",
	"staging": "staging", "stage": "staging", "stg": "staging", "preprod": "staging", "pre-production": "staging", "uat": "staging",
	"dev": "development", "development": "development", "local": "development", "test": "test", "testing": "test", "qa": "test", "loadtest": "test", "ci": "test",
}

// location is where something runs: its environment, and the names of its
// namespaces and clusters, of which it may have several.
type location struct {
	environment string
	within      [2][]string // namespaces, clusters
}

func whereabouts(labels ...map[string]string) (p location) {
	for _, l := range labels {
		for _, k := range metric.EnvironmentLabels {
			if p.environment == "" {
				p.environment = strings.ToLower(l[k])
			}
		}
		for i, keys := range [2][]string{metric.NamespaceLabels, metric.ClusterLabels} {
			for _, k := range keys {
				if v := l[k]; v != "" && !slices.Contains(p.within[i], v) {
					p.within[i] = append(p.within[i], v)
				}
			}
		}
	}
	return p
}

// shares reports whether two locations have a namespace (0) or a cluster (1) in
// common; known is false where one of them says nothing.
func (p location) shares(o location, i int) (same, known bool) {
	if len(p.within[i]) == 0 || len(o.within[i]) == 0 {
		return false, false
	}
	return slices.ContainsFunc(p.within[i], func(x string) bool { return slices.Contains(o.within[i], x) }), true
}

// home is where what alerts runs, and what was seen there.
type home struct {
	at location
	// environment is true where something is known to run in the alert's: else it
	// is called otherwise there.
	environment bool
	// names are what was seen in the alert's namespaces, and in its clusters.
	names [2]map[string]bool
}

// sees notes that something of a name runs at a location.
func (h *home) sees(name string, p location) {
	h.environment = h.environment || p.environment != "" && p.environment == h.at.environment
	for i := range h.names {
		if same, _ := h.at.shares(p, i); same {
			h.names[i][name] = true
		}
	}
}

// elsewhere reports whether what a name does at a location is another system's: one
// of another environment, or a namesake in another namespace or cluster. What is
// called otherwise may well be called across namespaces.
func (h *home) elsewhere(name string, p location) bool {
	if here, there := h.at.environment, p.environment; here != "" && there != "" && here != there {
		if h.environment || usual[here] != "" && usual[there] != "" && usual[here] != usual[there] {
			return true
		}
	}
	for i := range h.names {
		if same, known := h.at.shares(p, i); known && !same && h.names[i][name] {
			return true
		}
	}
	return false
}

// keepHome leaves out of what was gathered what other environments and namesakes
// in other namespaces and clusters do, as far as the alert says where it is from.
func (v *Investigation) keepHome() {
	h := &home{names: [2]map[string]bool{{}, {}}}
	about := ""
	if len(v.symptom.metrics) > 0 {
		about = v.symptom.metrics[0]
	}
	for _, i := range v.req.Alert.Instances {
		p := seriesPlace(about, allLabels(i, v.req.Alert.Labels))
		if h.at.environment == "" {
			h.at.environment = p.environment
		}
		for k := range p.within {
			h.at.within[k] = append(h.at.within[k], p.within[k]...)
		}
	}
	if h.at.environment == "" && len(h.at.within[0])+len(h.at.within[1]) == 0 {
		return
	}
	for k := range h.names { // whom the alert names runs where it says
		for _, s := range v.symptom.services {
			h.names[k][v.names.Name(s)] = len(h.at.within[k]) > 0
		}
	}
	g := &v.answers
	lineAt := func(l evidence.LogLine) (string, location) {
		return v.names.Name(l.Service), whereabouts(l.Resource, l.Attributes)
	}
	spanAt := func(s evidence.Span) (string, location) {
		return v.names.Name(s.Service), whereabouts(s.Resource, s.Attributes)
	}
	for _, t := range g.traces {
		for _, s := range t.Spans {
			h.sees(spanAt(s))
		}
	}
	for _, l := range g.logs {
		h.sees(lineAt(l))
	}
	for _, m := range g.metrics {
		h.sees(m.entity, seriesPlace(m.name, m.labels))
	}
	left := [3]int{len(g.traces), len(g.logs), len(g.metrics)}
	g.traces = slices.DeleteFunc(g.traces, func(t sampledTrace) bool {
		return slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return h.elsewhere(spanAt(s)) })
	})
	g.logs = slices.DeleteFunc(g.logs, func(l evidence.LogLine) bool { return h.elsewhere(lineAt(l)) })
	g.metrics = slices.DeleteFunc(g.metrics, func(m measuredSeries) bool {
		return h.elsewhere(m.entity, seriesPlace(m.name, m.labels))
	})
	v.keepStates(h)
	g.changes = slices.DeleteFunc(g.changes, func(c evidence.Change) bool { return h.elsewhere(v.names.Name(c.Service), whereabouts(c.Attributes)) })
	if left = [3]int{left[0] - len(g.traces), left[1] - len(g.logs), left[2] - len(g.metrics)}; left != [3]int{} {
		v.warn("What other environments, or namesakes in other namespaces and clusters, do was left out: %d traces, %d lines, %d series", left[0], left[1], left[2])
	}
}

// keepStates leaves out the platform's word about namesakes elsewhere.
func (v *Investigation) keepStates(h *home) {
	g := &v.answers
	of := v.podOwners(g.pods)
	other := func(s evidence.Series) bool {
		return h.elsewhere(v.names.Name(v.toldOf(s, of)), whereabouts(s.Labels))
	}
	g.states, g.pods = slices.DeleteFunc(g.states, other), slices.DeleteFunc(g.pods, other)
	g.events = slices.DeleteFunc(g.events, func(l evidence.LogLine) bool {
		e, ok := kube.ReadEvent(&l)
		return ok && h.elsewhere(v.names.Name(e.Workload(of)), whereabouts(l.Resource, l.Attributes))
	})
}

// seriesPlace is where what a series measures runs. The namespace of an exporter
// is not that of what it measures, but where the platform's own metrics are about
// it.
func seriesPlace(name string, labels map[string]string) location {
	p := whereabouts(labels)
	platform := slices.ContainsFunc([]string{"kube_", "kubelet_", "container_"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	if !platform && metric.MeasuresOther(name, labels) {
		p.within[0] = nil
	}
	return p
}
