package page

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// askedReport has one call of each source in its coverage, fetched one second
// apart.
func askedReport() report.Report {
	r := reportOf()
	r.Onset.At, r.Window = onset(), leakWindow()
	at := onset().Add(time.Minute)
	call := func(service, query string, pieces, count int) evidence.Call {
		at = at.Add(time.Second)
		return evidence.Call{Service: service, Query: query, Window: leakWindow(), Pieces: pieces, Count: count, At: at, Took: 40 * time.Millisecond}
	}
	r.Coverage = []evidence.Coverage{
		{Source: "traces", Query: "failing traces", Status: evidence.CoverageAnswered, Calls: []evidence.Call{
			call("cart", `service=cart&tags={"error":"true"}&limit=50`, 1, 139), call("shop", "service=shop&limit=50", 1, 7)}},
		{Source: "logs", Query: "lines of the services", Status: evidence.CoverageAnswered, Calls: []evidence.Call{call("", `{service_name=~"cart|shop"}`, 13, 1982)}},
		{Source: "metrics", Query: "values of the series", Status: evidence.CoverageAnswered, Calls: []evidence.Call{call("", "sum by (job) (rate(x[1m]))", 1, 5)}},
		{Source: "changes", Query: "announced changes", Status: evidence.CoverageAnswered, Count: 2, Window: leakWindow(), At: at},
	}
	r.Code = []report.CodeView{{Blame: evidence.Blame{Ref: evidence.CodeRef{Path: "cart/add.go", Line: 7, Revision: "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70"}}}}
	return r
}

func TestEveryKindOfEvidenceHasItsQueryWindowAndTime(t *testing.T) {
	ref := func(k evidence.RefKind, id string) []evidence.Ref {
		return []evidence.Ref{{Kind: k, ID: id, Service: "cart", Time: onset()}}
	}
	for _, c := range []struct {
		name  string
		term  report.Term
		query string
		facts []string
	}{
		{"traces", report.Term{ID: "error/innermost", Calls: []report.Call{{Row: 0, Call: 0}}, Refs: ref(evidence.RefSpan, "a")}, `service=cart&tags={"error":"true"}&limit=50`, []string{"139 spans", "02:52:08 UTC", "took 40 ms"}},
		{"logs", report.Term{ID: "error/novel-template", Calls: []report.Call{{Row: 1, Call: 0}}, Refs: ref(evidence.RefLog, "")}, `{service_name=~"cart|shop"}`, []string{"1,982 lines", "02:52:10 UTC"}},
		{"metrics", report.Term{ID: "resource/usage", Calls: []report.Call{{Row: 2, Call: 0}}, Query: `x{job="cart"}`, Refs: ref(evidence.RefSeries, "x")}, `x{job="cart"}`, []string{"02:52:11 UTC"}},
		{"changes", report.Term{ID: "change/before-onset", Calls: []report.Call{{Row: 3, Call: -1}}, Refs: ref(evidence.RefChange, "d")}, "announced changes", []string{"2 changes"}},
		{"a commit", report.Term{ID: "change/produces", Refs: ref(evidence.RefCommit, "4d5e6f7")}, "git show 4d5e6f7", nil},
		{"a line", report.Term{ID: "change/produces", Refs: ref(evidence.RefCode, "cart/add.go:7")}, "git blame -L 7,7 4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70 -- cart/add.go", nil},
	} {
		r := askedReport()
		c.term.Points, c.term.Why = 100, "why"
		r.Causes = []report.Cause{{Rank: 1, Score: 100, Terms: []report.Term{c.term}}}
		asked := built(r).Why.Cards[0].Asked
		if len(asked) == 0 || asked[0].Query != c.query {
			t.Errorf("%s: got %+v, want the query %q", c.name, asked, c.query)
			continue
		}
		for _, want := range append(c.facts, "fetched") {
			if !strings.Contains(strings.ReplaceAll(asked[0].Facts, nbsp, " "), want) {
				t.Errorf("%s: got %q, which lacks %q", c.name, asked[0].Facts, want)
			}
		}
	}
}

// TestACardPrintsNoCallButItsOwn gives it a term that no call is known behind, one
// whose call is not there, and one with a series, whose own query stands for the
// call that read it with others.
func TestACardPrintsNoCallButItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		term report.Term
		want []string
	}{
		"none known":      {report.Term{ID: "topology/first", Refs: []evidence.Ref{{Kind: evidence.RefSpan, Service: "cart", Time: onset()}}}, nil},
		"not there":       {report.Term{ID: "topology/first", Calls: []report.Call{{Row: 9, Call: 0}, {Row: -1, Call: 0}}}, nil},
		"series and span": {report.Term{ID: "resource/usage", Query: "x", Calls: []report.Call{{Row: 2, Call: 0}, {Row: 0, Call: 1}}}, []string{"x", "service=shop&limit=50"}},
	} {
		r := askedReport()
		c.term.Points, c.term.Why = 100, "why"
		r.Causes = []report.Cause{{Rank: 1, Score: 100, Terms: []report.Term{c.term}}}
		var got []string
		for _, a := range built(r).Why.Cards[0].Asked {
			got = append(got, a.Query)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAPieceWiseQuerySaysSo(t *testing.T) {
	r := askedReport()
	r.Causes = []report.Cause{{Rank: 1, Terms: []report.Term{{ID: "x/y", Points: 1, Calls: []report.Call{{Row: 1, Call: 0}}}}}}
	if got := built(r).Why.Cards[0].Asked[0].Window; !strings.Contains(got, "in 13"+nbsp+"pieces") {
		t.Errorf("got window %q", got)
	}
}

func TestATraceSearchCanBeRunAgain(t *testing.T) {
	in := IncidentInput{Incident: casefile.Incident{ID: "INC-1"}, Now: onset(), Links: Links{Search: "https://jaeger.example/search?lookback=custom"}}
	r := askedReport()
	in.Report = &r
	r.Causes = []report.Cause{{Rank: 1, Terms: []report.Term{{ID: "x/y", Points: 1, Calls: []report.Call{{Row: 0, Call: 0}}}}}}
	got := BuildIncident(in).Why.Cards[0].Asked[0].Run.URL
	want := "https://jaeger.example/search?end=1722481267000000&limit=50&lookback=custom&service=cart&start=1722479467000000&tags=%7B%22error%22%3A%22true%22%7D"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	in.Links.Search = "javascript:alert(1)"
	if got := BuildIncident(in).Why.Cards[0].Asked[0].Run.URL; got != "" {
		t.Errorf("got %s from a template that is no web address", got)
	}
}
