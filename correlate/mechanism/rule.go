package mechanism

import (
	"embed"
	"sort"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

//go:embed help/*.md
var helpPages embed.FS

// Direction says which way a change goes.
type Direction string

// The directions.
const (
	Lowered  Direction = "lowered"
	Raised   Direction = "raised"
	Removed  Direction = "removed"
	Added    Direction = "added"
	Changed  Direction = "changed"
	Inverted Direction = "inverted"
)

// Rule is one way in which a change hurts.
type Rule struct {
	ID    string
	Title string
	// find reports what the rule sees in a scan.
	find func(*scan) []Match
}

// Help is the rule's page, in Markdown.
func (r Rule) Help() string {
	b, err := helpPages.ReadFile("help/" + r.ID + ".md")
	if err != nil {
		return ""
	}
	return string(b)
}

// Match is one place of a diff where a rule fired.
type Match struct {
	Rule string
	File string
	Line int    // in the new file, of a removed line in the old; 0 when unknown
	Hunk string // the lines it rests on, signs kept, shortened
	// Signatures are the faults that this can produce, likeliest first.
	Signatures []Signature
	Direction  Direction
	// Kind is which of the rule's observations it is; it stands in the weights.
	Kind string
	// Strength is 1 to 1000: how sure it is that this does harm at all.
	Strength int
	Why      string

	// size is the factor by which an edit changed a value, 0 where that does not
	// matter.
	size float64
}

// Rules are all rules in order of their ids.
func Rules() []Rule {
	return []Rule{
		authRule(), blockingRule(), cacheRule(), conditionRule(), dependencyRule(), endpointRule(), errorsRule(),
		featureDefaultRule(), growthRule(), limitRule(), lockRule(), loggingRule(), loopQueryRule(), nilCheckRule(), poolRule(),
		queueRule(), rateLimitRule(), releaseRule(), resourcesRule(), retryRule(), schemaRule(), timeoutRule(), toleranceRule(), unitsRule(), wiringRule(),
	}
}

// scan is a patch with what several rules need of it, worked out once.
type scan struct {
	*Patch
	by       *weights.Mechanism
	settings settings
}

// Scan runs every rule over a diff. Files are the paths that the commit is known
// to touch; they are used where an excerpt does not say which file a hunk
// belongs to; by are the strengths. Matches come in order of strength, then rule, file and line.
func Scan(by *weights.Mechanism, diff string, files ...string) []Match {
	if diff == "" {
		return nil
	}
	p := Parse(diff, files...)
	s := &scan{Patch: p, by: by, settings: p.settings()}
	var out []Match
	for _, r := range Rules() {
		for _, m := range r.find(s) {
			m.Rule, m.Strength = r.ID, by.Strength(r.ID, m.Kind, m.size)
			out = append(out, m)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case a.Strength != b.Strength:
			return a.Strength > b.Strength
		case a.Rule != b.Rule:
			return a.Rule < b.Rule
		case a.File != b.File:
			return a.File < b.File
		default:
			return a.Line < b.Line
		}
	})
	return out
}

// Innocuous reports whether a commit changes nothing that runs: only files that
// never hurt, or only comments, blanks, moves and renames. An empty diff is
// judged by the files alone.
func Innocuous(diff string, files ...string) bool {
	if diff == "" {
		return allInnocent(files)
	}
	net := false
	Parse(diff, files...).each(func(_ *File, l *Line) { net = net || l.Net })
	return !net
}

func allInnocent(files []string) bool {
	for _, f := range files {
		if !KindOf(f).Innocent() {
			return false
		}
	}
	return len(files) > 0
}

// at makes a match that rests on one line.
func at(f *File, l *Line, d Direction, kind, why string, sigs ...Signature) Match {
	return Match{File: f.Path, Line: l.No, Hunk: string(l.Op) + clip(l.Text), Signatures: sigs, Direction: d, Kind: kind, Why: why}
}

// edited makes a match that rests on a setting before and after.
func edited(e Edit, d Direction, kind, why string, sigs ...Signature) Match {
	m := at(e.After.file, e.After.line, d, kind, why, sigs...)
	m.Hunk = "-" + clip(e.Before.line.Text) + "\n" + m.Hunk
	return m
}

func clip(s string) string {
	const most = 160
	return evidence.Excerpt(strings.TrimRight(s, " \t"), most)
}

// lowered and raised say which way a numeric edit goes.
func (e Edit) lowered() bool {
	return e.Before.Number && e.After.Number && e.After.Value < e.Before.Value
}

func (e Edit) raised() bool {
	return e.Before.Number && e.After.Number && e.After.Value > e.Before.Value
}

// factor is how many times larger the larger of the two values is, 1000 when one
// of them is zero.
func (e Edit) factor() float64 {
	lo, hi := e.Before.Value, e.After.Value
	if lo > hi {
		lo, hi = hi, lo
	}
	if lo <= 0 {
		return 1000
	}
	return hi / lo
}

// sized makes the strength of a match depend on how large an edit is.
func (m Match) sized(e Edit) Match {
	m.size = e.factor()
	return m
}

// visit calls back for every net line of one sign, in order.
func (s *scan) visit(op byte, f func(file *File, h *Hunk, i int)) {
	for _, file := range s.Files {
		if file.Kind.Innocent() {
			continue
		}
		for _, h := range file.Hunks {
			for i := range h.Lines {
				if h.Lines[i].Net && h.Lines[i].Op == op {
					f(file, h, i)
				}
			}
		}
	}
}

// anyNet reports whether a net line of one sign satisfies the condition.
func (s *scan) anyNet(op byte, ok func(*Line) bool) bool {
	found := false
	s.visit(op, func(_ *File, h *Hunk, i int) { found = found || ok(&h.Lines[i]) })
	return found
}

// containsAny reports whether s contains any of the parts.
func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// lower is the line's code in lower case.
func (l *Line) lower() string {
	if l.low == "" && l.Code != "" {
		l.low = strings.ToLower(l.Code)
	}
	return l.low
}
