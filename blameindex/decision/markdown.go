package decision

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is one heading of a Markdown document and what stands under it.
type section struct {
	title string
	line  int
	body  []string
}

var (
	heading = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*#*\s*$`)
	fence   = regexp.MustCompile("^\\s*(```|~~~)")
	bullet  = regexp.MustCompile(`^\s*[-*+]\s+(.*)$`)
	adrFile = regexp.MustCompile(`^(?:[Aa][Dd][Rr][-_])?(\d{3,})[-_.]`)
)

// parseMarkdown reads front matter and, for what it leaves out, MADR's
// sections: the context and the drivers are the why, the outcome is the what,
// the confirmation holds the conditions.
func parseMarkdown(name string, data []byte, v Vocabulary) Document {
	front, body, offset, found := splitFrontMatter(string(data))
	sections := readSections(body, offset)
	madr := isMADR(sections)
	if !found && !madr {
		return Document{}
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(front), &n); err != nil {
		return Document{Faults: []Fault{syntaxFault(name, []byte(front), 1, err)}}
	}
	r, ok := fromNode(name, &n, 1)
	if !ok && !madr {
		return Document{}
	}
	if !ok {
		f := readFields(&n, 1)
		r = Record{Kind: KindDecision, lines: f.lines}
		r.Path, r.Line = name, 1
		r.readPlain(f)
		r.readWho(f, 1)
		r.readWhen(f, 1)
		r.readHow(f, 1)
		r.readChecks(f, 1)
		r.ID = text(f.values["id"])
	}
	r.fillFromSections(sections)
	if r.ID == "" {
		if m := adrFile.FindStringSubmatch(path.Base(name)); m != nil {
			r.ID = "ADR-" + m[1]
		}
	}
	r.validate(v)
	return Document{Records: []Record{r}}
}

// splitFrontMatter returns what stands between the first two "---" lines, the
// rest, and the number of lines before the rest.
func splitFrontMatter(s string) (front, body string, offset int, found bool) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !strings.HasPrefix(s, "---\n") {
		return "", s, 0, false
	}
	lines := strings.Split(s, "\n")
	for i := 1; i < len(lines); i++ {
		if end := strings.TrimRight(lines[i], " \t"); end == "---" || end == "..." {
			return strings.Join(lines[1:i], "\n") + "\n", strings.Join(lines[i+1:], "\n"), i + 1, true
		}
	}
	return "", s, 0, false
}

func readSections(body string, offset int) []section {
	var out []section
	code := false
	for i, line := range strings.Split(body, "\n") {
		if fence.MatchString(line) {
			code = !code
		}
		if m := heading.FindStringSubmatch(line); m != nil && !code {
			out = append(out, section{title: m[2], line: offset + i + 1})
			continue
		}
		if len(out) > 0 {
			out[len(out)-1].body = append(out[len(out)-1].body, line)
		}
	}
	return out
}

func findSection(ss []section, titles ...string) (section, bool) {
	for _, want := range titles {
		for _, s := range ss {
			if strings.EqualFold(s.title, want) {
				return s, true
			}
		}
	}
	return section{}, false
}

func isMADR(ss []section) bool {
	_, context := findSection(ss, "Context and Problem Statement")
	_, outcome := findSection(ss, "Decision Outcome")
	return context && outcome
}

// prose is a section's text without comments and quotes, on one line.
func (s section) prose() string {
	var out []string
	for _, l := range s.body {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "<!--") {
			out = append(out, strings.TrimPrefix(l, "> "))
		}
	}
	return strings.Join(out, " ")
}

func (r *Record) fillFromSections(ss []section) {
	if r.Title == "" && len(ss) > 0 {
		r.Title = ss[0].title
	}
	fill := func(to *string, field string, titles ...string) {
		if s, ok := findSection(ss, titles...); ok && *to == "" {
			*to, r.lines[field] = s.prose(), s.line
		}
	}
	fill(&r.Why, "why", "Why", "Context and Problem Statement", "Rationale", "为什么")
	if s, ok := findSection(ss, "Decision Drivers"); ok && r.lines["rationale"] == 0 {
		r.Why = strings.TrimSpace(r.Why + " " + s.prose())
	}
	fill(&r.What, "what", "What", "Decision Outcome", "Decision", "决定")
	fill(&r.How.Rollout, "how", "How", "Rollout")
	if s, ok := findSection(ss, "Confirmation", "Verify"); ok && len(r.How.Verify) == 0 {
		r.fillConfirmation(s)
	}
	if s, ok := findSection(ss, "Rollback"); ok && len(r.How.Rollback) == 0 && s.prose() != "" {
		r.How.Rollback = map[string]string{"steps": s.prose()}
	}
	for _, s := range ss {
		for _, l := range s.body {
			r.References = append(r.References, FindReferences(l)...)
		}
	}
}

// fillConfirmation takes bullets that are conditions as such; prose under the
// heading says how the decision is confirmed and counts as the how.
func (r *Record) fillConfirmation(s section) {
	for _, l := range s.body {
		m := bullet.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		if c, err := ParseCondition(strings.Trim(m[1], "`")); err == nil {
			r.How.Verify = append(r.How.Verify, c)
		}
	}
	if len(r.How.Verify) == 0 && r.How.Rollout == "" {
		r.How.Rollout = s.prose()
	}
	r.lines["how"] = s.line
}
