package decision

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
)

// The forms that a record may have.
const (
	// FormFive is the form of this program: why, what, who, when and how as keys.
	// All five are due, and a record that lacks one is refused.
	FormFive = "five"
	// FormMADR is a Markdown record with an outcome among options, as MADR 1 to 4
	// and log4brains have it.
	FormMADR = "madr"
	// FormNygard is a Markdown record with a context and a decision, as Michael
	// Nygard, adr-tools, Backstage and many others have it.
	FormNygard = "nygard"
)

// Forms are all forms, the strictest first.
func Forms() []string { return []string{FormFive, FormMADR, FormNygard} }

// FolderForm holds the records whose path matches a glob to a form: one of a
// looser form is refused.
type FolderForm struct {
	Glob string
	Form string
}

// ParseFolderForm reads GLOB=FORM.
func ParseFolderForm(s string) (FolderForm, error) {
	glob, form, ok := strings.Cut(s, "=")
	if !ok || glob == "" || !slices.Contains(Forms(), form) {
		return FolderForm{}, fmt.Errorf("%q is not GLOB=FORM with a form of %s, as docs/decisions/**=five", clip(s), strings.Join(Forms(), ", "))
	}
	return FolderForm{Glob: glob, Form: form}, nil
}

// ParseFolderForms reads a list of GLOB=FORM.
func ParseFolderForms(list []string) ([]FolderForm, error) {
	var out []FolderForm
	for _, s := range list {
		f, err := ParseFolderForm(s)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// heldTo is the form that a path is held to, the loosest when none is said; the
// last glob that matches counts.
func (v Vocabulary) heldTo(path string) string {
	form := FormNygard
	for _, f := range v.Forms {
		if pathglob.Match(f.Glob, path) {
			form = f.Form
		}
	}
	return form
}

// The headings by which the forms are told, in English and in the languages
// that MADR's templates are translated into, and Chinese.
var (
	contextTitles = []string{"context and problem statement", "context", "problem statement", "problem", "background", "motivation", "issue",
		"kontext und problemstellung", "kontext", "contexte et énoncé du problème", "contexte", "背景", "问题", "上下文"}
	outcomeTitles  = []string{"decision outcome", "résultat de la décision"}
	decisionTitles = append(slices.Clone(outcomeTitles), "decision", "decisions", "entscheidung", "décision", "决定", "决策")
	optionsTitles  = []string{"considered options", "betrachtete optionen", "options considérées"}
	resultTitles   = []string{"consequences", "positive consequences", "negative consequences", "konsequenzen", "conséquences", "status", "后果"}
)

// formOf tells the form of a Markdown document that has no record in its front
// matter, empty when it is no record: a decision under a heading, and a context,
// options, consequences or a status under another.
func formOf(ss []section) string {
	has := func(titles []string) bool { _, ok := findSection(ss, titles...); return ok }
	if !has(decisionTitles) || !has(contextTitles) && !has(optionsTitles) && !has(resultTitles) {
		return ""
	}
	if has(outcomeTitles) || has(optionsTitles) {
		return FormMADR
	}
	return FormNygard
}

// meta are the facts that a record in MADR's or Nygard's form states about
// itself, by their English name in lower case: in its front matter, as "Date:
// 2026-05-01" or "* Status: accepted" below the title, or in a table there.
type meta struct {
	values map[string]string
	lines  map[string]int
}

var (
	metaLine = regexp.MustCompile(`^\s*(?:[-*+]\s+)?[*_]{0,2}([\p{L}][\p{L} _-]{1,24}?)[*_]{0,2}\s*:[*_]{0,2}\s*(.+?)\s*$`)
	metaRow  = regexp.MustCompile(`^\s*\|\s*[*_]{0,2}([\p{L}][\p{L} _-]{1,24}?)[*_]{0,2}\s*\|\s*([^|]+?)\s*\|\s*$`)
)

// metaNames are the spellings of a fact's name.
var metaNames = map[string]string{
	"status": "status", "state": "status", "statut": "status",
	"date": "date", "datum": "date", "created": "date", "decision date": "date", "decision_date": "date", "last updated": "date",
	"decision-makers": "decision-makers", "decision makers": "decision-makers", "deciders": "decision-makers", "decider": "decision-makers",
	"authors": "decision-makers", "author": "decision-makers", "owner": "decision-makers", "owners": "decision-makers",
	"entscheidende": "decision-makers", "décideurs": "decision-makers",
}

func (m meta) set(name, value string, line int) {
	name, known := metaNames[strings.ToLower(strings.TrimSpace(name))]
	if value = strings.TrimSpace(comment.ReplaceAllString(value, "")); known && value != "" && m.values[name] == "" {
		m.values[name], m.lines[name] = value, line
	}
}

// columns takes the facts of a table whose head names them: a row of names, a
// rule, a row of values. A head of which only the first cell is a name is the
// first fact of a table that has one in each row; it is left, and false.
func (m meta) columns(ls []string, line int) bool {
	const rows = 3
	if len(ls) < rows || !strings.HasPrefix(strings.TrimSpace(ls[0]), "|") || strings.Trim(strings.TrimSpace(ls[1]), "|-: ") != "" || !strings.Contains(ls[1], "-") {
		return false
	}
	cells := func(l string) []string { return strings.Split(strings.Trim(strings.TrimSpace(l), "|"), "|") }
	name := func(cell string) string { return strings.Trim(strings.TrimSpace(cell), "*_") }
	names, values := cells(ls[0]), cells(ls[2])
	if !slices.ContainsFunc(names[1:], func(cell string) bool { return metaNames[strings.ToLower(name(cell))] != "" }) {
		return false
	}
	for i := range min(len(names), len(values)) {
		m.set(name(names[i]), strings.TrimSpace(values[i]), line+2)
	}
	return true
}

// readMeta collects the facts, those of the front matter first.
func readMeta(front fields, preamble []string, offset int, ss []section) meta {
	m := meta{values: map[string]string{}, lines: map[string]int{}}
	for _, key := range sortedKeys(front.values) {
		m.set(key, text(front.values[key]), front.lines[key])
	}
	lines := func(ls []string, at int) {
		for i, l := range ls {
			if m.columns(ls[i:], at+i) {
				continue
			}
			for _, re := range []*regexp.Regexp{metaLine, metaRow} {
				if x := re.FindStringSubmatch(l); x != nil {
					m.set(x[1], x[2], at+i)
				}
			}
		}
	}
	lines(preamble, offset+1)
	if len(ss) > 0 && ss[0].level == 1 {
		lines(ss[0].body, ss[0].line+1)
	}
	if s, ok := findSection(ss, "status", "statut"); ok {
		for i, l := range s.body {
			if l = strings.TrimSpace(comment.ReplaceAllString(l, "")); l != "" {
				m.set("status", strings.TrimLeft(l, "*-+> "), s.line+1+i)
			}
		}
	}
	if s, ok := findSection(ss, "date"); ok {
		m.set("date", s.prose(), s.line)
	}
	if s, ok := findSection(ss, "deciders", "decision makers", "decision-makers"); ok {
		m.set("deciders", s.prose(), s.line)
	}
	return m
}

// readForeign fills a record from what another form states.
func (r *Record) readForeign(m meta, ss []section) {
	for name, line := range m.lines {
		r.lines[name] = line
	}
	r.readStatus(m.values["status"])
	// adr-tools writes "Superseded by" below the status or instead of it.
	if s, ok := findSection(ss, "status", "statut"); ok && r.SupersededBy == "" {
		for _, l := range s.body {
			if by := successor(l); by != "" {
				r.Status, r.SupersededBy = "superseded", by
			}
		}
	}
	for _, name := range strings.FieldsFunc(m.values["decision-makers"], func(c rune) bool { return c == ',' || c == ';' }) {
		if name = strings.TrimSpace(name); name != "" {
			r.Who.Deciders = append(r.Who.Deciders, name)
		}
	}
	if date := strings.Trim(m.values["date"], `"'`); date != "" {
		if at, err := parseDate(date); err == nil {
			r.When.LoggedAt = at
		} else {
			r.note("date", "when", "date %q is not an ISO 8601 date, as 2024-06-15", clip(date))
		}
	}
}

// parseDate reads a day, or a time with a zone; a day begins at midnight UTC.
func parseDate(s string) (time.Time, error) {
	if at, err := time.Parse("2006-01-02", s); err == nil {
		return at, nil
	}
	if at, err := time.Parse("2006/01/02", s); err == nil {
		return at, nil
	}
	return parseTime(s)
}

// validateForeign says, in notes, which dimensions the complete form needs
// beside what the record has.
func (r *Record) validateForeign(v Vocabulary) {
	before := len(r.Faults)
	r.validateWhy(v)
	r.validateWhat(v)
	r.validateHow()
	for i := before; i < len(r.Faults); i++ {
		r.Faults[i].Note = true
	}
	if names := strings.Join(r.Who.Deciders, ", "); names != "" {
		r.note("decision-makers", "who", "decision-makers are %s; a complete record names initiator, approver and executor, as who: {initiator: \"iam:user:ada\", ...}", clip(names))
	} else {
		r.note("who", "who", "no decision-makers; a complete record names initiator, approver and executor")
	}
	if !r.When.LoggedAt.IsZero() {
		r.note("date", "when", "date is %s; a complete record says when it took effect and when it was logged, as when: {effective_at: ..., logged_at: ...}", r.When.LoggedAt.Format("2006-01-02"))
	} else if r.lines["date"] == 0 {
		r.note("when", "when", "no date; a complete record says when it took effect and when it was logged")
	}
}

// holdToForm refuses a record of a looser form than its folder is held to.
func (r *Record) holdToForm(want string) {
	if slices.Index(Forms(), r.Form) > slices.Index(Forms(), want) {
		r.fault("form", "form", "the record has the form %q and its folder is held to %q", r.Form, want)
		if want == FormFive {
			for i := range r.Faults {
				switch r.Faults[i].Dimension {
				case "why", "what", "who", "when", "how":
					r.Faults[i].Note = false
				}
			}
		}
	}
}

// Complete reports whether a record has all five dimensions, in whatever form.
func (r Record) Complete() bool {
	if r.Kind != KindDecision {
		return !r.Refused()
	}
	return r.Form == FormFive && !r.Refused()
}

func sortedKeys(m map[string]*yaml.Node) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
