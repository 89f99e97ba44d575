package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// gaps are blind spots of the telemetry on the suspect path: what kept this
// investigation from seeing more, or would have shown the trouble sooner.
func gaps(c *gathered.Evidence, causes []report.Cause) []report.Finding {
	var list []report.Finding
	for _, entity := range concernedEntities(c, causes) {
		for _, find := range []func(*gathered.Evidence, string) (report.Finding, bool){unlinkedLines, errorsWithoutStatus, lyingHealth, untraced, unplacedSpans, unknownRevision} {
			if f, ok := find(c, entity); ok {
				f.Entity, f.Text = entity, wording.Say(f.ID, f.Text)
				list = append(list, f)
			}
		}
	}
	return list
}

// unlinkedLines finds services whose lines carry no trace ID although there
// are traces: the lines of a failing request cannot be told from the others.
func unlinkedLines(c *gathered.Evidence, entity string) (report.Finding, bool) {
	lines, linked := 0, 0
	for i := range c.Logs {
		if c.Logs[i].Service == entity {
			lines++
			if c.Logs[i].TraceID != "" {
				linked++
			}
		}
	}
	if lines < c.By().Report.Lines || !stat.MoreThanHalf(lines-linked, lines) || len(c.Traces) == 0 {
		return report.Finding{}, false
	}
	return report.Finding{ID: "gap/log-trace-id", Text: fmt.Sprintf("%d of %d log lines of %s carry no trace ID: they cannot be tied to a request", lines-linked, lines, entity)}, true
}

// errorsWithoutStatus finds counters of errors, and of requests, that do not say
// which status: failures look all the same, or as if there were none.
func errorsWithoutStatus(c *gathered.Evidence, entity string) (report.Finding, bool) {
	told := map[string]bool{} // metrics of which some series has a status
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Entity == entity && slices.ContainsFunc(append([]string{"type", "reason", "exception", "error"}, metric.OutcomeLabels...), func(l string) bool { return m.Labels[l] != "" }) {
			told[m.Name] = true
		}
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Entity != entity || m.Stat != "rate" || told[m.Name] {
			continue
		}
		how := ""
		switch {
		case metric.ClassOf(m.Name) == metric.ClassError:
			how = "a refusal, a timeout and a crash count alike"
		case metric.CountsRequests(m.Name, m.Stat, m.Kind) && fails(c, entity):
			how = "requests that fail count as those that do not"
		default:
			continue
		}
		return report.Finding{
			ID: "gap/error-status", Text: fmt.Sprintf("%s of %s has no status label: %s", m.Name, entity, how),
			Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: m.Name + metric.LabelsText(m.Labels), Service: entity}},
		}, true
	}
	return report.Finding{}, false
}

// fails reports whether a span of an entity failed during the incident.
func fails(c *gathered.Evidence, entity string) bool {
	return slices.ContainsFunc(c.Traces, func(t gathered.Trace) bool {
		return !t.Baseline && slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return s.Service == entity && s.Failed })
	})
}

// lyingHealth finds a health endpoint, or a probe of one, that says all is well
// while the service fails: it does not look at what its callers need. That a target
// could be scraped is no claim about its health.
func lyingHealth(c *gathered.Evidence, entity string) (report.Finding, bool) {
	well, probes, failing := 0, 0, 0
	var ref evidence.Ref
	for ti := range c.Traces {
		if c.Traces[ti].Baseline {
			continue
		}
		for si := range c.Traces[ti].Spans {
			s := &c.Traces[ti].Spans[si]
			if s.Service != entity {
				continue
			}
			switch {
			case !isProbe(s):
				if s.Failed {
					failing++
				}
			case s.Failed:
				probes++
			default:
				probes++
				well++
				ref = evidence.Ref{Kind: evidence.RefSpan, ID: s.SpanID, TraceID: s.TraceID, Service: entity, Time: s.Start}
			}
		}
	}
	fails := fmt.Sprintf("%d of its spans failed", failing)
	if failing == 0 {
		for i := range c.Logs {
			if l := &c.Logs[i]; l.Service == entity && !l.Baseline && l.Severity >= evidence.SeverityError {
				failing++
			}
		}
		fails = fmt.Sprintf("%d of its lines tell of errors", failing)
	}
	if failing >= c.By().Report.Failing && probes > 0 && well == probes {
		return report.Finding{ID: "gap/health", Text: fmt.Sprintf("the health endpoint of %s said in %d spans that all is well while %s", entity, well, fails), Refs: []evidence.Ref{ref}}, true
	}
	if failing < c.By().Report.Failing {
		return report.Finding{}, false
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if m.Entity == entity && m.Name == "probe_success" && len(m.Incident) > 0 &&
			!slices.ContainsFunc(m.Incident, func(s evidence.Sample) bool { return s.Value != 1 }) {
			return report.Finding{ID: "gap/health", Text: fmt.Sprintf("%s of %s stayed 1 while %s", m.Name, entity, fails),
				Refs: []evidence.Ref{{Kind: evidence.RefSeries, ID: m.Name + metric.LabelsText(m.Labels), Service: entity}}}, true
		}
	}
	return report.Finding{}, false
}

// isProbe reports whether a span is a health check, by the usual routes.
func isProbe(s *evidence.Span) bool {
	where := strings.ToLower(s.Operation + " " + s.Attributes["http.route"] + " " + s.Attributes["url.path"] + " " + s.Attributes["http.target"] + " " + s.Attributes["rpc.service"])
	return slices.ContainsFunc([]string{"/health", "/healthz", "/-/healthy", "/ready", "/readyz", "/-/ready", "/livez", "/ping", "grpc.health"}, func(p string) bool { return strings.Contains(where, p) })
}

func untraced(c *gathered.Evidence, entity string) (report.Finding, bool) {
	if len(c.Traces) == 0 || c.KindOf(entity) != evidence.KindService {
		return report.Finding{}, false
	}
	for ti := range c.Traces {
		if slices.ContainsFunc(c.Traces[ti].Spans, func(s evidence.Span) bool { return s.Service == entity }) {
			return report.Finding{}, false
		}
	}
	return report.Finding{ID: "gap/no-spans", Text: entity + " has no span in any trace that was read: what it does inside is not seen"}, true
}

// unplacedSpans finds failing spans that name no place in code.
func unplacedSpans(c *gathered.Evidence, entity string) (report.Finding, bool) {
	failing := 0
	for ti := range c.Traces {
		for si := range c.Traces[ti].Spans {
			if s := &c.Traces[ti].Spans[si]; s.Service == entity && s.Failed && !c.Traces[ti].Baseline {
				failing++
			}
		}
	}
	if failing < c.By().Report.Lines || slices.ContainsFunc(c.Frames, func(f gathered.Frame) bool { return f.Service == entity }) {
		return report.Finding{}, false
	}
	return report.Finding{ID: "gap/code-location", Text: fmt.Sprintf("%d failing spans of %s name no place in code: neither code attributes nor a stack trace", failing, entity)}, true
}

func unknownRevision(c *gathered.Evidence, entity string) (report.Finding, bool) {
	if c.KindOf(entity) != evidence.KindService || c.RevisionOf(entity).Revision != "" {
		return report.Finding{}, false
	}
	return report.Finding{ID: "gap/revision", Text: "nothing tells which revision of " + entity + " ran: neither spans nor deploys nor build_info"}, true
}
