package ui_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html" // as in hostile_test.go

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// friendly are the stories without the hostile one, whose links lead nowhere.
func friendly() []storybook.Story {
	return slices.DeleteFunc(storybook.Stories(), func(s storybook.Story) bool { return s.Name == "hostile" })
}

// TestEveryLinkLeadsSomewhere follows each link of each page: what cannot be had is
// not offered, and what an address points at within a page stands on it.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	pages := []string{"/", "/decisions", "/decisions/DEC-2024-0872", "/services/ad-server", "/investigate", "/audit", "/help", "/help/errors", "/login"}
	for _, s := range friendly() {
		pages = append(pages, "/incidents/"+s.Incident.ID)
	}
	followed := map[string]bool{}
	for _, p := range pages {
		h := ui.New(storybook.New(storybook.Now, friendly()...).Options()) // each with its own limits
		doc, err := html.Parse(get(t, h, p).Body)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for n := range doc.Descendants() {
			ids[attributes(n)["id"]] = true
		}
		for n := range doc.Descendants() {
			href := attributes(n)["href"]
			if n.Data != "a" || href == "" {
				continue
			}
			if id, here := strings.CutPrefix(href, "#"); here && !ids[id] {
				t.Errorf("%s: nothing stands at %s", p, href)
			}
			if !strings.HasPrefix(href, "/") || followed[href] {
				continue
			}
			followed[href] = true
			// A source that does not answer now may later.
			if w := get(t, h, href); w.Code >= http.StatusBadRequest && w.Code != http.StatusServiceUnavailable {
				t.Errorf("%s: %s answers %d: %.200s", p, href, w.Code, strings.Join(strings.Fields(w.Body.String()), " "))
			}
		}
	}
	if len(followed) < 50 {
		t.Errorf("only %d links were followed: the test shows nothing", len(followed))
	}
}
