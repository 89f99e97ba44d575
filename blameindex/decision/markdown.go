package decision

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is one heading of a Markdown document and what stands under it.
type section struct {
	title string
	level int // of the heading, from 1
	line  int
	body  []string
}

var (
	heading = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*#*\s*$`)
	fence   = regexp.MustCompile("^\\s{0,3}(`{3,}|~{3,})")
	bullet  = regexp.MustCompile(`^\s*[-*+]\s+(.*)$`)
)

// parseMarkdown reads front matter and, for what it leaves out, the sections of
// MADR and of Nygard: the context and the drivers are the why, the outcome is the
// what, the confirmation holds the conditions.
func parseMarkdown(name string, data []byte, v Vocabulary) Document {
	front, body, offset, found := splitFrontMatter(string(data))
	preamble, sections := readSections(body, offset)
	if isTemplate(name, front, sections) {
		return Document{Template: true}
	}
	form := formOf(sections)
	if guideFile.MatchString(baseName(name)) {
		form = ""
	}
	if !found && form == "" {
		return Document{}
	}
	var n yaml.Node
	var faults []Fault
	if err := yaml.Unmarshal([]byte(front), &n); err != nil {
		if form == "" {
			return Document{Faults: []Fault{syntaxFault(name, []byte(front), 1, err)}}
		}
		broken := syntaxFault(name, []byte(front), 1, err)
		broken.Note = true // what stands below it is read
		faults, n = append(faults, broken), yaml.Node{}
	}
	r, ok := fromNode(name, &n, 1)
	if !ok && form == "" {
		return Document{}
	}
	if !ok {
		f := readFields(&n, 1)
		r = Record{Kind: KindDecision, Form: form, lines: f.lines}
		r.Path, r.Line = name, 1
		r.readPlain(f)
		r.readChecks(f, 1)
		r.readForeign(readMeta(f, preamble, offset, sections), sections)
		r.ID = text(f.values["id"])
	}
	r.fillFromSections(sections)
	if r.ID == "" {
		r.ID = idOfFile(name)
	}
	r.validate(v)
	return Document{Records: []Record{r}, Faults: faults}
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

// readSections divides a document at its headings; what stands before the first
// is the preamble. Fenced code has no headings.
func readSections(body string, offset int) (preamble []string, out []section) {
	fenced := ""
	for i, line := range strings.Split(body, "\n") {
		if m := fence.FindStringSubmatch(line); m != nil {
			switch {
			case fenced == "":
				fenced = m[1]
			case strings.HasPrefix(m[1], fenced):
				fenced = ""
			}
		}
		if m := heading.FindStringSubmatch(line); m != nil && fenced == "" {
			out = append(out, section{title: comment.ReplaceAllString(m[2], ""), level: len(m[1]), line: offset + i + 1})
			continue
		}
		if len(out) > 0 {
			out[len(out)-1].body = append(out[len(out)-1].body, line)
		} else {
			preamble = append(preamble, line)
		}
	}
	return preamble, out
}

var sectionNumber = regexp.MustCompile(`^[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]?\s+`)

// key is a title as headings are compared: without number, emphasis, colon and
// case.
func (s section) key() string {
	t := strings.Trim(strings.TrimSpace(s.title), "*_`")
	t = sectionNumber.ReplaceAllString(t, "")
	return strings.ToLower(strings.TrimSpace(strings.TrimRight(t, ": ?")))
}

func contains(titles []string, key string) bool {
	return slices.ContainsFunc(titles, func(t string) bool { return strings.EqualFold(t, key) })
}

func findSection(ss []section, titles ...string) (section, bool) {
	for _, want := range titles {
		for _, s := range ss {
			if strings.EqualFold(s.key(), want) {
				return s, true
			}
		}
	}
	return section{}, false
}

// prose is a section's text without comments and quotes, on one line.
func (s section) prose() string {
	var out []string
	for _, l := range s.body {
		if l = strings.TrimSpace(comment.ReplaceAllString(l, "")); l != "" && !strings.HasPrefix(l, "<!--") {
			out = append(out, strings.TrimPrefix(l, "> "))
		}
	}
	return strings.Join(out, " ")
}

func (r *Record) fillFromSections(ss []section) {
	if r.Title == "" && len(ss) > 0 && (ss[0].level == 1 || r.Form == FormFive) {
		r.Title = titleOf(strings.TrimSpace(ss[0].title))
	}
	fill := func(to *string, field string, titles ...string) {
		if s, ok := findSection(ss, titles...); ok && *to == "" {
			*to, r.lines[field] = s.prose(), s.line
		}
	}
	fill(&r.Why, "why", append([]string{"Why", "Rationale", "为什么"}, contextTitles...)...)
	if s, ok := findSection(ss, "Decision Drivers", "Entscheidungsfaktoren", "Facteurs de décision"); ok && r.lines["rationale"] == 0 {
		r.Why = strings.TrimSpace(r.Why + " " + s.prose())
	}
	fill(&r.What, "what", append([]string{"What"}, decisionTitles...)...)
	fill(&r.How.Rollout, "how", "How", "Rollout")
	if s, ok := findSection(ss, "Confirmation", "Validation", "Verify", "Prüfung"); ok && len(r.How.Verify) == 0 {
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
