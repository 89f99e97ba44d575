package gather

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// alerted is under which names one alert knows what it is about.
type alerted struct {
	// names in order of trust: what the rule's author wrote, what an exporter's
	// metric says of itself, then the label that names a service.
	names []string
	// otherwise is the name to use when no source knows any of them.
	otherwise string
}

func (a *alerted) push(name string, asLast bool) {
	if name == "" {
		return
	}
	if !slices.Contains(a.names, name) {
		a.names = append(a.names, name)
	}
	if a.otherwise == "" && !asLast {
		a.otherwise = name
	}
}

// alertedBy reads from an alert's labels whom it is about, given the rule that
// raised it, nil when it is not known, and the metrics that its expression reads.
func (v *Investigation) alertedBy(i evidence.AlertInstance, rule *evidence.Rule, metrics []string) alerted {
	labels := allLabels(i, v.req.Alert.Labels)
	var a alerted
	if rule != nil {
		a.push(v.namedIn(rule.Labels, false), false)
	}
	about := v.namedIn(labels, false)
	var own []metric.Subject
	switch {
	case len(metrics) > 0:
		own = metric.Subjects(metrics[0], labels)
	case metric.IsExporter(about):
		own = metric.Subjects("", labels)
	}
	for _, s := range own {
		switch name := s.Name; {
		case slices.Contains(metric.PodLabels, s.Label):
			a.push(kube.WorkloadOf(name), false)
		case s.Label == "persistentvolumeclaim":
			a.push(name, false)
			for _, part := range claimants(name) {
				a.push(part, true)
			}
		default:
			a.push(name, strings.HasSuffix(s.Label, "container"))
		}
	}
	if len(metrics) > 0 && metric.IsAboutOther(metrics[0]) {
		// Whatever else names a service, then the exporter by what it stands
		// beside, by where it looks, and by its name.
		a.push(v.namedIn(labels, true), false)
		if rest := metric.WithoutExporter(about); len(own) == 0 && rest != about {
			a.push(rest, true)
		}
		a.push(labels["namespace"], true)
	}
	a.push(about, false)
	if a.otherwise == "" && len(a.names) > 0 {
		a.otherwise = a.names[0]
	}
	return a
}

// namedIn is the value of the most trusted label that names a service; on a
// rule, labels filled in by a template are known when the alert fires only.
func (v *Investigation) namedIn(labels map[string]string, noExporter bool) string {
	for _, l := range v.options.Names.Alert {
		if value := metric.Label(labels, l); value != "" && !strings.Contains(value, "{{") && !(noExporter && metric.IsExporter(value)) {
			if slices.Contains(metric.PodLabels, l) {
				return kube.WorkloadOf(value)
			}
			return value
		}
	}
	return ""
}

// claimants are what may have claimed a volume: a StatefulSet names its claims
// TEMPLATE-NAME-ORDINAL, and where the template's name ends cannot be told.
func claimants(claim string) []string {
	var list []string
	for rest := kube.WorkloadOf(claim); ; {
		_, after, ok := strings.Cut(rest, "-")
		if !ok || len(list) == 4 {
			return list
		}
		rest = after
		list = append(list, rest)
	}
}

// settleSymptom gives the alerts the names by which the sources know what they
// are about. The alerts' own names are learned last.
func (v *Investigation) settleSymptom() {
	s := &v.symptom
	s.services, s.named = slices.Clone(s.traced), make([]string, len(s.alerted))
	for i, a := range s.alerted {
		at := slices.IndexFunc(a.names, func(name string) bool {
			_, ok := v.names.Find(name)
			return ok
		})
		if s.named[i] = a.otherwise; at >= 0 {
			s.named[i] = a.names[at]
		}
		if name := s.named[i]; name != "" && !slices.Contains(s.services, name) {
			s.services = append(s.services, name)
		}
	}
	for _, name := range s.services {
		v.names.Learn(name)
	}
}
