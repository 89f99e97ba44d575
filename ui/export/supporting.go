package export

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

const maxTimelineRows = 500 // the CSV has them all

func timelineBlock(in Input) block {
	b := block{head: []string{"Time (UTC)", "Kind", "What"}}
	all := moments(in)
	for i, m := range all {
		if i == maxTimelineRows {
			b.rows = append(b.rows, []string{"", "", fmt.Sprintf("%d more are in the CSV export", len(all)-i)})
			break
		}
		what := m.Text
		if m.Entity != "" {
			what = m.Entity + ": " + what
		}
		if id := traceOf(m.Refs); id != "" {
			what += " (trace " + id + ")"
		}
		b.rows = append(b.rows, []string{m.Time.UTC().Format("2006-01-02 15:04:05"), described(m), what})
	}
	return b
}

// traceOf is the trace that some references are of, empty for none.
func traceOf(refs []evidence.Ref) string {
	for _, ref := range refs {
		if ref.TraceID != "" {
			return ref.TraceID
		}
		if ref.Kind == evidence.RefTrace {
			return ref.ID
		}
	}
	return ""
}

// mostTraces is how many traces a document leads to.
const mostTraces = 8

// traces are the addresses of those that the document names: the one that the report
// shows, those of errors and of moments.
func traces(in Input) []link {
	if in.Trace == nil {
		return nil
	}
	var out []link
	var seen []string
	add := func(id, what string) {
		if id == "" || slices.Contains(seen, id) || len(out) == mostTraces {
			return
		}
		seen = append(seen, id)
		if u := in.Trace(id, ""); u != "" {
			out = append(out, link{"trace " + id + ", " + what, u})
		}
	}
	if t := in.Report.Trace; t != nil {
		add(t.Trace.ID, "which shows the failure")
	}
	for _, f := range in.Report.Failures {
		add(traceOf(f.Refs), f.Service+": "+visible.Short(f.Message, 80))
	}
	for _, m := range in.Report.Timeline {
		add(traceOf(m.Refs), m.Text)
	}
	return out
}

// supporting lists every claim with its points and how it was computed.
func supporting(in Input) []block {
	r := in.Report
	evid := block{head: []string{"Points", "Claim", "How it was computed"}, literal: 2}
	if len(r.Causes) > 0 {
		terms := slices.Clone(r.Causes[0].Terms)
		slices.SortStableFunc(terms, func(a, b report.Term) int { return cmp.Compare(b.Points, a.Points) })
		for i, t := range terms {
			if i < maxTimelineRows {
				evid.rows = append(evid.rows, []string{fmt.Sprintf("%+d", t.Points), t.Claim(), cmp.Or(t.Query, t.ID)})
			}
		}
	}
	asked := block{head: []string{"Source", "Query", "Ended", "Found"}, literal: 1}
	for i, c := range r.Coverage {
		if i < maxTimelineRows {
			asked.rows = append(asked.rows, []string{c.Source, c.Query, strings.TrimSuffix(string(c.Status)+": "+c.Detail, ": "), strconv.Itoa(c.Count)})
		}
	}
	blocks := []block{{text: "What speaks for and against the first cause:"}, evid, {text: "What was asked:"}, asked}
	if list := traces(in); len(list) > 0 {
		blocks = append(blocks, block{text: "Traces:"}, block{links: list})
	}
	if beside := beside(r); len(beside) > 0 {
		blocks = append(blocks, block{text: "Other decisions over this code:"}, block{items: beside})
	}
	for _, f := range []struct {
		words string
		all   []report.Finding
	}{{"Ruled out:", r.RuledOut}, {"Not checked:", r.NotChecked}, {"Blind spots:", r.Gaps}} {
		var items []string
		for _, x := range f.all {
			items = append(items, x.Text)
		}
		if len(items) > 0 {
			blocks = append(blocks, block{text: f.words}, block{items: items})
		}
	}
	return blocks
}

// beside are the decisions over the code that do not stand behind the cause,
// with the promises that it broke for them.
func beside(r report.Report) []string {
	var out []string
	for _, d := range r.Decisions {
		if len(r.Causes) > 0 && behind(r.Causes[0], d.ID) {
			continue
		}
		line := d.ID + ", " + cmp.Or(d.Title, "without a title")
		if promises := broken(d); len(promises) > 0 {
			line += "; did not hold: " + strings.Join(promises, ", ")
		}
		out = append(out, line)
	}
	return out
}
