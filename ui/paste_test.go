package ui_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/browser"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// wiki is an editor as wikis have it: it takes what is pasted as HTML.
const wiki = `<!DOCTYPE html><title>wiki</title><div id="page" contenteditable="true" style="min-height:100px"></div>`

// TestTheHTMLExportPastesIntoAWiki opens the export, selects all of it, copies
// it, and pastes it into an editor with the browser's own clipboard.
func TestTheHTMLExportPastesIntoAWiki(t *testing.T) {
	ctx := browser.Start(t)
	h := ui.New(storybook.New(storybook.Now, storybook.Stories()[0], storybook.Hostile(storybook.Payloads()[:20])).Options())
	for _, story := range []string{"INC-confirmed", "INC-hostile"} {
		file := get(t, h, "/api/v1/incidents/"+story+"/export?format=html").Body.String()
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			page := map[string]string{"/export": file, "/wiki": wiki}[r.URL.Path] // the export without our headers, as a file has none
			_, _ = w.Write([]byte(page))
		}))
		var asked requests
		asked.listen(ctx)
		run(t, ctx, network.Enable(),
			chromedp.Navigate(site.URL+"/export"), command("selectAll"), command("copy"),
			chromedp.Navigate(site.URL+"/wiki"), chromedp.Focus("#page"), command("paste"))
		becomes(t, ctx, `document.querySelectorAll("#page h1").length > 0`)
		var pasted, source map[string]int
		const tally = `(at => Object.fromEntries(["h1", "h2", "h3", "table", "tr", "td", "li", "a", "pre", "script", "img"].map(e => [e, at.querySelectorAll(e).length])))`
		var ran bool
		var links []string
		run(t, ctx, chromedp.Evaluate(tally+`(document.getElementById("page"))`, &pasted), chromedp.Evaluate(`"`+storybook.Sentinel+`" in window`, &ran),
			chromedp.Navigate(site.URL+"/export"), chromedp.Evaluate(tally+`(document.body)`, &source),
			chromedp.Evaluate(`Array.from(document.querySelectorAll("a"), a => a.href)`, &links))
		for element, want := range source {
			if pasted[element] != want {
				t.Errorf("%s: %d elements %s were pasted of %d", story, pasted[element], element, want)
			}
		}
		if source["table"] != 4 || source["h2"] < 10 || source["a"] < 1 || source["script"] != 0 || ran {
			t.Errorf("%s: got %v, ran %v", story, source, ran)
		}
		for _, to := range links { // the incident, and its traces where they are shown
			if !strings.HasPrefix(to, "https://wherefore.example/") && !strings.HasPrefix(to, "https://jaeger.example/trace/") {
				t.Errorf("%s: a link leads to %q", story, to)
			}
		}
		for _, u := range asked.foreign(site.URL) {
			if !strings.HasPrefix(u, "data:") {
				t.Errorf("%s: fetched %s", story, u)
			}
		}
		site.Close()
	}
}

// command presses a key that the browser understands as an editing command.
func command(name string) chromedp.Action {
	return input.DispatchKeyEvent(input.KeyDown).WithKey("Unidentified").WithCommands([]string{name})
}
