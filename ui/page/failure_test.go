package page

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestTheLineShownIsOfTheCommitNamed has a failing place that another commit
// wrote.
func TestTheLineShownIsOfTheCommitNamed(t *testing.T) {
	const mine, other = "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", "9f01aa2b3c4d5e6f708192a3b4c5d6e7f8091a2b"
	code := func(path string, at int, commits ...string) report.CodeView {
		v := report.CodeView{Suspect: []int{at}, Blame: evidence.Blame{Ref: evidence.CodeRef{Path: path, Line: at, Revision: mine}}}
		for i, c := range commits {
			v.Lines = append(v.Lines, evidence.BlameLine{Line: at + i, Text: "\tline()", Commit: c})
		}
		return v
	}
	produces := report.Term{ID: "change/produces", Points: 1, Refs: []evidence.Ref{
		{Kind: evidence.RefCommit, ID: mine, Text: "--- a/x.go\n+++ b/x.go\n-\told()\n+\tnew()"}, {Kind: evidence.RefCode, ID: "x.go:7"}}}
	for _, c := range []struct {
		name  string
		terms []report.Term
		code  []report.CodeView
		want  []string // place, line
	}{
		{"the line that produces it", []report.Term{produces}, []report.CodeView{code("y.go", 3, mine)}, []string{"x.go:7", "+ new()"}},
		{"a failing line that it wrote", nil, []report.CodeView{code("y.go", 3, other), code("z.go", 5, other, mine)}, []string{"z.go:6", "+ line()"}},
		{"the failing line is older", nil, []report.CodeView{code("y.go", 3, other)}, []string{"", ""}},
		{"what another commit produces", []report.Term{{ID: "change/produces", Refs: []evidence.Ref{{Kind: evidence.RefCommit, ID: other, Text: "+ x"}}}}, nil, []string{"", ""}},
	} {
		r := reportOf()
		r.Code = c.code
		r.Causes = []report.Cause{{Rank: 1, Terms: c.terms, Commits: []report.CommitScore{{SHA: mine, Subject: "s"}}}}
		got := built(r).Changed
		if d := cmp.Diff(c.want, []string{got.Place.Text, got.Diff}); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, d)
		}
	}
}

func TestTheErrorStandsInTheHeadOnce(t *testing.T) {
	r := reportOf()
	r.Impact.Headline = "3 % of requests to cart fail"
	r.Failures = []report.Failure{
		{Service: "cart", Type: "shop.Sold", Message: "nothing left", First: onset(), Last: onset().Add(time.Minute), Seen: 4, Status: "500", Endpoints: []string{"POST /buy"},
			Refs: []evidence.Ref{{Kind: evidence.RefSpan, ID: "s", TraceID: "0af7651916cd43dd8448eb211c80319c"}, {Kind: evidence.RefLog, Text: "buying failed for 17: nothing left"}}},
		{Service: "edge", Message: "cart answered 500", First: onset(), Last: onset(), Seen: 1, Before: 2},
	}
	in := IncidentInput{Report: &r, Now: onset(), Links: Links{Trace: "https://t.example/{trace}?{span}", Explore: `https://g.example/explore?panes={"e":"{query:json}"}`}}
	h := BuildIncident(in).Head
	if h.Hit != r.Impact.Headline || !h.Said || h.Error.Text != "shop.Sold: nothing left" || h.Errors != "1\u00a0other error" {
		t.Errorf("got %q, %q, %q", h.Hit, h.Error.Text, h.Errors)
	}
	if want := "status 500 · POST /buy · in 4\u00a0requests read, never"; !strings.HasPrefix(h.Error.Facts, want) {
		t.Errorf("got %q, want %q", h.Error.Facts, want)
	}
	var links []string
	for _, l := range h.Error.Links {
		links = append(links, l.URL)
	}
	if len(links) != 2 || links[0] != "https://t.example/0af7651916cd43dd8448eb211c80319c?s" || !strings.Contains(links[1], "%5C%22buying+failed+for%5C%22") {
		t.Errorf("got links %q", links)
	}
	if want := " · 3 % of requests to cart fail · shop.Sold: nothing left"; !strings.HasSuffix(BuildIncident(in).About, want) {
		t.Errorf("a pasted link says %q", BuildIncident(in).About)
	}
	r.Title = "cart says: shop.Sold: nothing left"
	if BuildIncident(in).Head.Said {
		t.Error("the error is said twice")
	}
}

func TestOnlyWhatStandsInEveryLineIsSearchedFor(t *testing.T) {
	for said, want := range map[string]string{
		"buying failed for 17: sold": "buying failed for",
		"user42 is gone":             "",
		"connection refused":         "connection refused",
		`get "http://a/b": refused`:  "",
		"request panicked: nil":      "request panicked",
		"die Verbindung reißt ab":    "die Verbindung",
	} {
		if got := literal(said); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}
