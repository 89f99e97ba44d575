package gather

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/drain"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/frames"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/onset"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// newCase settles who may be blamed and who complains.
func (v *Investigation) newCase() *gathered.Evidence {
	c := &gathered.Evidence{Weights: v.options.Weights, Request: v.req, Rules: v.symptom.rules, Survey: v.span, FiredAt: v.symptom.fired, Step: v.answers.step, Addresses: v.answers.addresses,
		Objectives: v.symptom.objectives, Budget: v.answers.budget}
	c.Alerting = v.alerting()
	if len(v.symptom.services) > 0 {
		c.Service = v.names.Name(v.symptom.services[0])
	}
	for _, name := range v.symptom.named {
		c.Named = append(c.Named, v.names.Name(name))
	}
	for _, s := range v.symptom.services {
		if _, ok := v.names.Find(s); !ok {
			v.Ledger.Unresolved("alert", evidence.TopicAlertEntity.Of(s), s, strings.TrimSuffix("no source and no candidate goes by this name; "+topology.AliasHint(s, v.names.Known()), "; "))
		}
	}
	return c
}

// alerting are the entities that the alerts name, in order of first mention.
func (v *Investigation) alerting() []string {
	var list []string
	for _, s := range v.symptom.services {
		if name, ok := v.names.Find(s); ok && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// join brings what was gathered under one set of names, finds the onset and
// gives every piece its side of it.
func (v *Investigation) join(c *gathered.Evidence) {
	v.joinTraces(c)
	c.Logs, c.Unread = v.caseLogs(), v.answers.unread
	c.Clocks = readClocks(pairsOf(c), &c.By().Flaws)
	c.States = v.states(v.answers.events, v.answers.states, v.answers.pods)
	c.Onset = v.finder(&onset.Finder{Evidence: c, Suspect: v.suspectWindow(), Hold: v.symptom.hold}).Find()
	v.cut(c)
	peers := v.settleCallees(c)
	v.joinEntities(c, peers)
	c.Edges = v.edges(c)
	takeSides(c)
	v.joinMetrics(c)
	c.Frames, v.stacks = frames.Named(c)
}

// joinTraces gives spans their entities' names.
func (v *Investigation) joinTraces(c *gathered.Evidence) {
	for _, t := range v.answers.traces {
		for i := range t.Spans {
			if name := v.names.Name(t.Spans[i].Service); name != t.Spans[i].Service {
				t.Spans[i].Service = name
			}
		}
		c.Traces = append(c.Traces, gathered.Trace{Trace: t.Trace, Sampled: t.unbiased, By: t.by})
	}
}

// joinEntities lists the candidates: those that were given, else everything
// that any source named, the dependencies seen from client spans and the
// traffic itself.
func (v *Investigation) joinEntities(c *gathered.Evidence, peers map[string]evidence.EntityKind) {
	kind := func(name string) evidence.EntityKind {
		if name == evidence.Workload {
			return evidence.KindWorkload
		}
		if k, ok := peers[name]; ok {
			return k
		}
		if v.nodes[name] {
			return evidence.KindNode
		}
		return evidence.KindService
	}
	if len(v.req.Candidates) > 0 {
		for _, name := range v.req.Candidates {
			c.Entities = append(c.Entities, evidence.Entity{Name: name, Kind: kind(name)})
		}
	} else {
		for _, name := range v.names.Known() {
			c.Entities = append(c.Entities, evidence.Entity{Name: name, Kind: kind(name)})
		}
		for name, k := range peers { // sorted below
			c.Entities = append(c.Entities, evidence.Entity{Name: name, Kind: k})
		}
		c.Entities = append(c.Entities, evidence.Entity{Name: evidence.Workload, Kind: evidence.KindWorkload})
	}
	slices.SortFunc(c.Entities, func(a, b evidence.Entity) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Kind, b.Kind))
	})
	c.Entities = slices.CompactFunc(c.Entities, func(a, b evidence.Entity) bool { return a.Name == b.Name })
}

// takeSides drops what lies neither in the incident nor in a baseline. What
// failed within the guard before the onset is kept as an illustration of the
// incident, but never counted: an onset found a minute late must not lose it.
func takeSides(c *gathered.Evidence) {
	c.Traces = slices.DeleteFunc(c.Traces, func(t gathered.Trace) bool {
		incident, baseline := c.TraceSide(t.Trace)
		if incident || baseline {
			return false
		}
		return !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Failed })
	})
	for i := range c.Traces {
		incident, baseline := c.TraceSide(c.Traces[i].Trace)
		c.Traces[i].Baseline = baseline
		c.Traces[i].Sampled = c.Traces[i].Sampled && (incident || baseline)
	}
	c.Logs = slices.DeleteFunc(c.Logs, func(l gathered.Line) bool {
		incident, baseline := c.LineSide(&l.LogLine)
		return !incident && !baseline && l.Severity < evidence.SeverityError
	})
	for i := range c.Logs {
		_, c.Logs[i].Baseline = c.LineSide(&c.Logs[i].LogLine)
	}
}

// joinMetrics cuts the series at the onset and adds the alerts' own
// expressions.
func (v *Investigation) joinMetrics(c *gathered.Evidence) {
	for _, m := range v.answers.metrics {
		cm := gathered.Series{Entity: m.entity, Name: m.name, Labels: m.labels, Kind: m.kind, Stat: m.stat, Unit: metric.UnitOf(m.name, m.stat), Expr: m.expr}
		if cm.Alerting = m.alert && slices.Contains(c.Alerting, m.entity); cm.Alerting && m.stat == "" {
			cm.Hurt = v.symptom.levels[m.name]
		}
		addMetric(c, cm, m.samples)
	}
	for _, s := range v.answers.alerting {
		if !onset.IsAlertingSeries(v.req.Alert, s.Labels) || len(c.Alerting) == 0 {
			continue
		}
		entity := v.entityOf(s.Name, s.Labels)
		if entity == "" || !slices.Contains(c.Alerting, entity) {
			entity = c.Alerting[0]
		}
		name := cmp.Or(s.Name, "alert expression")
		if len(v.symptom.metrics) > 0 && s.Name == "" {
			name = v.symptom.metrics[0]
		}
		addMetric(c, gathered.Series{Entity: entity, Name: name, Labels: s.Labels, Stat: gathered.StatExpr, Expr: cmp.Or(s.Expr, v.symptom.exprs[0]), Alerting: true, Hurt: v.symptom.hurt[s.Expr], Limit: v.symptom.limits[s.Expr]}, s.Samples)
	}
	slices.SortStableFunc(c.Metrics, func(a, b gathered.Series) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Name, b.Name), cmp.Compare(metric.LabelsText(a.Labels), metric.LabelsText(b.Labels)), cmp.Compare(a.Stat, b.Stat))
	})
}

func addMetric(c *gathered.Evidence, m gathered.Series, samples []evidence.Sample) {
	for _, s := range samples {
		incident, baseline := c.Side(s.Time)
		if !incident && !baseline && s.Time.Before(c.Lookback().Start) {
			baseline = true // the survey was made longer for widely spaced samples
		}
		switch {
		case incident:
			m.Incident = append(m.Incident, s)
		case baseline:
			m.Baseline = append(m.Baseline, s)
		}
	}
	if len(m.Incident)+len(m.Baseline) > 0 {
		c.Metrics = append(c.Metrics, m)
	}
}

// caseLogs gives lines their entities' names and their templates.
func (v *Investigation) caseLogs() []gathered.Line {
	parser := drain.New()
	// The platform's events are about others, in whosever stream they stand.
	lines := slices.DeleteFunc(slices.Clone(v.answers.logs), func(l evidence.LogLine) bool {
		_, event := kube.ReadEvent(&l)
		return event
	})
	if cut := cutLines(v.answers.logs); cut > 0 {
		v.Ledger.Cut("logs", evidence.TopicLines, cut)
	}
	list := make([]gathered.Line, len(lines))
	groups := make([]int, len(list))
	whole := wholeIDs(v.answers.traces)
	for i, l := range lines {
		if id := whole[l.TraceID]; id != "" {
			l.TraceID = id
		}
		l.Service = v.names.Name(l.Service)
		groups[i] = parser.Add(statement(l))
		list[i] = gathered.Line{LogLine: l}
	}
	for i := range list {
		list[i].Template = parser.Template(groups[i])
	}
	return list
}

// cutLines counts the lines of which a part was left out since it was too long.
func cutLines(lines []evidence.LogLine) (n int) {
	for i := range lines {
		if lines[i].Cut > 0 {
			n++
		}
	}
	return n
}

// statement is the part of a line that the writing statement determines: the
// first line of the message, with the function that wrote it where the line says.
// The line of the file is no part of it, since every deployment moves lines.
func statement(l evidence.LogLine) string {
	text := strings.TrimLeft(l.Text(), " \t\r\n")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if l.Caller.File != "" && l.Caller.Line != 0 {
		text = strings.ReplaceAll(text, l.Caller.File+":"+strconv.Itoa(l.Caller.Line), l.Caller.File)
	}
	if f := l.Caller.Function; f != "" && !strings.Contains(text, f) {
		text = f + " " + text
	}
	return text
}

// wholeIDs finds the whole ID of traces by its lower half, which is all that
// some clients write; a half that several traces share is none's.
func wholeIDs(traces []sampledTrace) map[string]string {
	whole := map[string]string{}
	for _, t := range traces {
		if len(t.ID) != 32 {
			continue
		}
		half := strings.Repeat("0", 16) + t.ID[16:]
		if other, taken := whole[half]; taken && other != t.ID {
			whole[half] = ""
		} else if !taken {
			whole[half] = t.ID
		}
	}
	return whole
}
