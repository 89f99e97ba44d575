package compose

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// The lanes of the timeline.
const (
	laneChanges   = "changes"
	laneAlerts    = "alerts"
	laneMetrics   = "metrics"
	laneLogs      = "logs"
	laneTraces    = "traces"
	laneDecisions = "decisions"
)

// timeline puts what happened in order of time: what changed, what was noticed
// first in metrics, lines and traces of the entities concerned, what alerted,
// which decisions took effect.
func timeline(c *gathered.Evidence, causes []report.Cause, back *report.Recovery) []report.TimelineEvent {
	concerned := concernedEntities(c, causes)
	events := slices.Concat(changeEvents(c), alertEvents(c), metricEvents(c, concerned), logEvents(c, concerned), traceEvents(c, concerned), decisionEvents(c), recoveryEvents(back))
	slices.SortStableFunc(events, func(a, b report.TimelineEvent) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Text, b.Text))
	})
	for i := range events {
		e := &events[i]
		if (e.Lane == laneMetrics || e.Lane == laneLogs || e.Lane == laneTraces) && !e.Time.Before(c.Onset.Earliest) {
			e.First = true
			break
		}
	}
	return events
}

// concernedEntities are the alerting entities and those of the first causes.
func concernedEntities(c *gathered.Evidence, causes []report.Cause) []string {
	list := slices.Clone(c.Alerting)
	for _, cause := range causes[:min(len(causes), shownCauses)] {
		if cause.Score > 0 && !slices.Contains(list, cause.Entity.Name) {
			list = append(list, cause.Entity.Name)
		}
	}
	return list
}

func changeEvents(c *gathered.Evidence) []report.TimelineEvent {
	var list []report.TimelineEvent
	for _, ch := range c.Changes {
		if ch.Time.Before(c.Onset.At.Add(-c.By().Report.Changes)) {
			continue
		}
		text := string(ch.Kind)
		if ch.From != "" || ch.To != "" {
			text += fmt.Sprintf(" %s → %s", cmp.Or(evidence.ShortRevision(ch.From), "?"), cmp.Or(evidence.ShortRevision(ch.To), "?"))
		}
		if f := ch.Attributes["flag"]; f != "" {
			text = strings.Replace(text, string(ch.Kind), string(ch.Kind)+" "+f, 1)
		}
		if ch.Summary != "" && ch.Inferred == "" && !repeats(ch, c.By().Report.Digits) {
			text += ": " + wording.Excerpt(ch.Summary)
		}
		if ch.Inferred != "" {
			text += " (inferred from " + ch.Inferred + ")"
		}
		lane := laneChanges
		if ch.Kind == evidence.ChangeDecision {
			lane = laneDecisions
		}
		list = append(list, report.TimelineEvent{Time: ch.Time.UTC(), Lane: lane, Text: wording.Say("timeline/change", text), Entity: ch.Service, Refs: []evidence.Ref{{Kind: evidence.RefChange, ID: ch.ID, Service: ch.Service, Time: ch.Time}}})
	}
	return list[max(0, len(list)-shownChanges):]
}

// repeats reports whether a change's summary only says again what its other
// fields say; digits are the fewest that name a revision.
func repeats(ch evidence.Change, digits int) bool {
	for _, w := range strings.Fields(ch.Summary) {
		known := w == "at" || w == string(ch.Kind) || w == ch.Service || len(w) >= digits && (strings.HasPrefix(ch.To, w) || strings.HasPrefix(ch.Commit, w))
		if !known {
			return false
		}
	}
	return true
}

func alertEvents(c *gathered.Evidence) []report.TimelineEvent {
	var list []report.TimelineEvent
	for at, i := range c.Request.Alert.Instances {
		name := cmp.Or(i.Labels["alertname"], c.Request.Alert.Name(), "alert")
		entity := c.Named[at]
		if !i.StartsAt.IsZero() {
			list = append(list, report.TimelineEvent{Time: i.StartsAt.UTC(), Lane: laneAlerts, Text: wording.Say("timeline/fires", name+" fires"), Entity: entity, Refs: []evidence.Ref{{Kind: evidence.RefAlert, ID: cmp.Or(i.Fingerprint, name)}}})
		}
		if i.EndsAt.After(i.StartsAt) && !i.EndsAt.After(c.Survey.End) {
			list = append(list, report.TimelineEvent{Time: i.EndsAt.UTC(), Lane: laneAlerts, Text: wording.Say("timeline/resolves", name+" resolves"), Entity: entity})
		}
	}
	return list
}

// watchedAs names a series; an alert's own expression may be of anything.
func watchedAs(m *gathered.Series) string {
	if m.Stat == gathered.StatExpr {
		return "what the alert watches, " + gathered.Titled(m) + ","
	}
	return gathered.Titled(m)
}

// metricEvents are the strongest lasting changes in the series of the entities
// concerned that depart from normal in a way that hurts, one per metric.
func metricEvents(c *gathered.Evidence, concerned []string) []report.TimelineEvent {
	type moved struct {
		event report.TimelineEvent
		z     float64
		name  string
		title string
	}
	var all []moved
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if !slices.Contains(concerned, m.Entity) || len(m.Incident) == 0 {
			continue
		}
		var recent []evidence.Sample
		for _, s := range m.Baseline {
			if !s.Time.Before(c.Lookback().Start) && s.Time.Before(c.Incident.Start) {
				recent = append(recent, s)
			}
		}
		all = append(all, moved{})
		samples := append(recent, m.Incident...)
		ch, ok := stat.FindChange(metric.Values(samples), 0, c.By().Onset.Shift)
		if f := view.Measure(m, 0, c.By()); !f.Usable || !f.Hurts() {
			ok = false
		}
		if !ok || samples[ch.Index].Time.Before(c.Onset.Earliest.Add(-c.By().Report.Spaced(c.Guard))) {
			all = all[:len(all)-1]
			continue
		}
		all[len(all)-1] = moved{report.TimelineEvent{
			Time: samples[ch.Index].Time.UTC(), Lane: laneMetrics, Entity: m.Entity,
			Text: wording.Say("timeline/metric", fmt.Sprintf("%s went from %s to %s", watchedAs(m), gathered.AmountOf(m, ch.Before), gathered.AmountOf(m, ch.After))),
			Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: m.Name + metric.LabelsText(m.Labels), Service: m.Entity, Time: samples[ch.Index].Time}},
		}, ch.Z, m.Name, gathered.Titled(m)}
	}
	slices.SortStableFunc(all, func(a, b moved) int { return cmp.Compare(wording.Abs(b.z), wording.Abs(a.z)) })
	const shownEvents = 8
	var list []report.TimelineEvent
	var shown []moved
	for _, m := range all {
		if len(list) < shownEvents && !slices.ContainsFunc(shown, func(o moved) bool {
			return o.event.Entity == m.event.Entity && (o.title == m.title || strings.HasPrefix(o.event.Refs[0].ID, m.name+"{"))
		}) {
			shown, list = append(shown, m), append(list, m.event)
		}
	}
	return list
}

// logEvents are the first lines of templates that are new in the incident and
// that warn or worse.
func logEvents(c *gathered.Evidence, concerned []string) []report.TimelineEvent {
	type key struct{ service, template string }
	old := map[key]bool{}
	first := map[key]*gathered.Line{}
	count := map[key]int{}
	var order []key
	for i := range c.Logs {
		l := &c.Logs[i]
		k := key{l.Service, l.Template}
		if l.Baseline {
			old[k] = true
			continue
		}
		if l.Severity < evidence.SeverityWarn || !slices.Contains(concerned, l.Service) {
			continue
		}
		if first[k] == nil {
			first[k] = l
			order = append(order, k)
		}
		count[k]++
	}
	order = slices.DeleteFunc(order, func(k key) bool { return old[k] })
	slices.SortStableFunc(order, func(a, b key) int {
		return cmp.Or(cmp.Compare(first[b].Severity, first[a].Severity), cmp.Compare(count[b], count[a]))
	})
	const shownEvents = 8
	var list []report.TimelineEvent
	for _, k := range order[:min(len(order), shownEvents)] {
		l := first[k]
		list = append(list, report.TimelineEvent{
			Time: l.Time.UTC(), Lane: laneLogs, Entity: l.Service, Text: wording.Say("timeline/line", fmt.Sprintf("new: %s (%s)", wording.Excerpt(k.template), wording.Lines(count[k]))),
			Refs: []evidence.Ref{{Kind: evidence.RefLog, ID: l.SpanID, TraceID: l.TraceID, Service: l.Service, Time: l.Time, Text: wording.Excerpt(l.Said())}},
		})
	}
	return list
}

// traceEvents are the first failing span of each entity concerned, of those that
// fail otherwise or more often than in normal time. Where such calls failed now
// and then before the incident too, only those since the onset say something.
func traceEvents(c *gathered.Evidence, concerned []string) []report.TimelineEvent {
	unusual := view.Unusual(c)
	var list []report.TimelineEvent
	for _, entity := range concerned {
		said, since := "first failing call: ", time.Time{}
		if firstFailing(c, entity, true, since, func(*evidence.Span) bool { return true }) != nil {
			said, since = "first failing call since the onset: ", c.Onset.Earliest
		}
		first := firstFailing(c, entity, false, since, unusual)
		if first == nil {
			continue
		}
		said += first.Operation
		if first.StatusMessage != "" {
			said += ": " + wording.Excerpt(first.StatusMessage)
		}
		list = append(list, report.TimelineEvent{Time: first.Start.UTC(), Lane: laneTraces, Entity: entity, Text: wording.Say("timeline/call", said),
			Refs: []evidence.Ref{{Kind: evidence.RefSpan, ID: first.SpanID, TraceID: first.TraceID, Service: entity, Time: first.Start}}})
	}
	return list
}

// firstFailing is the earliest failing span of an entity from an instant on,
// before the incident or during it, of those that count; nil when there is none.
func firstFailing(c *gathered.Evidence, entity string, baseline bool, since time.Time, counts func(*evidence.Span) bool) *evidence.Span {
	var first *evidence.Span
	for ti := range c.Traces {
		if c.Traces[ti].Baseline != baseline {
			continue
		}
		for si := range c.Traces[ti].Spans {
			s := &c.Traces[ti].Spans[si]
			if s.Service == entity && s.Failed && !s.Start.Before(since) && (first == nil || s.Start.Before(first.Start)) && counts(s) {
				first = s
			}
		}
	}
	return first
}

func decisionEvents(c *gathered.Evidence) []report.TimelineEvent {
	var list []report.TimelineEvent
	for _, d := range c.Decisions {
		at := d.When.EffectiveAt
		if at.IsZero() || at.Before(c.Onset.At.Add(-c.By().Report.Decisions)) || at.After(c.Incident.End) {
			continue
		}
		list = append(list, report.TimelineEvent{Time: at.UTC(), Lane: laneDecisions, Text: wording.Say("timeline/decision", d.ID+" takes effect: "+wording.Excerpt(cmp.Or(d.Title, d.What))),
			Refs: []evidence.Ref{{Kind: evidence.RefDecision, ID: d.ID}}})
	}
	return list
}
