package rollback

import (
	"fmt"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/rulefile"
)

// RuleOptions are what may be set about the generated rules.
type RuleOptions struct {
	// Window is how far back three failures without a success in between count.
	Window time.Duration
	// Interval is how often metrics are scraped: a minute's retries cannot be
	// counted over less than four scrapes.
	Interval time.Duration
}

// names of the series that services keep about their rollbacks, as OpenTelemetry
// and Prometheus write rollback_duration, rollback_success and rollback_retried.
const (
	durationSeries = "rollback_duration_seconds"
	totalSeries    = "rollback_total"
	retriedSeries  = "rollback_retried_total"
)

// by are the labels by which an alert's service is found.
const by = "sum by (service, service_name, job) "

// longestRollback is what a rollback may take before somebody is told, in seconds;
// five less than the 90 s that it may take at all.
const longestRollback = 85

// Rules are alerting rules about rollbacks: one that takes longer than 85 s, three
// that fail without a success in between, and two retries a minute. Counts over a
// window are extrapolated to its ends, so that half an event is the margin.
func Rules(o RuleOptions) ([]byte, error) {
	return rulefile.Encode(rulefile.File{Groups: []rulefile.Group{{Name: "rollbacks", Rules: rules(o)}}}) //nolint:wrapcheck // its text is the whole message
}

func rules(o RuleOptions) []rulefile.Rule {
	w := prom(o.Window)
	minute := max(time.Minute, 4*o.Interval)
	labels := func(severity string) map[string]string { return map[string]string{"severity": severity} }
	return []rulefile.Rule{
		{
			Alert: "RollbackSlow", Labels: labels("critical"),
			// A histogram's or summary's mean, or a gauge.
			Expr: fmt.Sprintf("%s(increase(%s_sum[%s])) / (%s(increase(%s_count[%s])) > 0) > %d or max by (service, service_name, job) (%s) > %d",
				by, durationSeries, w, by, durationSeries, w, longestRollback, durationSeries, longestRollback),
			Annotations: map[string]string{"summary": fmt.Sprintf("rollbacks take longer than %d s", longestRollback),
				"description": "A rollback has to be over within 90 s of the fault. Of several within " + w + " their mean counts."},
		},
		{
			Alert: "RollbackFailing", Labels: labels("critical"),
			Expr: fmt.Sprintf(`%s(increase(%s{result!="success"}[%s])) > 2.5 unless %s(increase(%s{result="success"}[%s])) > 0.5`, by, totalSeries, w, by, totalSeries, w),
			Annotations: map[string]string{"summary": "three rollbacks failed and none succeeded",
				"description": "Three failures and no success within " + w + ": a counter does not tell in which order they came, so that no success in the window stands for none in between."},
		},
		{
			Alert: "RollbackRetried", Labels: labels("warning"),
			Expr: fmt.Sprintf("60 * %s(rate(%s[%s])) >= 2", by, retriedSeries, prom(minute)),
			Annotations: map[string]string{"summary": "rollbacks are retried twice a minute or more",
				"description": "Whatever carries them out does not see that they are done, or they are not idempotent."},
		},
	}
}

// LokiRules are the rule for services that tell of a retry by a field of their log
// lines, idempotent=true, instead of a counter; as JSON or logfmt.
func LokiRules() ([]byte, error) {
	const expr = `sum by (service_name, job) (count_over_time({%s=~".+"} |~ "(?i)rollback" |~ "idempotent\"?[=: ]+\"?true" [1m])) >= 2`
	r := func(label string) rulefile.Rule {
		return rulefile.Rule{Alert: "RollbackRetried", Expr: fmt.Sprintf(expr, label), Labels: map[string]string{"severity": "warning"},
			Annotations: map[string]string{"summary": "rollbacks are retried twice a minute or more"}}
	}
	return rulefile.Encode(rulefile.File{Groups: []rulefile.Group{{Name: "rollbacks", Rules: []rulefile.Rule{r("service_name")}}}}) //nolint:wrapcheck // its text is the whole message
}

// RuleTests are unit tests of the rules for promtool.
func RuleTests(file string, o RuleOptions) ([]byte, error) {
	f := rulefile.Tests{RuleFiles: []string{file}, Interval: "15s"}
	of := func(name string, at int, alert string, fires bool, series ...rulefile.Series) {
		t := rulefile.Test{Name: name, Interval: "15s", Input: series, Alerts: []rulefile.Fires{{At: fmt.Sprintf("%ds", at), Alert: alert}}}
		for _, r := range rules(o) {
			if fires && r.Alert == alert {
				labels := map[string]string{"job": "shop"}
				for k, v := range r.Labels {
					labels[k] = v
				}
				t.Alerts[0].Want = []rulefile.Fired{{Labels: labels, Annotations: r.Annotations}}
			}
		}
		f.Tests = append(f.Tests, t)
	}
	in := func(series, values string) rulefile.Series { return rulefile.Series{Series: series, Values: values} }
	took := func(seconds int) []rulefile.Series {
		return []rulefile.Series{in(durationSeries+`_sum{job="shop"}`, fmt.Sprintf("0x8 %dx8", seconds)), in(durationSeries+`_count{job="shop"}`, "0x8 1x8")}
	}
	of("a rollback of 86 s", 240, "RollbackSlow", true, took(86)...)
	of("a rollback of 84 s", 240, "RollbackSlow", false, took(84)...)
	of("a gauge of 86 s", 60, "RollbackSlow", true, in(durationSeries+`{job="shop"}`, "86x8"))
	failed := in(totalSeries+`{job="shop",result="failure"}`, "0 0 1 1 2 2 3 3x12")
	of("three failures", 120, "RollbackFailing", true, failed, in(totalSeries+`{job="shop",result="success"}`, "5x20"))
	of("three failures and a success", 120, "RollbackFailing", false, failed, in(totalSeries+`{job="shop",result="success"}`, "5 5 5 5 6x16"))
	of("two failures", 120, "RollbackFailing", false, in(totalSeries+`{job="shop",result="failure"}`, "0 0 1 1 2x16"))
	of("three retries a minute", 120, "RollbackRetried", true, in(retriedSeries+`{job="shop"}`, "0 1 1 2 3 4 4 5 6 7"))
	of("one retry a minute", 120, "RollbackRetried", false, in(retriedSeries+`{job="shop"}`, "0 0 0 0 1 1 1 1 2"))
	return rulefile.Encode(f) //nolint:wrapcheck // its text is the whole message
}

// prom is a duration as PromQL writes it.
func prom(d time.Duration) string { return fmt.Sprintf("%ds", int(d.Seconds())) }
