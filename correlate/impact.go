package correlate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
)

// impact says who is hit and how hard, in numbers from the alerting entities:
// the share of failing calls, the duration, the alerting series.
func impact(c *Case, hit []string) Impact {
	out := Impact{Services: hit, Chart: alertingChart(c), Burn: burnRate(c, c.Request.Alert)}
	for _, name := range c.Alerting {
		facts, share := failingShare(c, name)
		out.Facts = append(out.Facts, facts...)
		out.Affected = max(out.Affected, share)
		if fact, ok := slower(c, name); ok {
			out.Facts = append(out.Facts, fact)
		}
		out.Facts = append(out.Facts, measuredFacts(c, name)...)
		if fact, ok := complaints(c, name); ok {
			out.Facts = append(out.Facts, fact)
		}
	}
	if len(out.Services) > 1 {
		out.Facts = append(out.Facts, fmt.Sprintf("%d services show it: %s", len(out.Services), listed(out.Services, 6)))
	}
	switch {
	case len(out.Facts) > 0:
		out.Headline = out.Facts[0]
		out.Facts = out.Facts[1:]
	case c.Request.Alert.Annotation("summary") != "":
		out.Headline = c.Request.Alert.Annotation("summary")
	default:
		out.Headline = "No measure of the impact was found"
	}
	return out
}

// alertingChart is the alerting series that moved farthest from its normal
// range, the first of equal ones.
func alertingChart(c *Case) *Chart {
	var best *metricFact
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Alerting && slices.Contains(c.Alerting, m.Entity) {
			if f := measure(m, 0); f.usable && (best == nil || abs(f.z) > abs(best.z)) {
				best = &f
			}
		}
	}
	if best == nil {
		return nil
	}
	chart := chartOf(best)
	chart.Name = titled(best.m)
	return chart
}

// entrySpans are the first spans of a service in each trace of the unbiased
// sample, on one side. The minute before the onset, which ranking counts to the
// incident, is left out: it would make the harm look smaller.
func entrySpans(c *Case, service string, baseline bool) []*evidence.Span {
	var list []*evidence.Span
	for ti := range c.Traces {
		t := &c.Traces[ti]
		if t.Baseline != baseline || !t.Sampled || !baseline && t.Spans[0].Start.Before(c.Onset.At) {
			continue
		}
		for si := range t.Spans {
			if t.Spans[si].Service == service {
				list = append(list, &t.Spans[si])
				break
			}
		}
	}
	return list
}

// failingShare says which share of a service's requests fail, in a headline
// and the numbers behind it; nothing when none do, or no more than before.
func failingShare(c *Case, service string) (facts []string, share float64) {
	count := func(spans []*evidence.Span) (failed int) {
		for _, s := range spans {
			if s.Failed {
				failed++
			}
		}
		return failed
	}
	now, before := entrySpans(c, service, false), entrySpans(c, service, true)
	failed := count(now)
	if failed == 0 {
		return nil, 0
	}
	was := count(before)
	// A share that was as high before is no impact of this incident.
	if len(before) > 0 && float64(failed)/float64(len(now)) < 1.5*float64(was)/float64(len(before)) {
		return nil, 0
	}
	share = float64(failed) / float64(len(now))
	detail := fmt.Sprintf("%d of %d sampled requests", failed, len(now))
	if len(before) > 0 {
		detail += fmt.Sprintf("; %s before", percent(was, len(before)))
	}
	return []string{fmt.Sprintf("%.0f %% of requests to %s fail", max(1, 100*share), service), detail}, share
}

// slower compares the durations of a service's entry spans with normal ones;
// only a slowdown of half again is worth a sentence.
func slower(c *Case, service string) (string, bool) {
	durations := func(spans []*evidence.Span) []float64 {
		ds := make([]float64, len(spans))
		for i, s := range spans {
			ds[i] = s.Duration.Seconds()
		}
		return ds
	}
	now, before := durations(entrySpans(c, service, false)), durations(entrySpans(c, service, true))
	if len(now) < 3 || len(before) < 3 {
		return "", false
	}
	for _, q := range []struct {
		name string
		q    float64
	}{{"median", 0.5}, {"p95", 0.95}} {
		a, b := stat.Quantile(before, q.q), stat.Quantile(now, q.q)
		if b > 1.5*a && b-a > 0.001 {
			return fmt.Sprintf("%s takes %s (%s), %s before", service, amount(b, "s"), q.name, amount(a, "s")), true
		}
	}
	return "", false
}

// measuredFacts say what the alerting series of an entity show, at most three.
func measuredFacts(c *Case, service string) []string {
	var facts []string
	for i := range c.Metrics {
		m := &c.Metrics[i]
		if !m.Alerting || m.Entity != service || len(m.Incident) == 0 || len(m.Baseline) == 0 {
			continue
		}
		usual, worst := stat.Median(values(m.Baseline)), m.Incident[0].Value
		for _, s := range m.Incident {
			if abs(s.Value-usual) > abs(worst-usual) {
				worst = s.Value
			}
		}
		if worst == usual {
			continue
		}
		fact := fmt.Sprintf("%s: %s at worst, %s", labelled(m), amount(worst, m.Unit), against(worst, usual, m.Unit))
		if !slices.Contains(facts, fact) {
			facts = append(facts, fact)
		}
		if len(facts) == 3 {
			break
		}
	}
	return facts
}

// against compares a value with the usual one in words.
func against(x, usual float64, unit string) string {
	switch {
	case usual == 0:
		return "normally none"
	case x/usual >= 2:
		return fmt.Sprintf("%s times the usual %s", twoDigits(x/usual), amount(usual, unit))
	case x > usual:
		return fmt.Sprintf("%.0f %% above the usual %s", 100*(x-usual)/abs(usual), amount(usual, unit))
	default:
		return fmt.Sprintf("%.0f %% below the usual %s", 100*(usual-x)/abs(usual), amount(usual, unit))
	}
}

// tellingLabels are the labels that tell a series from its neighbours, sorted.
func tellingLabels(m *CaseMetric) []string {
	var telling []string
	for _, k := range slices.Sorted(maps.Keys(m.Labels)) {
		if !slices.Contains(placeLabels, k) && m.Labels[k] != m.Entity {
			telling = append(telling, k)
		}
	}
	return telling
}

// placeLabels say where a series was scraped, not what it measures.
var placeLabels = []string{"service", "service_name", "job", "instance", "pod", "namespace", "container", "app", "node", "host", "cluster", "le"}

func complaints(c *Case, service string) (string, bool) {
	now := 0
	for i := range c.Logs {
		if l := &c.Logs[i]; l.Service == service && !l.Baseline && l.Severity >= evidence.SeverityError {
			now++
		}
	}
	if now == 0 {
		return "", false
	}
	return fmt.Sprintf("%d error lines of %s since %s UTC", now, service, c.Incident.Start.Format("15:04:05")), true
}

func percent(n, of int) string {
	if of == 0 {
		return "0 %"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*float64(n)/float64(of)), ".0") + " %"
}

// inUnit writes a value with its unit, in the size that reads best.
func inUnit(x float64, unit string) string {
	switch unit {
	case "s":
		switch a := abs(x); {
		case a == 0 || a >= 1:
			return fmt.Sprintf("%.3g s", x)
		case a >= 1e-3:
			return fmt.Sprintf("%.3g ms", x*1e3)
		default:
			return fmt.Sprintf("%.3g µs", x*1e6)
		}
	case "By", "By/s":
		for _, s := range []struct {
			size float64
			name string
		}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
			if abs(x) >= s.size {
				return fmt.Sprintf("%.3g %s%s", x/s.size, s.name, strings.TrimPrefix(unit, "By"))
			}
		}
	}
	return strings.TrimSpace(fmt.Sprintf("%.4g %s", x, cmp.Or(unit, "")))
}
