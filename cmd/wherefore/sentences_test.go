package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// told is every sentence of a report that a person reads.
func told(r *report.Report) []string {
	list := append([]string{r.Title, r.Impact.Headline, r.Verdict.WhyNotSecond}, r.Impact.Facts...)
	list = append(append(list, r.Verdict.Because...), r.Verdict.Sensitivity...)
	for _, c := range r.Causes {
		list = append(list, c.Sentence, c.Lost)
		terms := c.Terms
		for _, k := range c.Commits {
			terms = append(terms[:len(terms):len(terms)], k.Terms...)
		}
		for _, t := range terms {
			list = append(list, t.Why, t.Said)
			for _, ref := range t.Refs {
				list = append(list, ref.Text)
			}
		}
	}
	for _, e := range r.Timeline {
		list = append(list, e.Text)
	}
	for _, c := range r.Changes {
		list = append(list, c.Why)
	}
	for _, findings := range [][]report.Finding{r.Gaps, r.RuledOut, r.NotChecked} {
		for _, f := range findings {
			list = append(list, f.Text)
		}
	}
	return list
}

const number = `(\d+(?:\.\d+)?(?:e[+-]\d+)?)`

// Sentences whose numbers can contradict each other.
var (
	partOf      = regexp.MustCompile(`\b(\d+) of (?:the |all )?(\d+)\b`)
	ofItself    = regexp.MustCompile(`took ` + number + ` ms, ` + number + ` ms of it itself`)
	shareOf     = regexp.MustCompile(number + ` % of `)
	rose        = regexp.MustCompile(`\b(rose|fell) from ` + number + ` ?(\S*) to ` + number + ` ?([^\s,;:.]*)`)
	alike       = regexp.MustCompile(`\b` + number + ` (\S+) .{0,80}instead of ` + number + ` (\S+)`)
	countsAPart = regexp.MustCompile(`\bholds 0\.\d+ `)
)

func float(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// impossible says what cannot be about a sentence, nothing where all may be.
func impossible(t *testing.T, text string) string {
	for _, m := range partOf.FindAllStringSubmatch(text, -1) {
		if float(t, m[1]) > float(t, m[2]) {
			return "a part is larger than its whole: " + m[0]
		}
	}
	for _, m := range ofItself.FindAllStringSubmatch(text, -1) {
		if float(t, m[2]) > float(t, m[1]) {
			return "a span is longer itself than it took: " + m[0]
		}
	}
	for _, m := range shareOf.FindAllStringSubmatch(text, -1) {
		if float(t, m[1]) > 100 {
			return "more than all: " + m[0]
		}
	}
	for _, m := range rose.FindAllStringSubmatch(text, -1) {
		if from, to := float(t, m[2]), float(t, m[4]); m[3] == m[5] && (m[1] == "rose" && to < from || m[1] == "fell" && to > from) {
			return "it did not: " + m[0]
		}
	}
	for _, m := range alike.FindAllStringSubmatch(text, -1) {
		if m[1] == m[3] && m[2] == m[4] {
			return "nothing differs: " + m[0]
		}
	}
	if m := countsAPart.FindString(text); m != "" {
		return "a share is no count: " + m
	}
	return ""
}

func TestWhatCannotBeIsRecognised(t *testing.T) {
	for text, wrong := range map[string]bool{
		"GET profile took 0.2 ms, 419.5 ms of it itself": true,
		"GET profile took 419.5 ms, 0.2 ms of it itself": false,
		"117 of 77 calls to db fail":                     true,
		"77 of the 117 calls to db fail":                 false,
		"130 % of requests to edge fail":                 true,
		"the heap of a rose from 295 MiB to 5 MiB":       true,
		"the heap of a rose from 295 MiB to 1.2 GiB":     false,
		"a itself takes 0.2 ms GET / instead of 0.2 ms":  true,
		"a holds 0.0022 open fds":                        true,
	} {
		if got := impossible(t, text); (got != "") != wrong {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// mechanisms are how a cause is said to hurt.
var mechanisms = []string{"runs out of a resource", "has exhausted a limited resource", "is slow by itself", "is where the failures start", "takes another code path", "is gone", "fails at an external dependency"}

// TestRecordedReportsSayNothingThatCannotBe walks every sentence of the reports on
// the recorded incidents.
func TestRecordedReportsSayNothingThatCannotBe(t *testing.T) {
	for name, r := range recordedReports(t) {
		for _, text := range told(&r) {
			if wrong := impossible(t, text); wrong != "" {
				t.Errorf("%s: %q: %s", name, text, wrong)
			}
		}
		if r.Verdict.Word == report.Inconclusive {
			for _, m := range mechanisms {
				if strings.Contains(r.Title, m) {
					t.Errorf("%s: an inconclusive report names a mechanism: %q", name, r.Title)
				}
			}
		}
		if tr := r.Trace; tr != nil && len(tr.Trace.Spans) > 0 && tr.Trace.Spans[0].Start.Before(r.Onset.Earliest) {
			t.Errorf("%s: the trace shown began at %s, before the onset at %s", name, tr.Trace.Spans[0].Start, r.Onset.Earliest)
		}
	}
}
