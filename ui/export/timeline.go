package export

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// row is one event in the shape that Timesketch imports: message, datetime and
// timestamp_desc are mandatory, timestamp is in microseconds; what follows is
// ours. Where the export comes from stands in columns of every row, because a
// preamble would not be CSV.
type row struct {
	Message       string `json:"message"`
	Datetime      string `json:"datetime"`
	TimestampDesc string `json:"timestamp_desc"`
	Timestamp     int64  `json:"timestamp"`
	Lane          string `json:"lane"`
	Entity        string `json:"entity"`
	FirstSymptom  bool   `json:"first_symptom"`
	Refs          string `json:"refs"`
	Incident      string `json:"incident"`
	URL           string `json:"incident_url"`
	Revision      int    `json:"revision"`
	Engine        string `json:"engine"`
	Weights       string `json:"weights"`
	WindowStart   string `json:"window_start"`
	WindowEnd     string `json:"window_end"`
	Bundle        string `json:"bundle_sha256"`
	ExportedAt    string `json:"exported_at"`
	ExportedBy    string `json:"exported_by"`
}

// columns are row's fields in the order of its cells.
func columns() []string {
	return []string{"message", "datetime", "timestamp_desc", "timestamp", "lane", "entity", "first_symptom", "refs", "incident", "incident_url", "revision",
		"engine", "weights", "window_start", "window_end", "bundle_sha256", "exported_at", "exported_by"}
}

func (r row) cells() []string {
	return []string{r.Message, r.Datetime, r.TimestampDesc, strconv.FormatInt(r.Timestamp, 10), r.Lane, r.Entity, strconv.FormatBool(r.FirstSymptom), r.Refs, r.Incident, r.URL,
		strconv.Itoa(r.Revision), r.Engine, r.Weights, r.WindowStart, r.WindowEnd, r.Bundle, r.ExportedAt, r.ExportedBy}
}

// moments are everything that happened, in order of time: the report's
// timeline, notes, judgments, and the incident's own life.
func moments(in Input) []report.TimelineEvent {
	all := slices.Clone(in.Report.Timeline)
	add := func(t time.Time, lane, text string) {
		if !t.IsZero() {
			all = append(all, report.TimelineEvent{Time: t, Lane: lane, Text: text})
		}
	}
	if !in.Replayed {
		add(in.Incident.ReceivedAt, "alerts", "alert received")
		add(in.Incident.ReportedAt, "notes", "first report ready")
	}
	add(in.Incident.ResolvedAt, "notes", "incident resolved")
	for _, n := range in.Notes {
		add(n.Time, "notes", person(n.Author, in.ShowAuthors)+": "+oneLine(n.Text))
	}
	for _, f := range in.Feedback {
		add(f.Time, "notes", person(f.Author, in.ShowAuthors)+" "+judged(f))
	}
	slices.SortStableFunc(all, func(a, b report.TimelineEvent) int { return a.Time.Compare(b.Time) })
	return all
}

// oneLine brings what a person wrote on several lines, of whichever system, into one.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}

// person keeps roles and machines and leaves names out unless they are wanted.
func person(name string, show bool) string {
	for _, p := range []string{"role:", "iam:", "ci:", "team:"} {
		if strings.HasPrefix(name, p) {
			return name
		}
	}
	if show && name != "" {
		return name
	}
	return "a responder"
}

func judged(f casefile.Feedback) string {
	words := map[string]string{"confirm": "confirmed the cause", "reject": "rejected the cause", "correct": "corrected the cause"}[f.Judgment]
	if to := strings.Join(slices.DeleteFunc([]string{f.Entity, string(f.Trigger), f.Commit, f.Decision}, func(s string) bool { return s == "" }), " "); to != "" {
		words += " to " + to
	}
	if f.Note != "" {
		words += ": " + oneLine(f.Note)
	}
	return words
}

func rows(in Input) []row {
	e := in.Envelope
	out := []row{}
	for _, m := range moments(in) {
		refs := make([]string, 0, len(m.Refs))
		for _, r := range m.Refs {
			refs = append(refs, string(r.Kind)+":"+visible.Short(r.ID, 120))
		}
		out = append(out, row{
			Message: visible.Text(m.Text), Datetime: isoMicro(m.Time), TimestampDesc: described(m), Timestamp: m.Time.UnixMicro(),
			Lane: visible.Text(m.Lane), Entity: visible.Text(m.Entity), FirstSymptom: m.First, Refs: strings.Join(refs, " "),
			Incident: e.Incident, URL: e.URL, Revision: e.Revision, Engine: visible.Text(e.Engine), Weights: visible.Text(e.Weights),
			WindowStart: isoMicro(e.Window.Start), WindowEnd: isoMicro(e.Window.End), Bundle: e.BundleSHA256, ExportedAt: isoMicro(e.ExportedAt), ExportedBy: visible.Text(e.ExportedBy),
		})
	}
	return out
}

// isoMicro is ISO 8601 with microseconds and a numeric zone.
func isoMicro(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

// described says what a row's time means.
func described(m report.TimelineEvent) string {
	if m.First {
		return "First symptom"
	}
	words := map[string]string{"changes": "Change", "alerts": "Alert", "metrics": "Metric inflection", "logs": "Log pattern first seen",
		"traces": "Trace", "decisions": "Decision", "notes": "Note"}[m.Lane]
	if words == "" {
		return "Event"
	}
	return words
}

// CSV writes the timeline with one header line. Cells that a spreadsheet would
// take for a formula are guarded.
func CSV(w io.Writer, in Input) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns()); err != nil {
		return err
	}
	for _, r := range rows(in) {
		cells := r.cells()
		for i := range cells {
			cells[i] = guard(cells[i])
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// guard puts an apostrophe before what spreadsheets take for the start of a
// formula (OWASP, "CSV injection"; full-width forms are taken for one in East
// Asian locales). Blanks before it do not make it safe.
func guard(cell string) string {
	first := strings.TrimLeft(cell, " \u00a0\u3000\t␉␍⏎")
	if first != "" && strings.ContainsRune("=+-@|%＝＋－＠", []rune(first)[0]) {
		return "'" + cell
	}
	return cell
}

// JSONL writes the timeline as one JSON object a line.
func JSONL(w io.Writer, in Input) error {
	e := json.NewEncoder(w)
	for _, r := range rows(in) {
		if err := e.Encode(r); err != nil {
			return err
		}
	}
	return nil
}
