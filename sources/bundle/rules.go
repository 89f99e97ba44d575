package bundle

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// ruleFile is rules.json: a Prometheus rule file as JSON. The answer of the
// rules API, whole or its data, is read too: it says "name" for "alert",
// "query" for "expr" and a number of seconds for "for".
type ruleFile struct {
	Groups []ruleGroup `json:"groups"`
	Data   *ruleFile   `json:"data,omitempty"`
}

type ruleGroup struct {
	Name  string     `json:"name"`
	Rules []ruleJSON `json:"rules"`
}

type ruleJSON struct {
	Alert  string            `json:"alert,omitempty"`
	Expr   string            `json:"expr,omitempty"`
	For    string            `json:"for,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`

	Type     string  `json:"type,omitempty"`
	Name     string  `json:"name,omitempty"`
	Query    string  `json:"query,omitempty"`
	Duration float64 `json:"duration,omitempty"` // seconds
}

// Rules returns the recorded alerting rules by group, then name.
func (b *Bundle) Rules(ctx context.Context) ([]evidence.Rule, error) {
	if err := b.replay(ctx, SourceRules, "rules"); err != nil {
		return nil, err
	}
	rules, err := b.rules.get(b.readRules)
	return slices.Clone(rules), err
}

func (b *Bundle) readRules() ([]evidence.Rule, error) {
	raw, err := b.all(RulesFile)
	if err != nil || raw == nil {
		return nil, err
	}
	var f ruleFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fault(RulesFile, 0, "is not a rule file as JSON: %s", brief(err))
	}
	if f.Data != nil {
		f = *f.Data
	}
	var rules []evidence.Rule
	for _, g := range f.Groups {
		for _, r := range g.Rules {
			name := cmp.Or(r.Alert, r.Name)
			if name == "" || r.Type == "recording" {
				continue
			}
			e := evidence.Rule{Name: name, Group: g.Name, Expr: cmp.Or(r.Expr, r.Query), Labels: r.Labels, For: time.Duration(r.Duration * float64(time.Second))}
			if r.For != "" {
				d, err := model.ParseDuration(r.For)
				if err != nil {
					b.losses[SourceRules].Add(lostRule, "")
					continue
				}
				e.For = time.Duration(d)
			}
			rules = append(rules, e)
		}
	}
	slices.SortStableFunc(rules, func(a, b evidence.Rule) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Expr, b.Expr))
	})
	return rules, nil
}
