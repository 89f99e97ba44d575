package ui_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/browser"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// TestTheListIsWalkedByKeyboardOnAPhone goes through ten thousand incidents
// without a script: sort, filter, turn the page, go back, find nothing.
func TestTheListIsWalkedByKeyboardOnAPhone(t *testing.T) {
	ctx := browser.Start(t)
	server := httptest.NewServer(ui.New(storybook.New(storybook.Now, storybook.Many(10_000)...).Options()))
	t.Cleanup(server.Close)
	at := func() (path, first string) {
		var width int
		run(t, ctx, chromedp.WaitReady(".rows"), chromedp.Location(&path), chromedp.Evaluate(`(document.querySelector(".incidents .title") || {textContent: ""}).textContent`, &first),
			chromedp.Evaluate(`document.documentElement.scrollWidth`, &width))
		if width > 360 {
			t.Errorf("%s is %d px wide on a phone", path, width)
		}
		return strings.TrimPrefix(path, server.URL), first
	}
	// leads does something and waits for the page to which it leads.
	leads := func(actions ...chromedp.Action) {
		var before string
		run(t, ctx, append([]chromedp.Action{chromedp.Location(&before)}, actions...)...)
		becomes(t, ctx, fmt.Sprintf(`location.href !== %q && document.readyState === "complete"`, before))
	}
	// follow puts the focus on something by its place in the order of the
	// keyboard and presses Enter.
	follow := func(selector string) { leads(chromedp.Focus(selector), chromedp.KeyEvent(kb.Enter)) }
	run(t, ctx, emulation.SetScriptExecutionDisabled(true), chromedp.EmulateViewport(360, 740), chromedp.Navigate(server.URL+"/"))
	_, newest := at()
	follow(`.sorts a[href="/?sort=burn"]`)
	if path, first := at(); path != "/?sort=burn" || !strings.Contains(first, "the 1890th time") && first == newest {
		t.Errorf("sorted by burn: at %s with %q first", path, first)
	}
	var visible bool
	run(t, ctx, chromedp.Evaluate(`document.querySelector(".facets a").checkVisibility()`, &visible))
	if visible {
		t.Error("the filters push the list off a phone's screen")
	}
	run(t, ctx, chromedp.Focus(".filters summary"), chromedp.KeyEvent(kb.Enter))
	becomes(t, ctx, `document.querySelector(".facets a").checkVisibility()`)
	follow(`.facets a[href="/?service=service-03&sort=burn"]`)
	path, filtered := at()
	if path != "/?service=service-03&sort=burn" || !strings.HasPrefix(filtered, "service-03 ") {
		t.Errorf("filtered: at %s with %q first", path, filtered)
	}
	follow(`.pages a[rel=next]`)
	if path, first := at(); !strings.Contains(path, "cursor=") || !strings.Contains(path, "service=service-03") || first == filtered {
		t.Errorf("next page: at %s with %q first", path, first)
	}
	leads(chromedp.Evaluate(`history.back()`, nil))
	if path, first := at(); path != "/?service=service-03&sort=burn" || first != filtered {
		t.Errorf("back: at %s with %q first", path, first)
	}
	leads(chromedp.SendKeys("#q", "nothing like it"+kb.Enter))
	var notice string
	path, _ = at()
	if run(t, ctx, chromedp.Text(".rows .notice", &notice)); !strings.Contains(notice, "No incident fits this filter") || !strings.Contains(path, "service=service-03") {
		t.Errorf("nothing found: at %s, says %q", path, notice)
	}
	follow(".chosen a:last-child")
	if path, first := at(); strings.Contains(path, "q=") || first != filtered {
		t.Errorf("the text taken out again: at %s with %q first", path, first)
	}
	follow(".incidents .title")
	var heading string
	if run(t, ctx, chromedp.WaitReady("h1"), chromedp.Text("h1", &heading)); heading == "Incidents" {
		t.Error("a row does not lead to its incident")
	}
}
