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

// asked lists the queries that a term rests on: its own, then those of the
// sources that its references come from.
func (b *builder) asked(t report.Term) []Asked {
	var out []Asked
	put := func(list ...Asked) {
		for _, a := range list {
			if len(out) < mostAsked && !slices.ContainsFunc(out, func(o Asked) bool { return o.Query == a.Query }) {
				out = append(out, a)
			}
		}
	}
	if t.Query != "" {
		put(b.ownQuery(t))
	}
	sources := sourcesOf(t)
	for _, source := range sources {
		if source != "metrics" || t.Query == "" {
			put(b.callsFor(source, t.Refs)...)
		}
	}
	put(b.gitQueries(t.Refs)...)
	if len(out) == 0 {
		for _, source := range sources {
			put(b.questions(source)...)
		}
	}
	return out
}

// ownQuery is the query that gives a term's series again. The engine reads many
// series with one query; when and over what is that query's.
func (b *builder) ownQuery(t report.Term) Asked {
	source := "metrics"
	if s := sourcesOf(t); len(s) > 0 && (s[0] == "traces" || s[0] == "logs") {
		source = s[0]
	}
	from := evidence.Call{Window: evidence.Window{Start: b.rep.Baseline.Start, End: b.rep.Window.End}}
	for _, v := range b.rep.Coverage {
		if v.Source != source {
			continue
		}
		for _, k := range v.Calls {
			if k.Query == t.Query || from.At.IsZero() && v.Query == valuesRow {
				from = k
			}
		}
		if v.Query == t.Query {
			from = evidence.Call{Window: v.Window, Count: v.Count, At: v.At, Took: v.Took}
		}
	}
	a := b.askedBy(source, evidence.Call{Query: t.Query, Window: from.Window, At: from.At, Took: from.Took})
	if t.Chart != nil {
		a.Facts = plural(len(t.Chart.Samples), "point", "points") + ", " + a.Facts
	} else if from.Query == t.Query && from.Count > 0 {
		a.Facts = found(source, from.Count) + ", " + a.Facts
	}
	return a
}

// valuesRow is the coverage row under which series are read.
const valuesRow = "values of the series"

// sourcesOf are the sources that a term rests on: by what it refers to, else by
// the family of its rule.
func sourcesOf(t report.Term) []string {
	var out []string
	for _, r := range t.Refs {
		source := map[evidence.RefKind]string{evidence.RefTrace: "traces", evidence.RefSpan: "traces", evidence.RefLog: "logs", evidence.RefSeries: "metrics",
			evidence.RefQuery: "metrics", evidence.RefChange: "changes", evidence.RefDecision: "decisions"}[r.Kind]
		if source != "" && !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	if len(out) > 0 || slices.ContainsFunc(t.Refs, func(r evidence.Ref) bool { return r.Kind == evidence.RefCommit || r.Kind == evidence.RefCode }) {
		return out
	}
	family, _, _ := strings.Cut(t.ID, "/")
	switch family {
	case "resource", "saturation", "surge", "latency":
		return []string{"metrics"}
	case "alert":
		return []string{"rules"}
	case "change":
		return []string{"changes"}
	}
	return []string{"traces"}
}

// callsFor are the calls to a source that brought what the references point at:
// about the same service, over a window that holds it, and not in vain.
func (b *builder) callsFor(source string, refs []evidence.Ref) []Asked {
	var out []Asked
	for _, v := range b.rep.Coverage {
		if v.Source != source {
			continue
		}
		for _, k := range v.Calls {
			if k.Count > 0 && slices.ContainsFunc(refs, func(r evidence.Ref) bool { return broughtBy(r, k) }) {
				out = append(out, b.askedBy(source, k))
			}
		}
	}
	if len(out) == 0 {
		return b.questions(source)
	}
	return out
}

func broughtBy(r evidence.Ref, k evidence.Call) bool {
	if k.Service != "" && r.Service != "" && k.Service != r.Service {
		return false
	}
	return r.Time.IsZero() || k.Window.IsZero() || !r.Time.Before(k.Window.Start) && !r.Time.After(k.Window.End)
}

// mostQuestions bounds the rows of one source.
const mostQuestions = 2

// questions are a source's rows of the coverage, where no call is recorded.
func (b *builder) questions(source string) []Asked {
	var out []Asked
	for _, v := range b.rep.Coverage {
		if len(out) < mostQuestions && v.Source == source && (v.Status == evidence.CoverageAnswered || v.Status == evidence.CoverageTruncated) {
			out = append(out, b.askedBy(source, evidence.Call{Query: v.Query, Window: v.Window, Count: v.Count, At: v.At, Took: v.Took, Pieces: 1}))
		}
	}
	return out
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
