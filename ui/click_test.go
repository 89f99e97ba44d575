package ui_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp" // as in browser_test.go
	"github.com/chromedp/chromedp/kb"

	"github.com/wherefore-dev/wherefore/ui"
	wherebrowser "github.com/wherefore-dev/wherefore/ui/browser"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// control is something on a page that a person can operate.
type control struct {
	Path string // leads to it from the body
	Kind string // the same without places and ids: rows of a list are of one kind
	Tag  string
	Type string // of an input; "submit" for a button that sends its form
	Href string
	Says string
}

// controls lists what can be operated, in the order of the document. What is folded is
// listed too: its details are opened before.
const controls = `(() => {
	const step = (el, whole) => el.tagName.toLowerCase() + (whole ? ":nth-child(" + ([...el.parentNode.children].indexOf(el) + 1) + ")" : [...el.classList].map(c => "." + c).join(""));
	const path = (el, whole) => { const out = []; for (; el !== document.body; el = el.parentNode) out.unshift(step(el, whole)); return out.join(" > "); };
	const folded = [...document.querySelectorAll("details:not([open])")];
	folded.forEach(d => d.open = true);
	const found = [...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")].filter(el => el.checkVisibility({visibilityProperty: true}) && !el.disabled && !el.closest("dialog:not([open]), #present")); // what is asked there the script asks
	folded.forEach(d => d.open = false);
	return found.map(el => ({
		Path: path(el, true), Kind: path(el, false) + (el.name ? "[" + el.name + "=" + (el.tagName === "BUTTON" || el.type === "radio" ? el.value : "") + "]" : ""), Tag: el.tagName.toLowerCase(), Type: el.type || "",
		Href: el.href ? new URL(el.href.baseVal || el.href, location.href).href : "", Says: (el.textContent || el.name || "").trim().slice(0, 60),
	}));
})()`

// ready opens what a control is folded in, fills the form that it sends, brings it into
// view, and gives the point at which a pointer meets it. From then on seen() tells
// what could be observed.
const ready = `(path => {
	const el = document.querySelector("body > " + path);
	if (!el) return {Gone: true};
	for (let p = el.parentElement; p; p = p.parentElement) if (p.tagName === "DETAILS" && !(el.tagName === "SUMMARY" && el.parentElement === p)) p.open = true;
	if (el.form && el.type === "submit") for (const f of el.form.elements) {
		if (f.type === "radio") f.form.querySelector("[name=" + f.name + "]").checked = true;
		else if (!f.value && (f.required || f.tagName === "TEXTAREA" || f.name === "service")) f.value = f.placeholder || "cart";
	}
	el.scrollIntoView({block: "center", behavior: "instant"});
	const box = [...el.getClientRects()].find(r => r.width > 0 && r.height > 0);
	if (!box) return {Hidden: true};
	const x = box.x + box.width / 2, y = box.y + box.height / 2, met = document.elementFromPoint(x, y);
	const state = () => JSON.stringify([location.href, el.value, el.checked, el.selectedIndex, [...document.querySelectorAll("*")].indexOf(document.activeElement), scrollY, document.querySelectorAll("details[open], dialog[open]").length]);
	let changed = false;
	new MutationObserver(() => changed = true).observe(document.documentElement, {subtree: true, childList: true, attributes: true, characterData: true});
	const before = state();
	el.classList.contains("skip") && el.focus(); // it is seen only by who comes with the keyboard
	window.seen = () => changed || state() !== before;
	return {X: x, Y: y, Under: el.classList.contains("skip") ? "" : met && (el.contains(met) || met.contains(el) && met.tagName === "LABEL") ? "" : met ? met.outerHTML.slice(0, 120) : "nothing"};
})`

type place struct {
	X, Y         float64
	Gone, Hidden bool
	Under        string // what lies over the control
}

// heard is what a tab asked for and complained of.
type heard struct {
	sent     int      // documents
	refused  []string // answers that a person is told of in a sentence
	wrong    []string // forms that must say which field is wrong
	troubles []string
}

func (h *heard) add(more heard) {
	h.sent += more.sent
	h.refused, h.wrong, h.troubles = append(h.refused, more.refused...), append(h.wrong, more.wrong...), append(h.troubles, more.troubles...)
}

// wire listens to a tab.
type wire struct {
	mu   sync.Mutex
	now  heard
	byID map[network.RequestID]string
}

func (w *wire) listen(ctx context.Context) {
	chromedp.ListenTarget(ctx, func(e any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch e := e.(type) {
		case *network.EventRequestWillBeSent:
			w.byID[e.RequestID] = e.Request.Method + " " + e.Request.URL
			if e.Type == network.ResourceTypeDocument { // streams and questions go on by themselves
				w.now.sent++
			}
		case *network.EventResponseReceived:
			switch s := e.Response.Status; {
			case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusConflict:
				w.now.refused = append(w.now.refused, w.byID[e.RequestID])
			case s == http.StatusBadRequest && e.Type == network.ResourceTypeDocument:
				w.now.wrong = append(w.now.wrong, w.byID[e.RequestID])
			case s >= http.StatusBadRequest:
				w.now.troubles = append(w.now.troubles, fmt.Sprintf("%s answered %d", w.byID[e.RequestID], s))
			}
		case *network.EventLoadingFailed:
			if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
				w.now.troubles = append(w.now.troubles, w.byID[e.RequestID]+" failed: "+e.ErrorText)
			}
		case *runtime.EventExceptionThrown:
			w.now.troubles = append(w.now.troubles, "exception: "+e.ExceptionDetails.Error())
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				w.now.troubles = append(w.now.troubles, fmt.Sprintf("console: %s", e.Args[0].Value))
			}
		case *cdplog.EventEntryAdded:
			if e.Entry.Level == cdplog.LevelError && e.Entry.Source != cdplog.SourceNetwork { // the network's are above
				w.now.troubles = append(w.now.troubles, "log: "+e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
}

// took gives what was heard since it was asked before.
func (w *wire) took() heard {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.now
	w.now = heard{}
	return out
}

// clicker operates what stands on the pages of a server.
type clicker struct {
	t     *testing.T
	ctx   context.Context
	base  string
	reset func() // makes what the server knows anew
	wire  wire
	frame map[string]int // kinds of the frame, which all pages have
	done  int
}

// TestEveryControlDoesSomething operates what stands on each page, of every kind at
// most two: nothing may fail on the way, and something must come of it that a person can
// observe. With -from it does so on a running server, whose incidents are then
// acknowledged, noted and judged.
func TestEveryControlDoesSomething(t *testing.T) {
	ctx := wherebrowser.Start(t)
	var now atomic.Value
	reset := func() {
		h := ui.New(storybook.New(storybook.Now, friendly()...).Options())
		now.Store(&h)
	}
	reset()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*now.Load().(*http.Handler)).ServeHTTP(w, r) }))
	t.Cleanup(func() {
		go func() { time.Sleep(100 * time.Millisecond); server.CloseClientConnections() }() // as serveBook
		server.Close()
	})
	c := &clicker{t: t, ctx: ctx, base: server.URL, reset: reset, wire: wire{byID: map[network.RequestID]string{}}, frame: map[string]int{}}
	paths := []string{"/", "/?service=ad-server&sort=burn", "/incidents/INC-confirmed", "/incidents/INC-asked-for", "/incidents/INC-two-revisions", "/incidents/INC-given-up", "/incidents/INC-running",
		"/incidents/INC-resolved", "/incidents/INC-confirmed/alert", "/decisions", "/decisions/DEC-2024-0872?check=now", "/services/ad-server", "/investigate", "/audit", "/help", "/login"}
	if *from != "" {
		c.base, c.reset, paths = *from, func() {}, []string{"/", "/decisions", "/investigate", "/audit"}
		for i, id := range wherebrowser.Reported(t, *from) {
			if i < 3 {
				paths = append(paths, "/incidents/"+id)
			}
		}
	}
	c.wire.listen(ctx)
	run(t, ctx, network.Enable(), cdplog.Enable(), runtime.Enable(), browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorDeny), chromedp.EmulateViewport(1280, 720))
	for _, p := range paths {
		if *only == "" || strings.Contains(p, *only) {
			start, before := time.Now(), c.done
			c.page(p)
			t.Logf("%s: %d controls in %s", p, c.done-before, time.Since(start).Round(100*time.Millisecond))
		}
	}
	if *only == "" && c.done < 100 {
		t.Errorf("only %d controls were operated: the test shows nothing", c.done)
	}
}

func (c *clicker) page(path string) {
	var list []control
	c.open(path)
	run(c.t, c.ctx, chromedp.Evaluate(controls, &list))
	kinds := map[string]int{}
	fresh := true
	for _, x := range list {
		counted := kinds
		if strings.HasPrefix(x.Kind, "header.bar") || strings.HasPrefix(x.Kind, "footer") {
			counted = c.frame
		}
		if counted[x.Kind]++; counted[x.Kind] > 2 || counted[x.Kind] > 1 && x.Tag == "a" {
			continue
		}
		if x.Tag == "a" && !strings.HasPrefix(x.Href, c.base+"/") {
			if u, err := url.Parse(x.Href); err != nil || u.Host == "" {
				c.t.Errorf("%s: %q leads to %q", path, x.Says, x.Href)
			}
			continue // another program's
		}
		if !fresh {
			c.open(path)
		}
		fresh = c.operate(path, x)
		c.done++
	}
}

func (c *clicker) open(path string) {
	err := chromedp.Run(c.ctx, chromedp.Navigate(c.base+path))
	if err != nil && strings.Contains(err.Error(), "ERR_ABORTED") {
		err = chromedp.Run(c.ctx, chromedp.Navigate(c.base+path)) // the page before was about to load itself again
	}
	if err != nil {
		c.t.Fatalf("%s: %v", path, err)
	}
	becomes(c.t, c.ctx, `document.readyState === "complete"`)
	if got := c.wire.took(); len(got.troubles)+len(got.refused)+len(got.wrong) > 0 {
		c.t.Errorf("%s: %+v", path, got)
	}
}

// operate does to a control what a person would, and tells whether the page is as it
// was.
func (c *clicker) operate(path string, x control) (same bool) {
	name := fmt.Sprintf("%s: %s %q (%s)", path, x.Tag, x.Says, x.Path)
	var at place
	run(c.t, c.ctx, chromedp.Evaluate(ready+"("+quoted(x.Path)+")", &at))
	switch {
	case at.Gone && *from != "":
		return false // what was done before stays done there
	case at.Gone || at.Hidden:
		c.t.Errorf("%s: is not there any more: %+v", name, at)
		return false
	case at.Under != "":
		c.t.Errorf("%s: lies under %s", name, at.Under)
		return false
	}
	sends := x.Tag == "button" && x.Type == "submit"
	leads := sends || x.Tag == "a" && !strings.Contains(x.Href, "#") // to another page, or to the same one made anew
	if err := chromedp.Run(c.ctx, c.doing(x, at)); err != nil {
		c.t.Errorf("%s: %v", name, err)
		return false
	}
	// Nothing is waited for but what is to be seen.
	observed, left := false, false
	var got heard
	for end := time.Now().Add(3 * time.Second); !observed && time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		got.add(c.wire.took())
		var saw string
		if err := chromedp.Run(c.ctx, chromedp.Evaluate(`window.seen ? String(seen()) : document.readyState === "complete" ? "left" : ""`, &saw)); err != nil {
			continue // between two pages
		}
		left = saw == "left"
		observed = left || saw == "true" && !leads || got.sent > 0 && strings.Contains(x.Href, "/export")
	}
	got.add(c.wire.took())
	if !observed {
		c.t.Errorf("%s: nothing came of it", name)
	}
	for _, tr := range got.troubles {
		c.t.Errorf("%s: %s", name, tr)
	}
	if len(got.refused)+len(got.wrong) > 0 {
		var says string
		var marked bool
		if err := chromedp.Run(c.ctx, chromedp.Text("main", &says), chromedp.Evaluate(`!!document.querySelector("[aria-invalid=true]")`, &marked)); err != nil || len(strings.Fields(says)) < 4 || !marked && len(got.wrong) > 0 {
			c.t.Errorf("%s: %v was refused without a word of why: %.200s", name, append(got.refused, got.wrong...), says)
		}
	}
	if sends {
		c.reset()
	}
	if left || sends || got.sent > 0 || x.Tag == "a" {
		return false
	}
	run(c.t, c.ctx, chromedp.Evaluate(`document.querySelectorAll("dialog[open]").forEach(d => d.close()); document.querySelectorAll("input, textarea").forEach(f => f.value = f.defaultValue); document.querySelectorAll("details.menu[open], details.range[open]").forEach(d => d.open = false)`, nil))
	return true
}

// doing is what a person does with a control.
func (c *clicker) doing(x control, at place) chromedp.Action {
	click := chromedp.MouseClickXY(at.X, at.Y)
	switch {
	case strings.Contains(x.Kind, "a.skip"):
		return chromedp.KeyEvent(kb.Enter)
	case x.Tag == "select":
		return chromedp.Tasks{chromedp.Focus("body > "+x.Path, chromedp.ByQuery), chromedp.KeyEvent(kb.ArrowDown)}
	case x.Tag == "textarea" || x.Tag == "input" && x.Type != "radio" && x.Type != "checkbox":
		return chromedp.Tasks{click, input.InsertText("a")}
	}
	return click
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }
