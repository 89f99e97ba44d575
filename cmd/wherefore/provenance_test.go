package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/page"
)

var wholeReports struct {
	once sync.Once
	list map[string]report.Report
}

// recordedReports are the reports of the recorded incidents, made once for all
// tests that read what stands in them.
func recordedReports(t *testing.T) map[string]report.Report {
	t.Helper()
	if testing.Short() {
		t.Skip("investigates all recordings")
	}
	wholeReports.once.Do(func() {
		dirs, err := filepath.Glob(filepath.Join("..", "..", "fixtures", "recorded", "lab", "*"))
		if err != nil {
			t.Fatal(err)
		}
		wholeReports.list = map[string]report.Report{}
		for _, dir := range dirs {
			wholeReports.list[filepath.Base(dir)] = investigateWithout(t, dir, func(*correlate.Sources) {})
		}
	})
	return wholeReports.list
}

// callsOf are the queries of the calls behind a term, by source.
func callsOf(t *testing.T, r *report.Report, term report.Term) map[string][]string {
	t.Helper()
	by := map[string][]string{}
	for _, at := range term.Calls {
		if at.Row < 0 || at.Row >= len(r.Coverage) || at.Call >= len(r.Coverage[at.Row].Calls) {
			t.Fatalf("%s points at %+v, which the coverage does not have", term.ID, at)
		}
		row := r.Coverage[at.Row]
		query := row.Query
		if at.Call >= 0 {
			query = row.Calls[at.Call].Query
		}
		by[row.Source] = append(by[row.Source], query)
	}
	return by
}

// brought says what is wrong between a reference of a term and the calls behind
// it, empty where nothing is. A series that is computed bears another name than
// the metrics that it is computed from: computed are the queries that give such.
func brought(ref evidence.Ref, calls map[string][]string, computed map[string]string) string {
	switch ref.Kind {
	case evidence.RefSeries:
		name, _, _ := strings.Cut(ref.ID, "{")
		if !slices.ContainsFunc(calls["metrics"], func(q string) bool { return strings.Contains(q, name) || q == computed[name] }) {
			return fmt.Sprintf("no call names the metric %s", name)
		}
	case evidence.RefSpan, evidence.RefTrace:
		if !slices.ContainsFunc(calls["traces"], func(q string) bool { return strings.HasPrefix(q, "service=") || strings.Contains(q, "exemplar") }) {
			return "no search for traces brought its span"
		}
	case evidence.RefLog:
		if len(calls["logs"]) == 0 {
			return "no question for lines brought its line"
		}
	}
	return ""
}

// TestEveryTermSaysWhatItWasComputedFrom holds the calls under every term of the
// recorded incidents to what the term points at, and to the source that it is
// counted for.
func TestEveryTermSaysWhatItWasComputedFrom(t *testing.T) {
	for name, r := range recordedReports(t) {
		computed := map[string]string{}
		for _, c := range r.Causes {
			for _, term := range c.Terms {
				if term.Query != "" && term.Chart != nil && !strings.Contains(term.Query, term.Chart.Name) {
					computed[term.Chart.Name] = term.Query
				}
			}
		}
		check := func(where string, term report.Term) {
			calls := callsOf(t, &r, term)
			for _, ref := range term.Refs {
				if wrong := brought(ref, calls, computed); wrong != "" {
					t.Errorf("%s: %s %s: %s among %q", name, where, term.ID, wrong, calls)
				}
			}
			switch term.Source {
			case "traces", "logs", "metrics":
				if len(calls[term.Source]) == 0 {
					t.Errorf("%s: %s %s counts for %s and no call of theirs is behind it: %q", name, where, term.ID, term.Source, calls)
				}
			}
		}
		for _, c := range r.Causes {
			for _, term := range c.Terms {
				check(c.Entity.Name, term)
			}
			for _, k := range c.Commits {
				for _, term := range k.Terms {
					check(c.Entity.Name+" "+k.SHA, term)
				}
			}
		}
	}
}

// TestACardPrintsTheCallsOfItsTerm holds the cards of the first cause to their
// terms' calls.
func TestACardPrintsTheCallsOfItsTerm(t *testing.T) {
	for name, r := range recordedReports(t) {
		built := page.BuildIncident(page.IncidentInput{Incident: casefile.Incident{ID: r.Incident}, Report: &r, Now: r.FiredAt})
		calls, told := map[string]map[string][]string{}, map[string]bool{} // by rule
		for _, term := range r.Causes[0].Terms {
			if calls[term.ID] == nil {
				calls[term.ID] = map[string][]string{}
			}
			for source, list := range callsOf(t, &r, term) {
				calls[term.ID][source] = append(calls[term.ID][source], list...)
			}
			calls[term.ID]["metrics"] = append(calls[term.ID]["metrics"], term.Query)
			told[term.ID] = told[term.ID] || term.Source == "traces" || term.Source == "logs" || term.Source == "metrics"
		}
		for _, card := range slices.Concat(built.Why.Cards, built.Why.More, built.Why.Against) {
			if told[card.Rule] && len(card.Asked) == 0 {
				t.Errorf("%s: the card of %s prints no query", name, card.Rule)
			}
			for _, a := range card.Asked {
				if a.Source != "code" && !slices.ContainsFunc(calls[card.Rule][a.Source], func(q string) bool { return strings.HasPrefix(q, strings.TrimSuffix(a.Query, "…")) }) {
					t.Errorf("%s: the card of %s prints %s %q, which is none of its calls", name, card.Rule, a.Source, a.Query)
				}
			}
		}
	}
}
