package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Asked is one query behind a claim, exactly as its source was asked.
type Asked struct {
	Source string
	Query  string // in the source's own language, ready to be copied
	Run    Link   // where it can be run again
	Window string
	Facts  string // what came back, when it was fetched and how long that took
}

// mostAsked bounds the queries of one card.
const mostAsked = 3

// asked lists the queries that a term was computed from: its own, which asks for
// one series alone, then the calls that brought the rest of what it rests on, and
// the commands that show commits and lines again.
func (b *builder) asked(t report.Term) []Asked {
	var out []Asked
	put := func(a Asked) {
		if len(out) < mostAsked && !slices.ContainsFunc(out, func(o Asked) bool { return o.Query == a.Query }) {
			out = append(out, a)
		}
	}
	own, shown := b.ownQuery(t)
	if shown {
		put(own)
	}
	for _, at := range t.Calls {
		row, call, ok := b.call(at)
		if ok && !(shown && row.Source == "metrics") {
			put(b.askedBy(row.Source, call))
		}
	}
	for _, a := range b.gitQueries(t.Refs) {
		put(a)
	}
	return out
}

// call is the row and the call that a term points at, the row as one call where it
// lists none.
func (b *builder) call(at report.Call) (evidence.Coverage, evidence.Call, bool) {
	if at.Row < 0 || at.Row >= len(b.rep.Coverage) {
		return evidence.Coverage{}, evidence.Call{}, false
	}
	row := b.rep.Coverage[at.Row]
	if at.Call >= 0 && at.Call < len(row.Calls) {
		return row, row.Calls[at.Call], true
	}
	return row, evidence.Call{Query: row.Query, Window: row.Window, Count: row.Count, At: row.At, Took: row.Took, Pieces: 1}, true
}

// ownQuery is the query that gives a term's series again. The engine reads many
// series with one query; when and over what is that query's. ok is false for a
// term without one.
func (b *builder) ownQuery(t report.Term) (a Asked, ok bool) {
	if t.Query == "" {
		return Asked{}, false
	}
	from := evidence.Call{Window: evidence.Window{Start: b.rep.Baseline.Start, End: b.rep.Window.End}}
	for _, at := range t.Calls {
		if row, call, known := b.call(at); known && row.Source == "metrics" {
			from = call
			break
		}
	}
	a = b.askedBy("metrics", evidence.Call{Query: t.Query, Window: from.Window, At: from.At, Took: from.Took})
	if t.Chart != nil {
		a.Facts = plural(len(t.Chart.Samples), "point", "points") + ", " + a.Facts
	} else if from.Query == t.Query && from.Count > 0 {
		a.Facts = found("metrics", from.Count) + ", " + a.Facts
	}
	return a, true
}

// gitQueries are the commands that show commits and lines again. The index
// answers as git would.
func (b *builder) gitQueries(refs []evidence.Ref) []Asked {
	var out []Asked
	for _, r := range refs {
		query := ""
		switch r.Kind {
		case evidence.RefCommit:
			query = "git show " + r.ID
		case evidence.RefCode:
			query = b.blameOf(r.ID)
		}
		if query != "" {
			out = append(out, b.askedBy("code", evidence.Call{Query: query, At: b.codeReadAt()}))
		}
	}
	return out
}

// blameOf is the command that blames "path:line" at the revision that ran.
func (b *builder) blameOf(place string) string {
	colon := strings.LastIndexByte(place, ':')
	if colon < 0 {
		return ""
	}
	line, err := strconv.Atoi(place[colon+1:])
	if err != nil || line < 1 {
		return ""
	}
	rev := ""
	for _, c := range b.rep.Code {
		if rev == "" || c.Ref.Path == place[:colon] {
			rev = c.Ref.Revision
		}
	}
	return strings.Join(strings.Fields(fmt.Sprintf("git blame -L %d,%d %s -- %s", line, line, rev, place[:colon])), " ")
}

func (b *builder) codeReadAt() time.Time {
	for _, v := range b.rep.Coverage {
		if v.Source == "code" && !v.At.IsZero() {
			return v.At
		}
	}
	return time.Time{}
}

// askedBy words one call.
func (b *builder) askedBy(source string, k evidence.Call) Asked {
	a := Asked{Source: text(source), Query: visible.ShortBlock(k.Query, 900), Run: Link{"run it again", b.runAgain(source, k)}, Window: b.windowWords(k.Window)}
	if k.Pieces > 1 {
		a.Window += ", in " + plural(k.Pieces, "piece", "pieces")
	}
	var facts []string
	if k.Count > 0 {
		facts = append(facts, found(source, k.Count))
	}
	facts = append(facts, b.fetched(k.At))
	if k.Took > 0 {
		facts = append(facts, "took "+duration(k.Took))
	}
	a.Facts = strings.Join(facts, ", ")
	return a
}

// found words what came back from a source.
func found(source string, n int) string {
	words := map[string][2]string{"traces": {"span", "spans"}, "logs": {"line", "lines"}, "metrics": {"series", "series"}, "changes": {"change", "changes"}, "rules": {"rule", "rules"}}
	w, known := words[source]
	if !known {
		w = [2]string{"item", "items"}
	}
	return plural(n, w[0], w[1])
}

// fetched words when evidence was fetched: when its query was sent, else when
// it was recorded or the report made.
func (b *builder) fetched(at time.Time) string {
	switch {
	case !at.IsZero():
		return "fetched " + b.at(at).UTC
	case !b.in.Recorded.IsZero():
		return "recorded " + b.at(b.in.Recorded).UTC
	}
	for _, r := range b.in.Revisions {
		if r.Number == b.rep.Revision && !r.At.IsZero() {
			return "fetched " + b.at(r.At).UTC
		}
	}
	return "fetched for this report"
}

// runAgain links to where a call can be repeated. The parameters of a trace
// search are taken apart and put together again, so that nothing but parameters
// gets into the address.
func (b *builder) runAgain(source string, k evidence.Call) string {
	if source != "traces" {
		query, _, _ := strings.Cut(k.Query, "\n") // one of several ways to ask
		return b.query(source, query)
	}
	params, err := url.ParseQuery(k.Query)
	if err != nil || params.Get("service") == "" {
		return ""
	}
	w := k.Window
	if w.IsZero() {
		w = cmp.Or(b.rep.Window, b.rep.Baseline)
	}
	params.Set("start", strconv.FormatInt(w.Start.UnixMicro(), 10))
	params.Set("end", strconv.FormatInt(w.End.UnixMicro(), 10))
	return b.search(params)
}
