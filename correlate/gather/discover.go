package gather

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/ask"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// discovered is one metric of the entities under one label that names them.
type discovered struct {
	name    string // without _bucket, _count, _sum for a histogram
	kind    evidence.MetricKind
	label   string // names the entity
	matcher string // the selector that found it, as `service=~"a|b"`
	series  []evidence.Series
	// alerting is true when an alert's rule looks at it.
	alerting bool
	// unread is true for what is of use to templates only.
	unread bool
}

// edgeLabels are pairs of labels that name the two ends of a call, as span
// metrics, service graphs and meshes spell them.
var edgeLabels = [][2]string{
	{"caller", "callee"}, {"client", "server"}, {"client_service", "server_service"},
	{"source_workload", "destination_workload"}, {"source_service", "destination_service"}, {"source", "destination"},
}

// discoverMetrics asks which series there are for the entities, without
// samples, and learns the names that strong labels tell.
func (v *Investigation) discoverMetrics(ctx context.Context) []discovered {
	if v.sources.Metrics == nil {
		v.Ledger.Absent("metrics", evidence.TopicSeries)
		return nil
	}
	selectors := v.selectors()
	got := make([][]evidence.Series, len(selectors))
	var steps []func()
	for i, sel := range selectors {
		steps = append(steps, func() {
			q := ask.Question{Source: "metrics", Topic: evidence.TopicSeries, Window: v.span, Exact: "{" + sel.matcher + "}"}
			got[i], _ = ask.Put(ctx, v.Asker, q, func(ctx context.Context) ask.Answer[[]evidence.Series] {
				return ask.Many(v.sources.Metrics.ListSeries(ctx, []string{"{" + sel.matcher + "}"}, v.span))
			})
		})
	}
	v.Together(steps...)
	got = v.plain(got)
	for i, list := range got {
		if slices.Contains(metric.ServiceLabels, selectors[i].label) {
			for _, s := range list {
				if name := s.Labels[selectors[i].label]; !metric.NamesExporter(s.Name, s.Labels, name) {
					v.names.Learn(name)
				}
			}
		}
	}
	return v.groupSeries(selectors, got)
}

// plain are listed series under the names that the engine knows, whose spelling by
// the server is kept for the questions to come.
func (v *Investigation) plain(got [][]evidence.Series) [][]evidence.Series {
	v.answers.spelled = metric.Spelling{}
	out := make([][]evidence.Series, len(got))
	for i, list := range got {
		for _, s := range list {
			v.answers.spelled.Learn(s)
		}
		out[i] = plainSeries(list)
	}
	return out
}

// labelSelector is a matcher that finds the series of entities by one label.
type labelSelector struct{ label, matcher string }

// selectors are what to list. With names to go by, each label is asked for
// them; when no source told more than the alert's own names, the strong labels
// are asked for whatever they hold.
func (v *Investigation) selectors() []labelSelector {
	names := v.logServices()
	var list []labelSelector
	few := len(v.answers.services)+len(v.answers.edges)+len(v.req.Candidates) == 0
	for _, label := range v.options.Names.Metrics {
		if few && slices.Contains(metric.ServiceLabels, label) {
			list = append(list, labelSelector{label, label + `!=""`})
		} else if len(names) > 0 {
			list = append(list, labelSelector{label, label + `=~"` + namesPattern(label, names) + `"`})
		}
	}
	for _, pair := range edgeLabels {
		list = append(list, labelSelector{pair[1], pair[0] + `!="",` + pair[1] + `!=""`})
	}
	return list
}

// namesPattern is a regular expression, escaped for PromQL, that matches the
// names and what a label makes of them: a pod's suffix, a job's namespace, before
// the name or a part of it, an underscore for a dash.
func namesPattern(label string, names []string) string {
	var alternatives []string
	for _, n := range names {
		for _, spelled := range []string{n, strings.ReplaceAll(n, "-", "_"), strings.ReplaceAll(n, "_", "-")} {
			if a := regexp.QuoteMeta(spelled); !slices.Contains(alternatives, a) {
				alternatives = append(alternatives, a)
			}
		}
		for i := range n {
			if label == "job" && n[i] == '-' && i > 0 && i+1 < len(n) { // till-stock may be the job till/stock
				alternatives = append(alternatives, regexp.QuoteMeta(n[:i]+"/"+n[i+1:]))
			}
		}
	}
	pattern := strings.Join(alternatives, "|")
	switch label {
	case "pod", "exported_pod":
		pattern = "(" + pattern + ")(-.+)?"
	case "job":
		pattern = "(.+/)?(" + pattern + ")"
	}
	return metric.QuoteLabel(pattern)
}

// groupSeries sorts listed series into metrics, each series once under the
// first label that finds it, and drops those of nobody.
func (v *Investigation) groupSeries(selectors []labelSelector, got [][]evidence.Series) []discovered {
	type key struct {
		name, label, matcher string
		unread               bool
	}
	groups := map[key]*discovered{}
	seen := map[string]bool{}
	var order []key
	for i, list := range got {
		sel := selectors[i]
		for _, s := range list {
			entity, by := v.namedBy(s.Name, s.Labels)
			if id := seriesID(s); seen[id] || entity == "" {
				continue
			} else {
				seen[id] = true
			}
			name, kind := baseMetric(s)
			if isInfo(name) {
				v.answers.infos = append(v.answers.infos, s)
				continue
			}
			if !metric.MeasuresOther(s.Name, s.Labels) {
				by = sel.label
			}
			k := key{name, by, sel.matcher, !metric.IsRead(name, s.Labels)}
			g := groups[k]
			if g == nil {
				g = &discovered{name: name, kind: kind, label: by, matcher: sel.matcher, alerting: v.alertLooksAt(name), unread: k.unread}
				groups[k] = g
				order = append(order, k)
			}
			g.series = append(g.series, s)
		}
	}
	all := make([]discovered, 0, len(order))
	for _, k := range order {
		all = append(all, *groups[k])
	}
	slices.SortFunc(all, func(a, b discovered) int {
		return cmp.Or(-gathered.CompareBool(a.alerting, b.alerting), cmp.Compare(a.name, b.name), cmp.Compare(a.label, b.label), cmp.Compare(a.matcher, b.matcher), gathered.CompareBool(a.unread, b.unread))
	})
	return v.bounded(all)
}

// bounded drops the last metrics when there are more series than allowed.
func (v *Investigation) bounded(all []discovered) []discovered {
	n := 0
	for i, d := range all {
		if d.unread {
			continue
		}
		if n += min(len(d.series), mostSeries); n > v.options.Caps.Series {
			v.warn("only the first %d of %d metrics were read: more than %d series", i, len(all), v.options.Caps.Series)
			return all[:i]
		}
	}
	return all
}

// mostSeries is about how many series of one metric are read one by one;
// above, they are summed per entity by the server.
const mostSeries = 400

func (v *Investigation) alertLooksAt(name string) bool {
	return slices.ContainsFunc(v.symptom.metrics, func(m string) bool {
		m = metric.Sanitized(m)
		return m == name || strings.HasPrefix(m, name) && isHistogramPart(m[len(name):])
	})
}

// entityOf is the entity that a series is about, empty for nobody's.
func (v *Investigation) entityOf(name string, labels map[string]string) string {
	entity, _ := v.namedBy(name, labels)
	return entity
}

// namedBy is the entity that a series is about and the label that names it.
func (v *Investigation) namedBy(name string, labels map[string]string) (entity, label string) {
	order := v.options.Names.Metrics
	if own := metric.SubjectLabels(name, labels); len(own) > 0 {
		order = slices.Concat(own, order)
	}
	for _, l := range order {
		if value := labels[l]; value != "" {
			if name, ok := v.names.Find(value); ok {
				return name, l
			}
		}
	}
	for _, pair := range edgeLabels {
		if value := labels[pair[1]]; value != "" && labels[pair[0]] != "" {
			if name, ok := v.names.Find(value); ok {
				return name, pair[1]
			}
		}
	}
	return "", ""
}

// baseMetric is the metric that a series belongs to and its kind: a
// histogram's or summary's parts belong to one metric.
func baseMetric(s evidence.Series) (string, evidence.MetricKind) {
	if base, ok := strings.CutSuffix(s.Name, "_bucket"); ok && s.Labels["le"] != "" {
		return base, evidence.MetricHistogram
	}
	if s.Kind == evidence.MetricHistogram || s.Kind == evidence.MetricSummary {
		for _, suffix := range []string{"_count", "_sum", "_bucket"} {
			if base, ok := strings.CutSuffix(s.Name, suffix); ok {
				return base, s.Kind
			}
		}
	}
	return s.Name, s.Kind
}

func isHistogramPart(suffix string) bool {
	return slices.Contains([]string{"_bucket", "_count", "_sum"}, suffix)
}

// isInfo says whether a metric carries its message in labels, not in its value.
func isInfo(name string) bool {
	return strings.HasSuffix(name, "_info") || strings.HasSuffix(name, "_created")
}

// seriesID is a series' identity as text, with labels in order.
func seriesID(s evidence.Series) string {
	return s.Name + metric.LabelsText(s.Labels)
}
