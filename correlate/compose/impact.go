package compose

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// impact says who is hit and how hard, in numbers from the alerting entities:
// the share of failing calls, the duration, the alerting series.
func impact(c *gathered.Evidence, hit []string) report.Impact {
	lost := lostShare(c)
	out := report.Impact{Services: hit, Chart: alertingChart(c, lost)}
	out.Budgets, out.Burn = budgets(c)
	lost.objective = len(out.Budgets) > 0
	for _, name := range c.Alerting {
		facts, share := failingShare(c, name)
		out.Fails = out.Fails || share > 0
		if len(facts) == 0 && lost.ok && lost.service == name {
			facts, share = lost.alone(), lost.now
			lost.ok = false
		}
		out.Facts = append(out.Facts, facts...)
		out.Affected = max(out.Affected, share)
		var by []report.Split
		if share > 0 {
			by = splits(c, name, failing())
		}
		fact, slow := slower(c, name)
		if slow && len(by) == 0 {
			by = slowSplits(c, name)
		}
		if slow && len(facts) == 0 {
			out.Facts, slow = append(out.Facts, fact), false // before who is slow: it names the service
		}
		for _, s := range by {
			out.Facts = append(out.Facts, s.Says)
		}
		out.Splits = append(out.Splits, by...)
		if lost.ok && lost.service == name {
			out.Facts = append(out.Facts, strings.Join(lost.says(), ", "))
		}
		if slow {
			out.Facts = append(out.Facts, fact)
		}
		out.Facts = append(out.Facts, measuredFacts(c, name)...)
		if fact, ok := complaints(c, name); ok {
			out.Facts = append(out.Facts, fact)
		}
	}
	if len(out.Services) > 1 {
		out.Facts = append(out.Facts, wording.Say("impact/services", fmt.Sprintf("%d services are affected: %s", len(out.Services), wording.Listed(slices.Sorted(slices.Values(out.Services)), shownServices))))
	}
	switch {
	case len(out.Facts) > 0:
		out.Headline = out.Facts[0]
		out.Facts = out.Facts[1:]
	case c.Request.Alert.Annotation("summary") != "":
		out.Headline = c.Request.Alert.Annotation("summary")
	default:
		out.Headline = wording.Say("impact/none", "No measure of the impact was found")
	}
	return out
}

// alertingChart is the share of what the alert counts that ended badly, else the
// alerting series that moved farthest from its normal range, the first of equal
// ones.
func alertingChart(c *gathered.Evidence, l lost) *report.Chart {
	if l.ok {
		return l.chart(c.Onset.At)
	}
	var best *view.Metric
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Alerting && slices.Contains(c.Alerting, m.Entity) {
			if f := view.Measure(m, 0, c.By()); f.Usable && (best == nil || wording.Abs(f.Z) > wording.Abs(best.Z)) {
				best = &f
			}
		}
	}
	if best == nil {
		return nil
	}
	chart := view.ChartOf(best)
	chart.Name = gathered.Titled(best.Series)
	if best.Series.Stat == gathered.StatExpr {
		chart.Name = "what the alert watches, " + chart.Name
	}
	return chart
}

// entrySpans are the first spans of a service in each trace of the unbiased
// sample, on one side. The minute before the onset, which ranking counts to the
// incident, is left out: it would make the harm look smaller.
func entrySpans(c *gathered.Evidence, service string, baseline bool) []*evidence.Span {
	var list []*evidence.Span
	for t, i := range c.Requests(service) {
		if t.Baseline == baseline && (baseline || !t.Spans[0].Start.Before(c.Onset.At)) {
			list = append(list, &t.Spans[i])
		}
	}
	return list
}

// failingShare says which share of a service's requests fail, in a headline
// and the numbers behind it; nothing when none do, or no more than before.
func failingShare(c *gathered.Evidence, service string) (facts []string, share float64) {
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
	if len(before) > 0 && float64(failed)/float64(len(now)) < c.By().Report.Rise*float64(was)/float64(len(before)) {
		return nil, 0
	}
	share = float64(failed) / float64(len(now))
	detail := fmt.Sprintf("%d of %d sampled requests to %s failed since %s UTC", failed, len(now), service, c.Onset.At.UTC().Format("15:04:05"))
	if len(before) > 0 {
		detail += fmt.Sprintf(", usually %s do", wording.Percent(was, len(before)))
	}
	return []string{wording.Say("impact/failing", fmt.Sprintf("%s of requests to %s failed since the onset", wholePercent(share), service)), wording.Say("impact/of", detail)}, share
}

// slower compares the durations of a service's entry spans with normal ones;
// only a clear slowdown is worth a sentence.
func slower(c *gathered.Evidence, service string) (string, bool) {
	durations := func(spans []*evidence.Span) []float64 {
		ds := make([]float64, len(spans))
		for i, s := range spans {
			ds[i] = s.Duration.Seconds()
		}
		return ds
	}
	now, before := durations(entrySpans(c, service, false)), durations(entrySpans(c, service, true))
	if least := c.By().Report.Durations; len(now) < least || len(before) < least {
		return "", false
	}
	for _, q := range []struct {
		name string
		q    float64
	}{{"median", 0.5}, {"p95", 0.95}} {
		a, b := stat.Quantile(before, q.q), stat.Quantile(now, q.q)
		if b > c.By().Report.Rise*a && b-a > c.By().Report.Longer.Seconds() {
			return wording.Say("impact/slower", fmt.Sprintf("%s takes %s (%s), %s before", service, wording.Amount(b, "s"), q.name, wording.Amount(a, "s"))), true
		}
	}
	return "", false
}

// shownFacts is how many measures of one service the impact names, and shownServices
// how many services.
const (
	shownFacts    = 3
	shownServices = 6
)

// measuredFacts say what the alerting series of an entity show, at most shownFacts.
func measuredFacts(c *gathered.Evidence, service string) []string {
	type shown struct {
		name         string
		worst, usual float64
	}
	var facts []string
	known := map[shown]bool{} // a rule with several alerts looks at one series more than once
	for _, m := range alertingSeries(c, service) {
		if oneSide(c, m) || watched(c, m) {
			continue
		}
		usual := stat.Median(metric.Values(m.Baseline))
		worst := worstOf(m, usual)
		if worst == usual || seenBefore(m, worst) {
			continue
		}
		if at := (shown{gathered.Labelled(m), worst, usual}); !known[at] {
			known[at] = true
			facts = append(facts, wording.Say("impact/measured", fmt.Sprintf("%s: %s at worst, %s", at.name, wording.Amount(worst, m.Unit), against(worst, usual, m.Unit))))
		}
		if len(facts) == shownFacts {
			break
		}
	}
	return facts
}

// seenBefore reports whether normal time had values as far from the usual one as the
// worst of the incident, on its side: what is usual is no harm.
func seenBefore(m *gathered.Series, worst float64) bool {
	least, most := math.Inf(1), math.Inf(-1)
	for _, s := range m.Baseline {
		least, most = min(least, s.Value), max(most, s.Value)
	}
	return least < most && least <= worst && worst <= most
}

// alertingSeries are the series that an entity's alerts look at and that were
// read on both sides, what the rules compare with their thresholds first.
func alertingSeries(c *gathered.Evidence, service string) []*gathered.Series {
	var list []*gathered.Series
	for i := range c.Metrics {
		if m := &c.Metrics[i]; m.Alerting && m.Entity == service && len(m.Incident) > 0 && len(m.Baseline) > 0 {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *gathered.Series) int {
		return -gathered.CompareBool(a.Stat == gathered.StatExpr, b.Stat == gathered.StatExpr)
	})
	return list
}

// hurts is on which side a series hurts: 1 above the usual value, -1 below it, 0
// where nothing tells. The alert's rule decides, then the outcome that it counts,
// then what it measures.
func hurts(m *gathered.Series) int {
	if m.Hurt != 0 {
		return m.Hurt
	}
	switch metric.OutcomeOf(m.Labels) {
	case metric.OutcomeGood:
		return -1
	case metric.OutcomeBad:
		return 1
	}
	switch metric.Measured(m.Name, m.Stat, m.Kind) {
	case metric.ClassSuccess, metric.ClassExpiry:
		return -1
	case metric.ClassTraffic, metric.ClassNetwork, metric.ClassOther, metric.ClassLimit:
		return 0
	}
	return 1
}

// worstOf is the value of the incident that is farthest from the usual one, on
// the side on which it hurts where that is known; the usual one when none is
// there.
func worstOf(m *gathered.Series, usual float64) float64 {
	worst, side := usual, hurts(m)
	for _, s := range m.Incident {
		if side != 0 && (s.Value-usual)*float64(side) < 0 {
			continue
		}
		if wording.Abs(s.Value-usual) > wording.Abs(worst-usual) {
			worst = s.Value
		}
	}
	return worst
}

// against compares a value with the usual one in words.
func against(x, usual float64, unit string) string {
	switch {
	case usual == 0:
		return "normally none"
	case x/usual >= 2:
		return fmt.Sprintf("%s times the usual %s", wording.TwoDigits(x/usual), wording.Amount(usual, unit))
	case x > usual:
		return fmt.Sprintf("%.0f %% above the usual %s", 100*(x-usual)/wording.Abs(usual), wording.Amount(usual, unit))
	default:
		return fmt.Sprintf("%.0f %% below the usual %s", 100*(usual-x)/wording.Abs(usual), wording.Amount(usual, unit))
	}
}

func complaints(c *gathered.Evidence, service string) (string, bool) {
	now := 0
	for i := range c.Logs {
		if l := &c.Logs[i]; l.Service == service && !l.Baseline && l.Severity >= evidence.SeverityError {
			now++
		}
	}
	if now == 0 {
		return "", false
	}
	return wording.Say("impact/lines", fmt.Sprintf("%d error lines of %s since %s UTC", now, service, c.Incident.Start.Format("15:04:05"))), true
}
