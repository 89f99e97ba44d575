package slo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/rulefile"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Names of what the generated rules record.
const (
	recordedShare = "slo:bad:ratio_rate" // and the window
	recordedLeft  = "slo:error_budget_left:ratio"
)

// recordedWindows are all of the tiers' and those of a week, by which teams
// review an objective.
var recordedWindows = []time.Duration{
	5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour,
}

// AlertName is the name of the alerts that the generated rules fire.
const AlertName = "ErrorBudgetBurn"

// parted escapes what parts names within a group's name, so that no two objectives
// share one: Prometheus takes no file in which a group's name stands twice.
var parted = strings.NewReplacer("%", "%25", "/", "%2F")

// group is a name for a group of an objective's rules.
func (s *Spec) group(of string) string {
	return "slo/" + parted.Replace(s.Service) + "/" + parted.Replace(s.Name) + "/" + of
}

func selector(service, name string) string {
	return "{service=" + strconv.Quote(service) + ",slo=" + strconv.Quote(name) + "}"
}

// labels are those of everything that is recorded of an objective and fires by it.
func (s *Spec) labels() map[string]string {
	return map[string]string{"service": s.Service, "slo": s.Name, "slo_target": strings.TrimSuffix(Percent(s.Target), " %")}
}

// reachable are the tiers that can fire: with every event bad the budget burns at
// 1 / (1 - target), and no faster.
func (s *Spec) reachable() []Tier {
	return slices.DeleteFunc(Tiers(s.Period), func(t Tier) bool { return t.Factor >= 1/(1-s.Target) })
}

// Rules are recording and alerting rules for objectives, as a file for
// Prometheus. The notes say which alerts are left out since they could never
// fire, and what is counted otherwise than it was written.
func Rules(specs []Spec) (file []byte, notes []string, err error) {
	f := rulefile.File{Groups: []rulefile.Group{}}
	for _, s := range specs {
		if s.Note != "" {
			notes = append(notes, fmt.Sprintf("%s: SLO %s: %s", s.Place(), s.Name, s.Note))
		}
		records := rulefile.Group{Name: s.group("records")}
		for _, w := range recordedWindows {
			expr, err := s.Share(w)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: SLO %s: %w", s.Place(), s.Name, err)
			}
			records.Rules = append(records.Rules, rulefile.Rule{Record: recordedShare + text(w), Expr: expr, Labels: s.labels()})
		}
		whole, err := s.Share(s.Period)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: SLO %s: %w", s.Place(), s.Name, err)
		}
		left := rulefile.Group{Name: s.group("budget"), Interval: "5m", Rules: []rulefile.Rule{
			{Record: recordedLeft, Expr: "1 - (" + whole + ") / " + budgetText(s.Target), Labels: s.labels()},
		}}
		alerts := rulefile.Group{Name: s.group("alerts")}
		reachable := s.reachable()
		for _, t := range reachable {
			alerts.Rules = append(alerts.Rules, s.alert(t))
		}
		if out := len(Tiers(s.Period)) - len(reachable); out > 0 {
			notes = append(notes, fmt.Sprintf("%s: SLO %s: a budget of %s burns at most %s times too fast, so that %d of %d alerts could never fire and are left out", s.Place(), s.Name, Percent(1-s.Target), strconv.FormatFloat(1/(1-s.Target), 'g', 3, 64), out, out+len(reachable)))
		}
		f.Groups = append(f.Groups, records, left)
		if len(alerts.Rules) > 0 {
			f.Groups = append(f.Groups, alerts)
		}
	}
	file, err = rulefile.Encode(f)
	return file, notes, err
}

// budgetText is 1 less the target without what floating point adds.
func budgetText(target float64) string {
	return strconv.FormatFloat(1-target, 'g', 10, 64)
}

func (s *Spec) alert(t Tier) rulefile.Rule {
	labels := s.labels()
	labels["severity"] = severity(t)
	leg := func(w time.Duration) string {
		return fmt.Sprintf("%s%s%s > (%s * %s)", recordedShare, text(w), selector(s.Service, s.Name), strconv.FormatFloat(t.Factor, 'g', -1, 64), budgetText(s.Target))
	}
	labels["window"] = text(t.Long)
	return rulefile.Rule{
		Alert: AlertName, Expr: leg(t.Short) + " and " + leg(t.Long), Labels: labels,
		Annotations: map[string]string{
			"summary":     fmt.Sprintf("%s of %s burns its error budget more than %s times too fast", s.Name, s.Service, strconv.FormatFloat(t.Factor, 'g', -1, 64)),
			"description": fmt.Sprintf("More than %s of all were bad over %s and over %s; %s may be over %s.", Percent(t.Factor*(1-s.Target)), text(t.Short), text(t.Long), Percent(1-s.Target), wording.Duration(s.Period)),
		},
	}
}

// severity wakes people up for what is gone in days.
func severity(t Tier) string {
	if t.Long <= 6*time.Hour {
		return "critical"
	}
	return "warning"
}
