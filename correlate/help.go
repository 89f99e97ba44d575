package correlate

import (
	"cmp"
	"embed"
	"io/fs"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/signal"
)

// helpPages are the pages of what is no rule of package signal and no rule about
// diffs: terms of commits and changes, blind spots.
//
//go:embed help/*.md
var helpPages embed.FS

// RuleHelp is a page of help: what a rule looks for, how it is measured and what
// it leaves out.
type RuleHelp struct {
	ID    string `json:"id"`    // as it stands in reports
	Short string `json:"short"` // its first paragraph
	Page  string `json:"page"`  // the whole of it, in Markdown
}

// Help is the help of a rule, by the id that stands in reports; ok is false for
// an id that is no rule's.
func Help(id string) (h RuleHelp, ok bool) {
	all := AllHelp()
	i, ok := slices.BinarySearchFunc(all, id, func(h RuleHelp, id string) int { return cmp.Compare(h.ID, id) })
	if !ok {
		return RuleHelp{}, false
	}
	return all[i], true
}

// AllHelp are the pages of all rules, by id.
func AllHelp() []RuleHelp {
	var all []RuleHelp
	add := func(id, page string) {
		all = append(all, RuleHelp{ID: id, Short: firstParagraph(page), Page: page})
	}
	for _, pages := range []fs.FS{helpPages, signal.HelpPages()} {
		names, _ := fs.Glob(pages, "help/*.md") // the pattern is well formed
		for _, name := range names {
			b, err := fs.ReadFile(pages, name)
			if err != nil {
				continue // what is embedded can be read
			}
			stem := strings.TrimSuffix(strings.TrimPrefix(name, "help/"), ".md")
			add(strings.Replace(stem, "-", "/", 1), string(b))
		}
	}
	for _, r := range mechanism.Rules() {
		add(report.MechanismTerm(r.ID), r.Help())
	}
	slices.SortFunc(all, func(a, b RuleHelp) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// firstParagraph is what stands below a page's title, as one line.
func firstParagraph(page string) string {
	for part := range strings.SplitSeq(page, "\n\n") {
		if part = strings.TrimSpace(part); part != "" && !strings.HasPrefix(part, "#") {
			return strings.Join(strings.Fields(part), " ")
		}
	}
	return ""
}
