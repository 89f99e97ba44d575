package decision

import (
	"path"
	"regexp"
	"strings"
)

var (
	// A date as a name's beginning is no number: log4brains takes the whole name.
	datedFile    = regexp.MustCompile(`^[12][0-9]{7}-`)
	numberedFile = regexp.MustCompile(`^(?i:adr[-_ ]?)?([0-9]{1,6})(?:[-_. ]|$)`)
	notInID      = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	templateFile = regexp.MustCompile(`^(?i)(?:(?:adr|madr|decision|record|nygard|_)?[-_ ]?0*[-_ ]?)(?:(?:adr|madr|decision|record)[-_ ])*template(?:[-_ .].*)?$`)
	guideFile    = regexp.MustCompile(`^(?i:readme|index|contributing|changelog|_category_)$`)
)

// baseName is a file's name without its extension.
func baseName(name string) string {
	base := path.Base(name)
	return strings.TrimSuffix(base, path.Ext(base))
}

// idOfFile is the ID that a Markdown record has by its name: ADR-0005 of
// 0005-use-timeout.md, adr-005-x.md and adr005-x.md, else the name itself.
func idOfFile(name string) string {
	base := baseName(name)
	if m := numberedFile.FindStringSubmatch(base); m != nil && !datedFile.MatchString(base) {
		return "ADR-" + m[1]
	}
	id := strings.Trim(notInID.ReplaceAllString(base, "-"), "-._")
	const most = 64 // as recordID has it
	if len(id) > most {
		id = strings.TrimRight(id[:most], "-._")
	}
	return id
}

var (
	placeholder = regexp.MustCompile(`^(?:\{.*\}|\[.*\]|<[^>]*>)$`)
	choice      = regexp.MustCompile(`[\p{L}}\]]\s*\|\s*[\p{L}{\[…]`)
	statusLine  = regexp.MustCompile(`(?im)^\s*(?:[-*+]\s+)?\**(?:status|statut)\**\s*:\**\s*(.+)$`)
	chosen      = regexp.MustCompile(`(?im)^(?:chosen option|gewählte option|option choisie)\s*:\s*["']?[{\[]`)
)

// isTemplate tells a file to be copied from a record: by its name, or because
// its status offers a choice, or its title or its chosen option is a place to
// fill in.
func isTemplate(name, front string, ss []section) bool {
	if templateFile.MatchString(baseName(name)) {
		return true
	}
	offers := func(status string) bool {
		status = strings.Trim(strings.TrimSpace(comment.ReplaceAllString(status, "")), `"'`)
		return choice.MatchString(link.ReplaceAllString(status, "$1")) || placeholder.MatchString(status)
	}
	if m := statusLine.FindStringSubmatch(front); m != nil && offers(m[1]) {
		return true
	}
	for i, s := range ss {
		if i == 0 && placeholder.MatchString(titleOf(s.title)) {
			return true
		}
		body := strings.Join(s.body, "\n")
		if contains(outcomeTitles, s.key()) && chosen.MatchString(body) && !link.MatchString(body) {
			return true
		}
		if m := statusLine.FindStringSubmatch(body); i == 0 && m != nil && offers(m[1]) {
			return true
		}
		if s.key() == "status" && offers(s.prose()) {
			return true
		}
	}
	return false
}

var titleNumber = regexp.MustCompile(`^(?i:ADR[-_ ]?|Decision[-_ ])?[0-9]{1,6}\s*(?:[.:)–—-]|\s-)\s+`)

// titleOf is a heading without the number that tools put before it.
func titleOf(heading string) string {
	if short := titleNumber.ReplaceAllString(heading, ""); short != "" {
		return short
	}
	return heading
}
