package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

var pointsFile = flag.String("points", "", "file to write what the recordings are ranked to, or to compare it with where it is there")

// TestNoLogicHangsOnWords writes down what each recording is ranked to, without a
// sentence of it: words of the verdict, points, triggers, places and commits. A build
// with the tag unworded, in which every sentence of a report is its id, must come to
// the same file.
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
		s, req, done, err := backend.OpenBundle(t.Context(), dir)
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
		if wording.Say("sentence", "said") != "said" {
			if sentences(t, reflect.ValueOf(r), "report"); len(r.Causes) == 0 {
				t.Errorf("%s: no cause in a build without words", dir)
			}
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

// worded are the fields of a report that hold sentences of ours, by type and name.
var worded = map[string]bool{
	"Report.Title": true, "Verdict.Because": true, "Verdict.WhyNotSecond": true, "Verdict.Sensitivity": true,
	"Cause.Sentence": true, "Cause.Lead": true, "Term.Why": true, "Term.Said": true, "Suspicion.Sentence": true,
	"Impact.Facts": true, "MilestoneImpact.Says": true, "Budget.Says": true, "Budget.Notes": true,
	"Finding.Text": true, "TimelineEvent.Text": true, "TraceView.Why": true, "TraceView.Skews": true, "ChangeView.Why": true,
	"Action.Title": true, "Action.Freshness": true, "Rollback.Reason": true, "Rollback.Refused": true, "RuledOut.Why": true,
	"Target.Unknown": true, "Target.Compacted": true, "Recovery.Because": true, "Recovery.Says": true, "Coverage.Query": true, "Coverage.Detail": true,
	"Report.Warnings": true, "Cause.Lost": true, "ProfileView.Notes": true, "Answer.Because": true,
}

var isID = regexp.MustCompile(`^<.*>$`)

// sentences holds each of them to its id in a build without words.
func sentences(t *testing.T, v reflect.Value, field string) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		if worded[field] && v.String() != "" && !isID.MatchString(v.String()) {
			t.Errorf("%s says %q in a build without words", field, v.String())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			sentences(t, v.Elem(), field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			sentences(t, v.Index(i), field)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				sentences(t, v.Field(i), v.Type().Name()+"."+f.Name)
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// writePoints writes a report without what is worded: what it was ranked to, and
// what the page is made of.
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
	for _, f := range slices.Concat(r.Gaps, r.RuledOut, r.NotChecked) {
		fmt.Fprintf(b, "  finding %s %s, %d references\n", f.ID, f.Entity, len(f.Refs))
	}
	for _, e := range r.Timeline {
		fmt.Fprintf(b, "  %s %s %s first=%v, %d references\n", e.Time.Format("15:04:05.000"), e.Lane, e.Entity, e.First, len(e.Refs))
	}
	for _, c := range r.Changes {
		fmt.Fprintf(b, "  change %s suspect=%v\n", c.ID, c.Suspect)
	}
	for _, a := range r.Actions {
		fmt.Fprintf(b, "  action %s %q from %s, %d notes\n", a.Kind, a.Command, a.Source, len(a.Freshness))
	}
	var asked []string // whose rows stand in order of their words
	for _, c := range r.Coverage {
		asked = append(asked, fmt.Sprintf("  asked %s %s %q: %s, %d\n", c.Source, c.Key, c.Subject, c.Status, c.Count))
	}
	slices.Sort(asked)
	b.WriteString(strings.Join(asked, ""))
	if r.Rollback != nil {
		fmt.Fprintf(b, "  back by %s, refused=%v, %d ruled out, %d steps\n", r.Rollback.Kind, r.Rollback.Refused != "", len(r.Rollback.RuledOut), len(r.Rollback.Steps))
	}
	if r.Trace != nil {
		fmt.Fprintf(b, "  trace %s of %d spans, %d skews\n", r.Trace.Trace.ID, len(r.Trace.Trace.Spans), len(r.Trace.Skews))
	}
	fmt.Fprintf(b, "  hit %.3f, %d facts, services %v, %d milestones, %d budgets\n", r.Impact.Affected, len(r.Impact.Facts), r.Impact.Services, len(r.Impact.Milestones), len(r.Impact.Budgets))
}
