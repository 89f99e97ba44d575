package decision

import (
	"bytes"
	"regexp"
	"strings"
)

// asciidoc are the pieces of AsciiDoc that records are made of. What reads the
// whole language in Go is unmaintained, and needs a configuration for what a record
// has of it: headings, a header of attributes, lists, links and blocks.
var (
	adocHeading   = regexp.MustCompile(`^(={1,6})\s+(\S.*)$`)
	adocAttribute = regexp.MustCompile(`^:([A-Za-z][\w-]*):\s+(\S.*)$`)
	adocLabelled  = regexp.MustCompile(`^(\S[^:]*?)::\s+(\S.*)$`)
	adocItem      = regexp.MustCompile(`^(\*{1,5}|-|\.{1,5})\s+(.*)$`)
	adocLink      = regexp.MustCompile(`(?:link|xref):([^\s\[\]]+)\[([^\]]*)\]`)
	adocCross     = regexp.MustCompile(`<<([^\s,<>]+)(?:,\s*([^<>]*))?>>`)
)

// markdownOf turns a record in AsciiDoc into one in Markdown, line by line, so that
// faults keep their numbers.
func markdownOf(adoc []byte) []byte {
	lines := strings.Split(string(bytes.ReplaceAll(adoc, []byte("\r\n"), []byte("\n"))), "\n")
	verbatim := ""
	for i, line := range lines {
		trimmed := strings.TrimRight(line, " \t")
		switch block := strings.Trim(trimmed, "-") == "" || strings.Trim(trimmed, ".") == ""; {
		case len(trimmed) >= len("----") && block && (verbatim == "" || verbatim == trimmed):
			if verbatim == "" {
				verbatim = trimmed
			} else {
				verbatim = ""
			}
			lines[i] = "```"
		case verbatim != "":
		default:
			lines[i] = adocLine(trimmed)
		}
	}
	return []byte(strings.Join(lines, "\n"))
}

func adocLine(line string) string {
	if strings.HasPrefix(line, "//") {
		return ""
	}
	if m := adocHeading.FindStringSubmatch(line); m != nil {
		line = strings.Repeat("#", len(m[1])) + " " + m[2]
	} else if m := adocAttribute.FindStringSubmatch(line); m != nil {
		line = "* " + m[1] + ": " + m[2]
	} else if m := adocItem.FindStringSubmatch(line); m != nil {
		line = strings.Repeat("  ", len(m[1])-1) + "* " + m[2]
	} else if m := adocLabelled.FindStringSubmatch(line); m != nil {
		line = "* " + m[1] + ": " + m[2]
	}
	line = adocLink.ReplaceAllString(line, "[$2]($1)")
	return adocCross.ReplaceAllString(line, "[$2]($1)")
}
