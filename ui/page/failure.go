package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// ErrorRow is an error in the program's own words.
type ErrorRow struct {
	Service string
	Text    string // type and message
	Place   Link
	Facts   string // how the calls ended, which, how often now and before
	First   Clock
	Last    Clock // as First where it was seen once
	Links   []Link
	Spark   *Spark
	// Samples are a few lines and spans as they say it.
	Samples []SampleRow
	// Rose is true for an error that was there before, so that nobody can say when it
	// first came up.
	Rose bool
}

// SampleRow is one sight of an error.
type SampleRow struct {
	When Clock
	Text string
	Link Link
}

// ErrorsCard lists the errors that came with the incident.
type ErrorsCard struct {
	State State
	Rows  []ErrorRow
}

func (b *builder) errors() ErrorsCard {
	rows := b.failures()
	return ErrorsCard{State: b.state(len(rows) == 0, "No error came with the incident.", "traces", "logs"), Rows: rows}
}

// failures are the report's errors, the most telling first.
func (b *builder) failures() []ErrorRow {
	var rows []ErrorRow
	for i, f := range b.rep.Failures {
		if i == maxErrors {
			break
		}
		rows = append(rows, b.failure(f))
	}
	return rows
}

// maxSamples bounds the sights that are shown of one error.
const maxSamples = 4

// maxErrors bounds the errors on the page.
const maxErrors = 8

func (b *builder) failure(f report.Failure) ErrorRow {
	r := ErrorRow{
		Service: short(f.Service, 48), Text: short(f.Message, 260), First: b.near(f.First), Last: b.near(f.Last), Rose: f.Before > 0,
	}
	if f.Type != "" && !strings.Contains(f.Message, f.Type) {
		r.Text = short(f.Type, 80) + ": " + r.Text
	}
	if p := f.Place; p != nil {
		r.Place = Link{codePlace(*p), b.line(*p)}
	}
	var facts []string
	if f.Status != "" {
		facts = append(facts, "status "+short(f.Status, 24))
	}
	if f.Class != "" {
		facts = append(facts, classWord(f))
	}
	for _, e := range f.Endpoints[:min(len(f.Endpoints), 3)] {
		facts = append(facts, short(e, 60))
	}
	r.Facts = strings.Join(append(facts, seenIn(f)+", "+b.before(f.Before)), " · ")
	for _, ref := range f.Refs[:min(len(f.Refs), maxSamples)] {
		if ref.Text != "" {
			r.Samples = append(r.Samples, SampleRow{b.near(ref.Time), short(ref.Text, 300), b.refLink(ref)})
		}
	}
	r.Links, r.Spark = b.failureLinks(f), sparkOf(f.Over, b.marks, b.clocks)
	return r
}

// classWord is what an error means for the promise; what no rule knows counts as
// fatal.
func classWord(f report.Failure) string {
	if f.ClassBy == "" {
		return "unclassified"
	}
	return f.Class
}

// seenIn says of what the count of an error is, in the words of the engine and the
// exports, numbers and what they count on one line.
func seenIn(f report.Failure) string {
	requests, lines, known := f.SeenIn()
	if !known {
		return plural(f.Seen, "time", "times")
	}
	return unbroken(wording.SeenIn(requests, lines))
}

// unbroken keeps each number of a sentence and the word after it on one line.
func unbroken(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == ' ' && i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			b.WriteString(nbsp)
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// before says how often an error came up in the time before the incident.
func (b *builder) before(n int) string {
	long := ""
	if d := b.rep.Baseline.Duration(); d > 0 {
		long = " in the " + duration(d) + " before"
	}
	if n == 0 {
		return "never" + cmp.Or(long, " before")
	}
	return plural(n, "time", "times") + cmp.Or(long, " before")
}

// failureLinks open the first trace with the error, and the lines that say it.
func (b *builder) failureLinks(f report.Failure) []Link {
	var trace, lines Link
	for _, r := range f.Refs {
		if trace.URL == "" && r.TraceID != "" {
			span := ""
			if r.Kind == evidence.RefSpan || r.Kind == evidence.RefLog {
				span = r.ID
			}
			trace = Link{"trace " + short(r.TraceID, 8), b.trace(r.TraceID, span)}
		}
		if lines.URL == "" && r.Kind == evidence.RefLog {
			lines = Link{"logs", b.logs(f.Service, r.Text)}
		}
	}
	return withURL([]Link{trace, lines})
}

// logs opens a service's log lines in the incident's window, those that say a
// text where one is given: in Grafana's Explore, else wherever lines are shown.
func (b *builder) logs(service, text string) string {
	query := evidence.LogQuery{Services: []string{service}}.String()
	if s := literal(text); s != "" {
		query += ` |= "` + logQL(s) + `"`
	}
	return cmp.Or(b.fill(b.Explore, "query", query, "trace", ""), b.fill(b.Logs, "query", query, "trace", ""))
}

// literal is the beginning of a text that stands in every line like it and needs
// no escaping in any format; empty where that is too short to tell lines apart.
func literal(s string) string {
	const least, most = 6, 80
	if i := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune("0123456789\"'\\:=<>&", r) }); i >= 0 {
		whole := s[i] == ':'
		// But for a colon, the word before may be part of what varies.
		if s = s[:i]; !whole {
			s = s[:max(0, strings.LastIndexByte(s, ' '))]
		}
	}
	if s = strings.TrimSpace(s[:min(len(s), most)]); len(s) < least {
		return ""
	}
	return s
}

// touched is the line that a commit wrote and that the report blames: the one
// that brings about what is seen, else the first of its lines that the failure
// names; false where the report shows none.
func touched(r report.Report, cause report.Cause, c report.CommitScore) (ref evidence.CodeRef, text string, ok bool) {
	for _, t := range append(append([]report.Term(nil), c.Terms...), cause.Terms...) {
		if _, does := report.MechanismRule(t.ID); !does && t.ID != "change/produces" {
			continue
		}
		diff := ""
		for _, x := range t.Refs {
			switch {
			case x.Kind == evidence.RefCommit && x.ID == c.SHA:
				diff = firstDiffLine(x.Text)
			case x.Kind == evidence.RefCode && diff != "":
				return placeOf(r, x.ID, c.SHA), diff, true
			}
		}
		if diff != "" {
			return evidence.CodeRef{}, diff, true
		}
	}
	for _, v := range r.Code {
		found := false
		for _, l := range v.Lines {
			if l.Commit == c.SHA && (!found || l.Line == v.Ref.Line) {
				ref, text, found = v.Ref, "+ "+strings.TrimSpace(l.Text), true
				ref.Line = l.Line
			}
		}
		if found {
			return ref, text, true
		}
	}
	return evidence.CodeRef{}, "", false
}

// firstDiffLine is the first line of a hunk that was added, else removed, as a
// sign and the statement.
func firstDiffLine(hunk string) string {
	removed := ""
	for line := range strings.Lines(hunk) {
		if len(line) < 2 || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "---") || strings.TrimSpace(line[1:]) == "" {
			continue
		}
		if line[0] == '+' {
			return "+ " + strings.TrimSpace(line[1:])
		}
		if line[0] == '-' && removed == "" {
			removed = "- " + strings.TrimSpace(line[1:])
		}
	}
	return removed
}

// placeOf is "path:line" as a place in the repository that the report's code is
// from, at the revision that ran; a file that is not shown is that of the commit,
// where all that is shown is of one repository.
func placeOf(r report.Report, place, commit string) evidence.CodeRef {
	ref := evidence.CodeRef{Path: place}
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		if n, err := strconv.Atoi(place[i+1:]); err == nil && n > 0 {
			ref.Path, ref.Line = place[:i], n
		}
	}
	for _, v := range r.Code {
		if v.Ref.Path == ref.Path {
			ref.Repository, ref.Revision = v.Ref.Repository, v.Ref.Revision
			return ref
		}
	}
	if len(r.Code) > 0 && !slices.ContainsFunc(r.Code, func(v report.CodeView) bool { return v.Ref.Repository != r.Code[0].Ref.Repository }) {
		ref.Repository, ref.Revision = r.Code[0].Ref.Repository, commit
	}
	return ref
}
