package correlate

import (
	"cmp"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// newCase settles who may be blamed and who complains.
func (v *investigation) newCase() *Case {
	c := &Case{Request: v.req, Rules: v.symptom.rules, Survey: v.span, FiredAt: v.symptom.fired, Step: v.gathered.step}
	c.Alerting = v.alerting()
	if len(v.symptom.services) > 0 {
		c.Service = v.names.name(v.symptom.services[0])
	}
	for _, i := range v.req.Alert.Instances {
		c.Named = append(c.Named, v.names.name(v.alertedName(i.Labels, v.req.Alert.Labels)))
	}
	for _, s := range v.symptom.services {
		if _, ok := v.names.find(s); !ok {
			v.ledger.unresolved("alert", "the entity "+s, "no source and no candidate goes by this name")
		}
	}
	return c
}

// alerting are the entities that the alerts name, in order of first mention.
func (v *investigation) alerting() []string {
	var list []string
	for _, s := range v.symptom.services {
		if name, ok := v.names.find(s); ok && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// join brings what was gathered under one set of names, finds the onset and
// gives every piece its side of it.
func (v *investigation) join(c *Case) {
	v.joinTraces(c)
	c.Logs, c.Unread = v.caseLogs(), v.gathered.unread
	c.Onset = v.finder(c).findOnset()
	v.cut(c)
	peers := v.peerEntities(c)
	v.joinEntities(c, peers)
	c.Edges = v.edges(c)
	c.takeSides()
	v.joinMetrics(c)
	c.Frames = frames(c, v.options.Caps.Frames)
}

// finder looks for the onset in a case whose traces and lines are joined.
func (v *investigation) finder(c *Case) *finder {
	f := &finder{c: c, suspect: v.suspectWindow(), hold: v.symptom.hold, exprs: v.gathered.alerting}
	for _, m := range v.gathered.metrics {
		f.series = append(f.series, onsetSeries{entity: m.entity, alert: m.alert, samples: m.samples})
	}
	return f
}

// joinTraces gives spans their entities' names.
func (v *investigation) joinTraces(c *Case) {
	for _, t := range v.gathered.traces {
		for i := range t.Spans {
			if name := v.names.name(t.Spans[i].Service); name != t.Spans[i].Service {
				t.Spans[i].Service = name
			}
		}
		c.Traces = append(c.Traces, CaseTrace{Trace: t.Trace, Sampled: t.unbiased})
	}
}

// joinEntities lists the candidates: those that were given, else everything
// that any source named, the dependencies seen from client spans and the
// traffic itself.
func (v *investigation) joinEntities(c *Case, peers map[string]evidence.EntityKind) {
	kind := func(name string) evidence.EntityKind {
		if name == evidence.Workload {
			return evidence.KindWorkload
		}
		if k, ok := peers[name]; ok {
			return k
		}
		return evidence.KindService
	}
	if len(v.req.Candidates) > 0 {
		for _, name := range v.req.Candidates {
			c.Entities = append(c.Entities, evidence.Entity{Name: name, Kind: kind(name)})
		}
	} else {
		for _, name := range v.names.known() {
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
func (c *Case) takeSides() {
	c.Traces = slices.DeleteFunc(c.Traces, func(t CaseTrace) bool {
		incident, baseline := c.traceSide(t.Trace)
		if incident || baseline {
			return false
		}
		return !slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Failed })
	})
	for i := range c.Traces {
		incident, baseline := c.traceSide(c.Traces[i].Trace)
		c.Traces[i].Baseline = baseline
		c.Traces[i].Sampled = c.Traces[i].Sampled && (incident || baseline)
	}
	c.Logs = slices.DeleteFunc(c.Logs, func(l CaseLog) bool {
		incident, baseline := c.side(l.Time)
		return !incident && !baseline && l.Severity < evidence.SeverityError
	})
	for i := range c.Logs {
		_, c.Logs[i].Baseline = c.side(c.Logs[i].Time)
	}
}

// traceSide is the side of a trace: it belongs to the incident when it was
// still running at the onset.
func (c *Case) traceSide(t evidence.Trace) (incident, baseline bool) {
	if incident, baseline = c.side(t.Spans[0].Start); incident {
		return incident, baseline
	}
	end := t.Spans[0].End()
	if t.Spans[0].Start.Before(c.Incident.Start) && end.After(c.Incident.Start) && c.Incident.Contains(end) {
		return true, false
	}
	return incident, baseline
}

// joinMetrics cuts the series at the onset and adds the alerts' own
// expressions.
func (v *investigation) joinMetrics(c *Case) {
	for _, m := range v.gathered.metrics {
		cm := CaseMetric{Entity: m.entity, Name: m.name, Labels: m.labels, Kind: m.kind, Stat: m.stat, Unit: unitOf(m.name, m.stat), Expr: m.expr}
		cm.Alerting = m.alert && slices.Contains(c.Alerting, m.entity)
		c.addMetric(cm, m.samples)
	}
	for _, s := range v.gathered.alerting {
		if !isAlertingSeries(v.req.Alert, s.Labels) || len(c.Alerting) == 0 {
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
		c.addMetric(CaseMetric{Entity: entity, Name: name, Labels: s.Labels, Stat: statExpr, Expr: cmp.Or(s.Expr, v.symptom.exprs[0]), Alerting: true}, s.Samples)
	}
	slices.SortStableFunc(c.Metrics, func(a, b CaseMetric) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Name, b.Name), cmp.Compare(labelsText(a.Labels), labelsText(b.Labels)), cmp.Compare(a.Stat, b.Stat))
	})
}

func (c *Case) addMetric(m CaseMetric, samples []evidence.Sample) {
	for _, s := range samples {
		incident, baseline := c.side(s.Time)
		if !incident && !baseline && s.Time.Before(c.lookback().Start) {
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

// lookback is the window of normal behaviour before the incident, zero when there is none.
func (c *Case) lookback() evidence.Window {
	if len(c.Baselines) == 0 {
		return evidence.Window{}
	}
	return c.Baselines[0]
}
