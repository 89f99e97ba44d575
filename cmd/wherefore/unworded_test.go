package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

var pointsFile = flag.String("points", "", "file to write what the recordings are ranked to, or to compare it with where it is there")

// TestNoLogicHangsOnWords writes down what each recording is ranked to, without a
// sentence of it: words of the verdict, points, triggers, places and commits. A build
// with the tag unworded, in which every sentence of a finding, a feature, a verdict
// and a question is its id, must come to the same file.
func TestNoLogicHangsOnWords(t *testing.T) {
	if *pointsFile == "" {
		t.Skip("needs -points, and a run of another build before this one")
	}
	cases, err := filepath.Glob("../../fixtures/recorded/lab/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("got %d recordings, %v", len(cases), err)
	}
	var b strings.Builder
	for _, dir := range cases {
		s, req, done, err := openBundle(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		r, err := investigateForEval(t.Context(), s, req)
		if err != nil {
			t.Fatal(err)
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
		if id := wording.Say("sentence", "said"); id != "said" && r.Causes[0].Sentence != id {
			t.Errorf("%s: the first cause says %q in a build without words", dir, r.Causes[0].Sentence)
		}
		fmt.Fprintf(&b, "%s\n", filepath.Base(dir))
		writePoints(&b, &r)
	}
	want, err := os.ReadFile(*pointsFile)
	if os.IsNotExist(err) {
		if err := os.WriteFile(*pointsFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	was, now := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
	for i := range max(len(was), len(now)) {
		if i >= len(was) || i >= len(now) || was[i] != now[i] {
			t.Fatalf("line %d: got %q, want %q", i+1, at(now, i), at(was, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// writePoints writes a report without what is worded.
func writePoints(b *strings.Builder, r *report.Report) {
	fmt.Fprintf(b, "  %s %d of %d, gap %d, for %d, against %d, onset %s from %s\n", r.Verdict.Word, r.Verdict.SourcesAnswered, r.Verdict.SourcesAsked, r.Verdict.Gap, r.Verdict.For, r.Verdict.Against, r.Onset.At.Format("15:04:05.000"), r.Onset.From)
	terms := func(list []report.Term) {
		for _, t := range list {
			fmt.Fprintf(b, "      %s %d borrowed=%v elsewhere=%v %d of %d\n", t.ID, t.Points, t.Borrowed, t.Elsewhere, t.Seen, t.Total)
		}
	}
	for _, c := range r.Causes {
		fmt.Fprintf(b, "  %d %s %s %s %d %s\n", c.Rank, c.Entity.Name, c.Mechanism, c.Trigger, c.Score, c.Change)
		terms(c.Terms)
		for _, l := range c.Loci {
			fmt.Fprintf(b, "      %s %q\n", l.Kind, l.Name)
		}
		for _, k := range c.Commits {
			fmt.Fprintf(b, "    %s %d %d %s\n", k.SHA, k.Score, k.Share, k.Decision)
			terms(k.Terms)
		}
	}
}
