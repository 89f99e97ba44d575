package main

import (
	"bytes"
	"encoding/json"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/export"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// shownAs is a report as people are given it: its page and its exports, as text.
func shownAs(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	incident := casefile.Incident{ID: r.Incident, Title: r.Title, Verdict: r.Verdict.Word, Service: r.Service, Severity: r.Severity, State: casefile.StateReported, StartedAt: r.Window.Start, Revision: r.Revision}
	in := export.Input{Envelope: export.Envelope{Incident: r.Incident, ExportedAt: r.FiredAt, Exporter: "wherefore test", Engine: r.Engine, Weights: r.Weights, Revision: r.Revision, Window: r.Window}, Incident: incident, Report: *r}
	out := map[string]string{}
	var b bytes.Buffer
	for name, write := range map[string]func() error{
		"page": func() error {
			return page.IncidentPage(page.BuildIncident(page.IncidentInput{Incident: incident, Report: r, Now: r.FiredAt})).Render(t.Context(), &b)
		},
		"markdown": func() error { return export.Markdown(&b, in) },
		"html":     func() error { return export.HTML(&b, in) },
		"json":     func() error { return export.JSON(&b, in) },
	} {
		b.Reset()
		if err := write(); err != nil {
			t.Fatal(name, err)
		}
		out[name] = b.String()
	}
	out["page"], out["html"] = textOf(out["page"]), textOf(out["html"])
	return out
}

var (
	unread = regexp.MustCompile(`(?s)<(script|style|svg|template)\b.*?</(script|style|svg|template)>`)
	inline = regexp.MustCompile(`</?(?:a|abbr|b|code|em|i|small|span|strong|time|wbr)\b[^>]*>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
)

// textOf is what a page says, a line for each of its parts.
func textOf(s string) string {
	s = tag.ReplaceAllString(inline.ReplaceAllString(unread.ReplaceAllString(s, "\n"), " "), "\n")
	return html.UnescapeString(s)
}

// amount is a number of a unit that is not derived from instants. Shares and sizes of a
// page must be the report's.
var amount = regexp.MustCompile(`(\d+(?:\.\d+)?) (%|B|KiB|MiB|GiB|times)(?:$|[^\w/])`)

// sizes are how many of a report's numbers one of a unit is: shares stand there as such,
// in per cent where a measure is, and in thousandths where points are.
var sizes = map[string][]float64{"%": {0.01, 1, 10}, "B": {1}, "KiB": {1 << 10}, "MiB": {1 << 20}, "GiB": {1 << 30}, "times": {1}}

// thousands are apart where people read them, and points stand before what they are for.
var (
	thousands = regexp.MustCompile(`(\d),(\d{3})`)
	points    = regexp.MustCompile(`^[+−-]\d+ +`)
)

// numbers are the numbers of a report, and the amounts in its sentences.
type numbers struct {
	said    map[string]bool
	numbers []float64
}

func numbersIn(t *testing.T, r *report.Report) numbers {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(body, &all); err != nil {
		t.Fatal(err)
	}
	var m numbers
	var said strings.Builder
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(k, x)
			}
		case []any:
			for _, x := range v {
				walk(key, x)
			}
		case float64:
			m.numbers = append(m.numbers, v)
		case string:
			said.WriteString(v + "\n")
		}
	}
	walk("", all)
	m.said = map[string]bool{}
	for _, a := range amount.FindAllStringSubmatch(thousands.ReplaceAllString(said.String(), "$1$2"), -1) {
		m.said[a[1]+" "+a[2]] = true
	}
	return m
}

// has reports whether a report has an amount, in a sentence or as a number that rounds
// to it.
func (m *numbers) has(text, unit string) bool {
	if m.said[text+" "+unit] {
		return true
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return false
	}
	_, decimals, _ := strings.Cut(text, ".")
	half := 0.5 * math.Pow(10, -float64(len(decimals)))
	for _, x := range m.numbers {
		for _, size := range sizes[unit] {
			if math.Abs(x/size-value) <= half*(1+1e-9) {
				return true
			}
		}
	}
	return false
}

// TestPagesAndExportsSayNothingBesideTheReport walks every line of the pages and the
// exports of the recorded incidents: no number of theirs can contradict itself, and
// every share, size and multiple is one that the report has.
func TestPagesAndExportsSayNothingBesideTheReport(t *testing.T) {
	for name, r := range recordedReports(t) {
		m := numbersIn(t, &r)
		walked := 0
		for as, text := range shownAs(t, &r) {
			for line := range strings.Lines(text) {
				line = points.ReplaceAllString(thousands.ReplaceAllString(strings.TrimSpace(line), "$1$2"), "")
				if as != "json" { // whose strings are the report's own, all on one line
					if wrong := impossible(t, line); wrong != "" {
						t.Errorf("%s, %s: %.300q: %s", name, as, line, wrong)
					}
				}
				for _, a := range amount.FindAllStringSubmatch(line, -1) {
					walked++
					if !m.has(a[1], a[2]) {
						t.Errorf("%s, %s: %.300q: the report has no %s %s", name, as, line, a[1], a[2])
					}
				}
			}
		}
		if walked == 0 {
			t.Errorf("%s: not one number was held to the report", name)
		}
	}
}

// TestANumberBesideTheReportIsFound has a page say what no report has.
func TestANumberBesideTheReportIsFound(t *testing.T) {
	r := report.Report{Title: "memory of a rose to 158 MiB", FiredAt: time.Unix(0, 0)}
	r.Impact.Affected = 0.4213
	m := numbersIn(t, &r)
	for text, want := range map[string]bool{"158 MiB": true, "8 MiB": false, "42 %": true, "42.1 %": true, "43 %": false, "42.2 %": false, "158 KiB": false, "3.5 times": false} {
		a := amount.FindStringSubmatch(text)
		if got := m.has(a[1], a[2]); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
