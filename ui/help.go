package ui

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui/page"
)

// helpPage shows what a rule looks for, or lists all rules.
func (s *server) helpPage(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("rule")
	if id == problemsPath || strings.HasPrefix(id, problemsPath+"/") {
		texts, ok := problemHelp(id)
		if !ok {
			s.fail(w, r, fmt.Errorf("no error is called %q; /help/errors lists them all: %w", id, evidence.ErrNotFound))
			return
		}
		s.showHelp(w, r, id, texts)
		return
	}
	list := correlate.AllHelp()
	if id != "" {
		h, ok := correlate.Help(id)
		if !ok {
			s.fail(w, r, fmt.Errorf("no rule is called %q; /help lists them all: %w", id, evidence.ErrNotFound))
			return
		}
		s.showHelp(w, r, id, []page.HelpText{{ID: h.ID, Markdown: h.Page}})
		return
	}
	p := page.BuildHelpList(list)
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.HelpPage(p))
}

// showHelp shows pages of help below each other.
func (s *server) showHelp(w http.ResponseWriter, r *http.Request, title string, texts []page.HelpText) {
	p, err := page.BuildHelp(title, texts)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.base(r, &p.Base)
	s.render(w, r, http.StatusOK, page.HelpPage(p))
}
