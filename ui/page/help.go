package page

import (
	"fmt"
	"strings"

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

// BuildHelp makes the page of the rule with an id, of all rules for an empty one.
func BuildHelp(id string, list []correlate.RuleHelp) (HelpView, error) {
	v := HelpView{}
	v.Title = "Rules"
	if id != "" {
		v.Title = id
		var b strings.Builder
		for _, h := range list {
			if err := goldmark.Convert([]byte(h.Page), &b); err != nil {
				return v, fmt.Errorf("help of %s: %w", h.ID, err)
			}
		}
		v.Page = b.String()
		return v, nil
	}
	for _, h := range list {
		v.Rules = append(v.Rules, HelpRow{Rule: Link{h.ID, helpURL(h.ID)}, Short: h.Short})
	}
	return v, nil
}

// helpURL is the address of a rule's page.
func helpURL(id string) string { return "/help/" + id }
