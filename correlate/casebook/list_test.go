package casebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

var began = time.Date(2026, 3, 1, 2, 51, 7, 0, time.UTC)

// filled is a casebook of n incidents with reports: 40 services, 4 severities,
// 30 decisions, every fifth resolved.
func filled(t testing.TB, n int) *Book {
	t.Helper()
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), Options{Now: func() time.Time { return began }, QueueLimit: n + 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	for i := range n {
		a := evidence.Alert{Receiver: "wh", GroupKey: fmt.Sprint("g", i), Status: evidence.StatusFiring,
			Labels:    map[string]string{"alertname": "Burn", "service": fmt.Sprintf("service-%02d", i%40), "severity": []string{"page", "critical", "warning", "info"}[i%4]},
			Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: began.Add(time.Duration(i) * time.Minute), Fingerprint: "f"}}}
		id, err := b.Accept(t.Context(), a, nil)
		if err != nil {
			t.Fatal(err)
		}
		j, err := b.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		decision := fmt.Sprintf("DEC-%d", i%30)
		ref := evidence.CodeRef{Repository: "shop", Path: "etcd.go", Line: 10 + i%3, Revision: fmt.Sprint("rev", i)}
		r := report.Report{Title: fmt.Sprint("cause ", i), Revision: j.Revision, Verdict: report.Verdict{Word: report.Likely},
			Impact: report.Impact{Burn: float64(i % 97), Budgets: []report.Budget{{Says: fmt.Sprint("budget ", i%97)}}, Affected: float64(i%89) / 100},
			Causes: []report.Cause{{Entity: evidence.Entity{Name: a.Labels["service"]}, Mechanism: report.MechanismError, Trigger: report.TriggerCode, Decision: decision}},
			Code:   []report.CodeView{{Blame: evidence.Blame{Ref: ref, Lines: []evidence.BlameLine{{Line: ref.Line, Decisions: []string{decision}}, {Line: 99}}}}}}
		body, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Finish(t.Context(), j, r, body); err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 {
			if _, err := b.SetState(t.Context(), id, "resolve", "me"); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b
}

// TestAListPageIsReadOffAnIndex holds every order to an index that holds the
// whole sort key: sorting all incidents for one page grows with their number.
func TestAListPageIsReadOffAnIndex(t *testing.T) {
	b := filled(t, 5)
	for name, o := range orders {
		plan := explain(t, b, `SELECT `+incidentColumns+` FROM incident WHERE tenant = '' ORDER BY `+o.by()+` LIMIT 51`)
		if !strings.Contains(plan, "USING INDEX") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("sort %q is not read off an index: %s", name, plan)
		}
	}
	for _, c := range facetColumns {
		plan := explain(t, b, `SELECT `+c.column+`, count(*) AS n FROM incident WHERE tenant = '' GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20`)
		if !strings.Contains(plan, "COVERING INDEX") || strings.Contains(plan, "TEMP B-TREE FOR GROUP BY") {
			t.Errorf("facet %s is not counted along an index: %s", c.field, plan)
		}
	}
}

func explain(t *testing.T, b *Book, query string) string {
	t.Helper()
	rows, err := b.db.(*sqlite).read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "; ")
}

func TestTheListIsSortedByBurnAndImpact(t *testing.T) {
	b := filled(t, 6)
	for sort, want := range map[string][]string{"burn": {"cause 5", "cause 4"}, "impact": {"cause 5", "cause 4"}} {
		list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Sort: sort, Limit: 2})
		if err != nil || len(list) != 2 {
			t.Fatalf("%s: got %d (%v)", sort, len(list), err)
		}
		if diff := cmp.Diff(want, []string{list[0].Title, list[1].Title}); diff != "" {
			t.Errorf("%s: %s", sort, diff)
		}
		if list[0].Burn != 5 || list[0].Affected != 0.05 || list[0].Budget != "budget 5" {
			t.Errorf("got burn %v, affected %v and %q, want the report's", list[0].Burn, list[0].Affected, list[0].Budget)
		}
	}
}

func TestHotLinesAreThoseOfMostIncidents(t *testing.T) {
	b := filled(t, 7)
	hot, err := b.Hot(t.Context(), 2)
	if err != nil || len(hot) != 2 {
		t.Fatalf("got %v (%v)", hot, err)
	}
	want := casefile.HotLine{Ref: evidence.CodeRef{Repository: "shop", Path: "etcd.go", Line: 10, Revision: "rev6"}, Incidents: 3, Decisions: []string{"DEC-0", "DEC-3", "DEC-6"}}
	if diff := cmp.Diff(want, hot[0]); diff != "" {
		t.Error(diff)
	}
	of, err := b.LinesOf(t.Context(), "DEC-4", 10)
	if err != nil || len(of) != 1 || of[0].Ref.Line != 11 {
		t.Errorf("got %v (%v), want the line of the decision alone", of, err)
	}
	n, err := b.Attributed(t.Context())
	if err != nil || n["DEC-4"] != 1 || len(n) != 7 {
		t.Errorf("got %v (%v)", n, err)
	}
}

func TestJudgmentsAreCountedByTheVerdictThatWasJudged(t *testing.T) {
	b := filled(t, 3)
	list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Sort: "started"})
	if err != nil {
		t.Fatal(err)
	}
	for i, judgment := range []string{"reject", "confirm", "correct"} {
		if _, err := b.AddFeedback(t.Context(), list[i].ID, casefile.Feedback{Revision: 1, Judgment: judgment}); err != nil {
			t.Fatal(err)
		}
	}
	// A second thought replaces the first; a judgment of no report counts nowhere.
	for _, f := range []casefile.Feedback{{Revision: 1, Judgment: "confirm"}, {Revision: 9, Judgment: "confirm"}} {
		if _, err := b.AddFeedback(t.Context(), list[0].ID, f); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Judged(t.Context())
	if diff := cmp.Diff([]casefile.Judged{{Verdict: report.Likely, Judged: 3, Right: 2}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestTurningPagesWhileIncidentsComeIn walks every order page by page while new
// incidents arrive: no row may come twice, and none that was there may be
// missing.
func TestTurningPagesWhileIncidentsComeIn(t *testing.T) {
	for name := range orders {
		b := filled(t, 60)
		want := map[string]bool{}
		list, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Limit: 200})
		if err != nil || len(list) != 60 {
			t.Fatal(len(list), err)
		}
		for _, i := range list {
			want[i.ID] = true
		}
		f := casefile.IncidentFilter{Sort: name, Limit: 7}
		seen := map[string]int{}
		for page := 0; ; page++ {
			list, next, err := b.Incidents(t.Context(), f)
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			for _, i := range list {
				seen[i.ID]++
			}
			if f.Cursor = next; next == "" {
				break
			}
			late := evidence.Alert{Receiver: "late", GroupKey: fmt.Sprint(page), Status: evidence.StatusFiring, Labels: map[string]string{"service": "service-00", "severity": "page"},
				Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: began.Add(time.Hour * 24)}}}
			if _, err := b.Accept(t.Context(), late, nil); err != nil {
				t.Fatal(err)
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Errorf("%q: %s came %d times", name, id, n)
			}
			delete(want, id)
		}
		if len(want) > 0 {
			t.Errorf("%q: %d incidents were never shown", name, len(want))
		}
	}
	if _, _, err := filled(t, 1).Incidents(t.Context(), casefile.IncidentFilter{Sort: "burn", Cursor: cursor{Key: "1", ID: "INC-1"}.encode()}); err == nil {
		t.Error("a cursor of another order was taken")
	}
}

// BenchmarkList reads what the list page reads, with a tenth and with all of
// 10,000 incidents behind it: the time of a page must not grow with them.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		book := filled(b, n)
		for name, f := range map[string]casefile.IncidentFilter{
			"first page": {}, "by burn": {Sort: "burn"}, "last page": {Cursor: cursor{"", "1", began.UnixNano() + int64(50*5*time.Minute), "INC-"}.encode()}, "filtered": {Service: "service-07", Sort: "impact"}, "search": {Text: "cause 77"},
		} {
			b.Run(fmt.Sprintf("%s of %d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, _, err := book.Incidents(context.Background(), f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("facets of %d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := book.Facets(context.Background(), casefile.IncidentFilter{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestAStormLooksForAnotherGroupAlongAnIndexOfWhatIsNotFull holds the question that
// every group of a storm asks to the index that was made for it.
func TestAStormLooksForAnotherGroupAlongAnIndexOfWhatIsNotFull(t *testing.T) {
	b := filled(t, 1)
	query := foldableByOnset
	for n, value := range []string{"'wh'", "'x'", "1", "1", "5", "3"} {
		query = strings.ReplaceAll(query, "?"+strconv.Itoa(n+1), value)
	}
	if plan := explain(t, b, query); !strings.Contains(plan, "incident_waiting") {
		t.Errorf("got %s", plan)
	}
	var index string
	if err := b.db.reading(t.Context()).row(`SELECT sql FROM sqlite_master WHERE name = 'incident_waiting'`).Scan(&index); err != nil || !strings.Contains(index, "members < "+strconv.Itoa(mostByOnset)) {
		t.Errorf("the index is of other groups: %s (%v)", index, err)
	}
}

// FuzzCursor asks for the page behind whatever somebody made of a cursor.
func FuzzCursor(f *testing.F) {
	for sort := range orders {
		f.Add(sort, cursor{Sort: sort, Key: "0", Started: 1, ID: "INC-1"}.encode())
		f.Add(sort, cursor{Sort: sort, Key: "NaN", Started: -1 << 63, ID: "'"}.encode())
	}
	f.Add("", "e30")
	b, err := Attach(f.Context(), filepath.Join(f.TempDir(), "book.db"), Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer b.Close()
	f.Fuzz(func(t *testing.T, sort, text string) {
		if _, _, err := b.Incidents(t.Context(), casefile.IncidentFilter{Sort: sort, Cursor: text, Text: text, Service: sort}); err != nil && !errors.Is(err, evidence.ErrInvalid) {
			t.Errorf("%q in the order %q: %v", text, sort, err)
		}
	})
}
