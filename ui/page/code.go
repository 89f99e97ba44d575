package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// CodeSection is the suspect code with blame beside it.
type CodeSection struct {
	Title string // "Suspect code", or what it is where code is not the cause
	State State
	Views []CodeCard
}

// CodeCard is a few lines of one file.
type CodeCard struct {
	Anchor   string
	Place    Link
	Service  string
	Revision string // "at 4d5e6f7, the revision that ran, from service.version"
	Found    string // how the place was found
	Lines    []CodeLine
	Why      []Link // decisions of the line asked for
}

// CodeLine is one line with its margin. The margin is empty where it says the
// same as the line above.
type CodeLine struct {
	Number  string
	Text    string
	Suspect bool
	Commit  Link
	By      string
	Age     string
	Deci    Link
	Starts  bool // a new commit begins here
	Gap     bool // lines are left out before this one
}

const (
	maxCodeViews = 3
	maxCodeLines = 40
)

func (b *builder) code() CodeSection {
	s := CodeSection{Title: "Suspect code", State: b.state(len(b.rep.Code) == 0, "No line of code is known to be involved: "+b.whyNoCode(), "code")}
	if b.rep.Verdict.NoCodeCause || b.rep.Verdict.Word == report.Inconclusive {
		s.Title = "Code on the failing path"
	}
	for i, v := range mergeViews(b.rep.Code) {
		if i < maxCodeViews {
			s.Views = append(s.Views, b.codeCard(v, i))
		}
	}
	return s
}

// mergeViews puts views of one file at one revision into one, its lines in
// order, so that a place is not shown twice. The order is that of each file's
// first view.
func mergeViews(in []report.CodeView) []report.CodeView {
	var out []report.CodeView
	for _, v := range in {
		if len(v.Suspect) == 0 {
			v.Suspect = []int{v.Ref.Line}
		}
		at := slices.IndexFunc(out, func(o report.CodeView) bool {
			return o.Ref.Path == v.Ref.Path && o.Ref.Revision == v.Ref.Revision && o.Ref.Repository == v.Ref.Repository && o.Service == v.Service
		})
		if at < 0 {
			out = append(out, v)
			continue
		}
		o := &out[at]
		o.Suspect = append(slices.Clone(o.Suspect), v.Suspect...)
		o.Lines = append(slices.Clone(o.Lines), v.Lines...)
		slices.SortStableFunc(o.Lines, func(a, b evidence.BlameLine) int { return cmp.Compare(a.Line, b.Line) })
		o.Lines = slices.CompactFunc(o.Lines, func(a, b evidence.BlameLine) bool { return a.Line == b.Line })
		for _, d := range v.Decisions {
			if !slices.ContainsFunc(o.Decisions, func(k evidence.DecisionLink) bool { return k.DecisionID == d.DecisionID }) {
				o.Decisions = append(slices.Clone(o.Decisions), d)
			}
		}
	}
	return out
}

// whyNoCode looks among gaps for the reason.
func (b *builder) whyNoCode() string {
	for _, f := range append(slices.Clone(b.rep.Gaps), b.rep.NotChecked...) {
		if slices.Contains([]string{"gap/code-location", "gap/revision", "coverage/code"}, f.ID) {
			return short(f.Text, 200)
		}
	}
	return "no span, stack trace or log line of the suspects named one."
}

func (b *builder) codeCard(v report.CodeView, i int) CodeCard {
	c := CodeCard{
		Anchor: "code-" + strconv.Itoa(i+1), Place: Link{codePlace(v.Ref), b.line(v.Ref)}, Service: short(v.Service, 48),
		Revision: revisionWords(v.Ref), Found: foundWords(v.Ref.Rung),
	}
	for _, d := range v.Decisions {
		c.Why = append(c.Why, Link{short(d.DecisionID, 48) + " (" + text(d.Kind) + ")", decisionURL(d.DecisionID)})
	}
	var before string
	last := 0
	for _, l := range v.Lines {
		if len(c.Lines) == maxCodeLines {
			break
		}
		line := CodeLine{Number: strconv.Itoa(l.Line), Text: visible.Within(l.Text, 240, codeLine),
			Suspect: slices.Contains(v.Suspect, l.Line) || len(v.Suspect) == 0 && l.Line == v.Ref.Line}
		key := l.Commit + strings.Join(l.Decisions, " ")
		if key != before {
			b.margin(&line, l, v)
		}
		before = key
		if line.Gap = last > 0 && l.Line > last+1; line.Gap && !line.Starts {
			b.margin(&line, l, v)
		}
		last = l.Line
		c.Lines = append(c.Lines, line)
	}
	return c
}

func (b *builder) margin(line *CodeLine, l evidence.BlameLine, v report.CodeView) {
	line.Starts = true
	line.Commit = Link{revision(l.Commit), b.commit(v.Ref.Repository, l.Commit, "")}
	if b.in.ShowAuthors {
		line.By = short(l.Author, 18)
	}
	if !l.Time.IsZero() && !b.rep.FiredAt.IsZero() {
		line.Age = age(b.rep.FiredAt.Sub(l.Time))
	}
	if len(l.Decisions) > 0 {
		line.Deci = Link{short(l.Decisions[0], 24), decisionURL(l.Decisions[0])}
	}
}

func revisionWords(r evidence.CodeRef) string {
	if r.Revision == "" {
		return "revision unknown"
	}
	words := "at " + revision(r.Revision) + ", the revision that ran"
	if r.RevisionRung != "" && r.RevisionRung != evidence.RevisionUnknown {
		words += " (from " + text(string(r.RevisionRung)) + ")"
	}
	return words
}

// foundWords says on which rung of the ladder the place was found.
func foundWords(r evidence.LocationRung) string {
	words := map[evidence.LocationRung]string{
		evidence.LocationSpan: "named by the span itself", evidence.LocationStack: "named by a stack trace", evidence.LocationCaller: "named by the log line",
		evidence.LocationSymbol: "found by function name", evidence.LocationProfile: "found in a profile", evidence.LocationOperation: "found by operation name",
		evidence.LocationService: "no better than the service",
	}
	return words[r]
}

// codeLine is a line of code, ready to be looked at.
func codeLine(s string) string {
	return strings.TrimRight(visible.Block(strings.ReplaceAll(s, "\n", " ")), " ")
}
