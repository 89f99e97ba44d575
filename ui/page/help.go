package page

import (
	"fmt"
	"strings"
	"sync"

	"github.com/yuin/goldmark"

	"github.com/wherefore-dev/wherefore/correlate"
)

// HelpView is the page about one rule, or the list of all.
type HelpView struct {
	Base
	// Page is the rule's page as HTML, made of text that is part of the program;
	// empty for the list.
	Page  string
	Rules []HelpRow
}

// HelpRow is one rule in the list.
type HelpRow struct {
	Rule  Link
	Short string
}

// HelpText is one page of help, in Markdown that is part of the program.
type HelpText struct{ ID, Markdown string }

// BuildHelp makes one page of some texts.
func BuildHelp(title string, texts []HelpText) (HelpView, error) {
	v := HelpView{}
	v.Title = title
	var b strings.Builder
	for _, t := range texts {
		if err := goldmark.Convert([]byte(t.Markdown), &b); err != nil {
			return v, fmt.Errorf("help of %s: %w", t.ID, err)
		}
	}
	v.Page = b.String()
	return v, nil
}

// BuildHelpList makes the list of all rules.
func BuildHelpList(list []correlate.RuleHelp) HelpView {
	v := HelpView{}
	v.Title = "Rules"
	for _, h := range list {
		v.Rules = append(v.Rules, HelpRow{Rule: Link{h.ID, helpURL(h.ID)}, Short: h.Short})
	}
	return v
}

// helpURL is the address of a rule's page.
func helpURL(id string) string { return "/help/" + id }

// helped are the rules that have a page.
var helped = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, h := range correlate.AllHelp() {
		out[h.ID] = true
	}
	return out
})

// ruleLink leads to a rule's page, where there is one: a stored report may name a
// rule that is no more.
func ruleLink(id string) Link {
	l := Link{Text: text(id)}
	if helped()[id] {
		l.URL = helpURL(id)
	}
	return l
}
