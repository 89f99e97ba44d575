package ui

import (
	"fmt"
	"net/http"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// helpPage shows what a rule looks for, or lists all rules.
func (s *server) helpPage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("rule")
	list := correlate.AllHelp()
	if id != "" {
		h, ok := correlate.Help(id)
		if !ok {
			s.fail(w, r, fmt.Errorf("no rule is called %q; /help lists them all: %w", id, evidence.ErrNotFound))
			return
		}
		list = []correlate.RuleHelp{h}
	}
	p, err := page.BuildHelp(id, list)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.HelpPage(p))
}
