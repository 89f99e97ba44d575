package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark" // the Markdown renderer that Hugo uses: what a reader's tool does with ours
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/export"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

func input(t *testing.T, s storybook.Story) export.Input {
	t.Helper()
	r := s.Reports[0]
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return export.Input{Incident: s.Incident, Report: r, Raw: raw, Notes: s.Notes, Feedback: s.Feedback,
		Envelope: export.Envelope{Incident: s.Incident.ID, URL: "https://wherefore.example/incidents/" + s.Incident.ID, ExportedAt: storybook.Now(), ExportedBy: "role:sre",
			Exporter: "wherefore test", Engine: r.Engine, Weights: r.Weights, Revision: 1, Window: r.Window, BundleSHA256: "e3b0c442"}}
}

func story(t *testing.T, name string) storybook.Story {
	t.Helper()
	for _, s := range storybook.Stories() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no story %q", name)
	return storybook.Story{}
}

func write(t *testing.T, format string, in export.Input) string {
	t.Helper()
	f, err := export.ByName(format)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownKeepsTheOrderOfTheSREBook(t *testing.T) {
	got := regexp.MustCompile(`(?m)^#{2,3} .*$`).FindAllString(write(t, "markdown", input(t, story(t, "confirmed"))), -1)
	want := []string{"## Date", "## Authors", "## Status", "## Summary", "## Impact", "## Root Causes", "## Trigger", "## Resolution", "## Detection", "## Action Items",
		"## Lessons Learned", "### What went well", "### What went wrong", "### Where we got lucky", "## Timeline", "## Supporting information", "## Provenance"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("headings differ (-want +got):\n%s", d)
	}
}

func TestMarkdownIsBlamelessUnlessNamesAreWanted(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	in.Notes[0].Author = "Jane Roe"
	if got := write(t, "markdown", in); strings.Contains(got, "J. Doe") || strings.Contains(got, "Jane Roe") || !strings.Contains(got, "role:backend") {
		t.Error("the postmortem names people, or leaves roles out")
	}
	in.ShowAuthors = true
	if got := write(t, "markdown", in); !strings.Contains(got, "J. Doe") || !strings.Contains(got, "Jane Roe") {
		t.Error("the postmortem leaves names out that are wanted")
	}
}

func TestEveryExportSaysWhereItComesFrom(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	for _, f := range export.Formats() {
		got := write(t, f.Name, in)
		for _, want := range []string{in.Incident.ID, "https://wherefore.example/incidents/INC-confirmed", "2024-08-01", "role:sre", "e3b0c442"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not carry %q", f.Name, want)
			}
		}
	}
}

func TestCSVIsWhatTimesketchTakes(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	cells, err := csv.NewReader(strings.NewReader(write(t, "csv", in))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head := strings.Join(cells[0][:4], ",")
	if want := "message,datetime,timestamp_desc,timestamp"; head != want {
		t.Errorf("got header %q, want it to start with %q", head, want)
	}
	if got, want := len(cells)-1, len(in.Report.Timeline)+len(in.Notes)+len(in.Feedback)+2; got != want {
		t.Errorf("got %d rows, want %d", got, want)
	}
	last := time.Time{}
	for _, c := range cells[1:] {
		at, err := time.Parse(time.RFC3339Nano, c[1])
		if err != nil || at.Before(last) {
			t.Errorf("row %q: time %q does not parse or is out of order: %v", c[0], c[1], err)
		}
		if c[0] == "" || c[2] == "" || c[3] != jsonNumber(at.UnixMicro()) {
			t.Errorf("row %v lacks a message, a description or the time in microseconds", c[:4])
		}
		last = at
	}
}

func jsonNumber(n int64) string {
	b, _ := json.Marshal(n)
	return string(b)
}

func TestNoCellIsAFormula(t *testing.T) {
	cells, err := csv.NewReader(strings.NewReader(write(t, "csv", input(t, storybook.Hostile(storybook.Payloads()))))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	guarded := 0
	for _, row := range cells {
		for _, c := range row {
			trimmed := strings.TrimSpace(c)
			if trimmed != "" && strings.ContainsRune("=+-@|%", []rune(trimmed)[0]) {
				t.Errorf("cell %q starts like a formula", c)
			}
			if strings.HasPrefix(c, "'=") || strings.HasPrefix(c, "'@") {
				guarded++
			}
		}
	}
	if guarded == 0 {
		t.Error("no payload reached a cell: the test shows nothing")
	}
}

func TestJSONLHasTheSameRowsAsCSV(t *testing.T) {
	in := input(t, storybook.Hostile(storybook.Payloads()))
	cells, err := csv.NewReader(strings.NewReader(write(t, "csv", in))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(write(t, "jsonl", in)), "\n")
	if len(lines) != len(cells)-1 {
		t.Fatalf("got %d lines, want %d", len(lines), len(cells)-1)
	}
	for i, l := range lines {
		var row map[string]any
		if err := json.Unmarshal([]byte(l), &row); err != nil {
			t.Fatalf("line %d: %v", i, err)
		}
		for k, name := range cells[0] {
			if _, ok := row[name]; !ok {
				t.Fatalf("line %d lacks %q", i, name)
			}
			if s, ok := row[name].(string); ok && s != strings.TrimPrefix(cells[i+1][k], "'") && s != cells[i+1][k] {
				t.Errorf("line %d, %s: got %q, want %q", i, name, s, cells[i+1][k])
			}
		}
	}
}

func TestJSONLosesNothing(t *testing.T) {
	in := input(t, storybook.Hostile(storybook.Payloads()))
	got := write(t, "json", in)
	var doc struct {
		Format string
		Report any
		Notes  []any
	}
	if err := json.Unmarshal([]byte(got), &doc); err != nil {
		t.Fatal(err)
	}
	var want any
	if err := json.Unmarshal(in.Raw, &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, doc.Report); d != "" {
		t.Errorf("the report differs (-want +got):\n%s", d)
	}
	if doc.Format != export.JSONVersion || len(doc.Notes) != len(in.Notes) {
		t.Errorf("got format %q and %d notes", doc.Format, len(doc.Notes))
	}
}

func TestThePostmortemKeepsToTheCause(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	r := &in.Report
	other := r.Decisions[0]
	other.ID, other.Title = "ADR-047", "Cache bids"
	r.Decisions = append(r.Decisions, other)
	r.Changes = append([]report.ChangeView{{Change: evidence.Change{ID: "deploy-40", Kind: evidence.ChangeDeploy, Service: "bidder", Time: r.FiredAt}, Suspect: true, Why: "came before"}}, r.Changes...)
	md := write(t, "markdown", in)
	for section, c := range map[string]struct {
		has, lacks []string
	}{
		"Summary":     {[]string{"ad-server leaks etcd connections", "Verdict: Confirmed (7 for, 1 against). 6 of 6 sources had data."}, nil},
		"Impact":      {[]string{"38 % of ad requests fail", "burned 31 times too fast"}, nil},
		"Root Causes": {[]string{"Commit 4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", "Why this commit: the suspect lines are its own", "Decision DEC-2024-0872", "latency_p99 \\< 900 ms: broken (4100 ms)", "role:backend confirmed the cause: The stream"}, []string{"ADR-047"}},
		"Trigger":     {[]string{"- Deploy of ad-server from a1b2c3d to 4d5e6f7 at 2024-08-01 02:44:07 UTC, 7 min before onset. Live at onset, touches the failing lines.\n- Deploy of bidder"}, []string{"bid_cache"}},
		"Resolution":  {[]string{"as planned in DEC-2024-0872", "kubectl rollout undo", "last drill 74 s"}, []string{"profile_retry"}},
		"Detection":   {[]string{"AdFillRateLow fired at 2024-08-01 02:52:09 UTC: fill rate below 70 %", "From alert to root-cause report: 14 s"}, nil},
		"Action Items": {[]string{"| Roll the binary back to v1.8.1 | mitigate |", "Decide whether DEC-2024-0872 stands: it promised latency_p99"},
			[]string{"profile_retry", "ADR-047"}},
		"Supporting information": {[]string{"ADR-047, Cache bids; did not hold: latency_p99", `{service_name=\"ad-server\"} \|= \"failed`}, nil},
		"Provenance":             {[]string{"<https://wherefore.example/incidents/INC-confirmed>"}, nil},
	} {
		_, body, _ := strings.Cut(md, "\n## "+section+"\n")
		body, _, _ = strings.Cut(body, "\n## ")
		for _, want := range c.has {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not say %q:\n%s", section, want, body)
			}
		}
		for _, bad := range c.lacks {
			if strings.Contains(body, bad) {
				t.Errorf("%s says %q, which is not of the cause", section, bad)
			}
		}
	}
}

func TestAReplayIsNoPartOfTheIncident(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	in.Replayed = true
	for _, f := range []string{"markdown", "html", "csv", "jsonl"} {
		got := write(t, f, in)
		for _, bad := range []string{"alert received", "first report ready", "root-cause report:"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s of a recording says %q, which is when it was replayed", f, bad)
			}
		}
	}
}

// TestNoExportHidesOrRunsAnything renders Markdown with raw HTML allowed, as a
// careless tool would.
func TestNoExportHidesOrRunsAnything(t *testing.T) {
	in := input(t, storybook.Hostile(storybook.Payloads()))
	for _, f := range export.Formats() {
		got := write(t, f.Name, in)
		for _, r := range got {
			if unicode.Is(unicode.Bidi_Control, r) || r != '\n' && r != '\r' && r != '\t' && unicode.IsControl(r) {
				t.Errorf("%s holds the invisible character %U", f.Name, r)
				break
			}
		}
		if f.Name == "markdown" {
			var b bytes.Buffer
			careless := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify), goldmark.WithRendererOptions(html.WithUnsafe()))
			if err := careless.Convert([]byte(got), &b); err != nil {
				t.Fatal(err)
			}
			got = b.String()
		}
		if f.Name == "markdown" || f.Name == "html" {
			got = strings.Replace(got, `<a href="`+in.Envelope.URL+`">`, "", 1) // the one link, to where it comes from
			pictures := regexp.MustCompile(`(?s)<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 120"><path [^!?]*?</svg>`)
			if n := len(pictures.FindAllString(got, -1)); f.Name == "html" && n != 2 {
				t.Errorf("got %d charts, want 2", n)
			}
			got = pictures.ReplaceAllString(got, "")
			for _, bad := range []string{"<script", "<img", "<svg", "<iframe", "<base", "<link", "<a ", "<foreignObject", "http-equiv=\"refresh\""} {
				if strings.Contains(strings.ToLower(got), strings.ToLower(bad)) {
					t.Errorf("%s holds %s", f.Name, bad)
				}
			}
			if !strings.Contains(got, "&lt;script&gt;window.pwned=1&lt;/script&gt;") {
				t.Errorf("%s does not show the payload as text", f.Name)
			}
		}
	}
}

func TestMarkdownTablesKeepTheirShape(t *testing.T) {
	var b bytes.Buffer
	md := write(t, "markdown", input(t, storybook.Hostile(storybook.Payloads())))
	if err := goldmark.New(goldmark.WithExtensions(extension.Table)).Convert([]byte(md), &b); err != nil {
		t.Fatal(err)
	}
	for _, row := range strings.Split(b.String(), "<tr>")[1:] {
		row, _, _ = strings.Cut(row, "</tr>")
		if n := strings.Count(row, "</td>") + strings.Count(row, "</th>"); n != 3 && n != 4 {
			t.Errorf("a row has %d cells: %.200s", n, row)
		}
	}
}

func TestUnknownFormatIsRefused(t *testing.T) {
	if _, err := export.ByName("pdf"); !errors.Is(err, evidence.ErrInvalid) || !strings.Contains(err.Error(), "markdown, csv, jsonl, json, html or bundle") {
		t.Errorf("got %v", err)
	}
}

// TestThePostmortemShowsWhatToLookAt: what the commit changed as a diff, the suspect
// lines with their numbers, traces as links where they can be opened, and what people
// wrote as they wrote it.
func TestThePostmortemShowsWhatToLookAt(t *testing.T) {
	in := input(t, story(t, "confirmed"))
	in.Trace = func(trace, _ string) string { return "https://traces.example/trace/" + trace }
	in.Notes[0].Text = "Rolled back.\r\nSee https://git.example/shop/pull/7."
	cause := &in.Report.Causes[0]
	commit, _ := cause.Commit()
	cause.Terms = append(cause.Terms, report.Term{ID: "change/produces", Refs: []evidence.Ref{
		{Kind: evidence.RefCommit, ID: commit.SHA, Text: "-\tdefer stream.Close()\n+\tdefer stream.Reset()\n"}, {Kind: evidence.RefCode, ID: "internal/profile/etcd.go:118"},
	}})
	id := in.Report.Trace.Trace.ID
	for format, want := range map[string][]string{
		"markdown": {"```diff\n", "@@ internal/profile/etcd.go:118 @@\n-\tdefer stream.Close()\n+\tdefer stream.Reset()\n```", "the suspect lines marked:\n\n```\n",
			"<https://traces.example/trace/" + id + ">", "Rolled back. See `https://git.example/shop/pull/7`.", "Write a test that fails with commit 4d5e6f7: the error came up at internal/profile/etcd.go:118 |"},
		"html": {"+\tdefer stream.Reset()", `<a href="https://traces.example/trace/` + id + `" rel="noreferrer">`, "Rolled back. See https://git.example/shop/pull/7.", "<svg "},
	} {
		got := write(t, format, in)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s does not say %q:\n%.3000s", format, w, got)
			}
		}
	}
	in.Report.Verdict.NoCodeCause = true
	if got := write(t, "markdown", in); strings.Contains(got, "```diff") {
		t.Error("where code is not the cause, the document shows a commit's diff")
	}
}
