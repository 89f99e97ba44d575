// Package browser drives an installed Chromium in tests of pages.
package browser

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp" // drives the installed Chromium; no Node needed

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// Viewport is a size of a window in CSS pixels.
type Viewport struct {
	Name          string
	Width, Height int64
}

// Viewports are what the facts above the fold must fit into.
func Viewports() []Viewport { return []Viewport{{"wide", 1280, 720}, {"phone", 360, 740}} }

// Start starts one Chromium for a test and skips where there is none. The
// browser ends with the test, or after eight minutes.
func Start(t *testing.T) context.Context {
	t.Helper()
	testenv.NeedsBrowser(t)
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	quiet := func(string, ...any) {} // chromedp prints events newer than itself
	// Without a UserDataDir chromedp makes one and removes it once the browser
	// has gone. t.TempDir would fail the test over a file that a dying child
	// process of the browser still writes.
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		// chromedp loses sight of a page that comes back out of the cache of pages.
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,BackForwardCache"),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Env("TZ=Asia/Shanghai"))
	// t.Context ends before the clean-ups run and would take the browser with it.
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(cancelTime) // after the browser was told to end: without its context it would not answer
	ctx, _ = chromedp.NewContext(ctx, chromedp.WithErrorf(quiet))
	t.Cleanup(func() {
		ended := make(chan struct{})
		go func() { defer close(ended); _ = chromedp.Cancel(ctx) }() // waits for the browser to end
		select {
		case <-ended:
		case <-time.After(20 * time.Second): // it is gone already and does not answer; its allocator's cancel takes the rest
		}
	})
	if err := chromedp.Run(ctx); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("chromium does not start: %v", err)
		}
		t.Skipf("chromium does not start here: %v", err)
	}
	return ctx
}

// FactsAboveTheFold fails when a fact of the incident page at an address does
// not stand in the first viewport, or when the page is wider than the viewport,
// at each of the sizes. Facts that not every incident has may be missing when
// lenient is set, and must not then stand below the fold.
func FactsAboveTheFold(t *testing.T, ctx context.Context, address string, lenient bool) {
	t.Helper()
	for _, v := range Viewports() {
		var missing []string
		var overflow int
		selectors, _ := json.Marshal(facts(v.Name)) // strings are always JSON
		err := chromedp.Run(ctx, chromedp.EmulateViewport(v.Width, v.Height), chromedp.Navigate(address),
			chromedp.Evaluate(answered, nil), chromedp.Evaluate(below+"("+string(selectors)+")", &missing), chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &overflow))
		if err != nil {
			t.Fatal(err)
		}
		if lenient {
			missing = slices.DeleteFunc(missing, func(s string) bool {
				name, absent := strings.CutSuffix(s, " (absent)")
				return absent && optional(name)
			})
		}
		if len(missing) > 0 {
			t.Errorf("%s at %dx%d: not inside the first viewport: %v", address, v.Width, v.Height, missing)
		}
		if overflow > 0 {
			t.Errorf("%s at %d px: the page is %d px too wide", address, v.Width, overflow)
		}
	}
}

// answered puts the longest answer to "is it still so?" into the page, whether or
// not the server was quick enough to give one: facts must not move when it comes.
const answered = `(present => {
	if (!present) return;
	const then = present.cloneNode(); // the script goes on writing into the one before
	then.textContent = "No rule of this alert is known, so nobody can tell whether it is still so. (23:59:59 +05:30)";
	present.replaceWith(then);
})(document.querySelector("#present"))`

// below lists the selectors whose first element is absent, or not wholly inside
// the first viewport.
const below = `(selectors => selectors.map(s => {
	const el = [...document.querySelectorAll(s)].find(e => e.offsetParent !== null);
	if (!el) return s + " (absent)";
	const r = el.getBoundingClientRect();
	return r.bottom > innerHeight || r.top < 0 || r.right > innerWidth + 1 || r.width === 0 ? s : "";
}).filter(s => s))`

// facts are what a person must see without scrolling.
func facts(viewport string) []string {
	all := []string{".stateline .badge", ".service", ".stateline time", "h1", ".verdict .badge", ".do h2", ".hit", ".errtext"}
	if viewport == "phone" {
		return append(all, ".changedline", ".do p", ".do .command")
	}
	return append(all, ".stateline .local", ".verdict", ".impact ul", ".changed p", ".changed ul", ".do .command", ".do .fresh", ".openin")
}

// optional facts depend on what a server is configured with, or on whether
// anything changed at all.
func optional(selector string) bool {
	return slices.Contains([]string{".errtext", ".openin", ".changed p", ".changed ul", ".do .command", ".do .fresh"}, selector)
}

// Reported lists the incidents of a running server that have a report.
func Reported(t *testing.T, base string) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/incidents?state=reported&limit=200", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Incidents []casefile.Incident }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range list.Incidents {
		out = append(out, i.ID)
	}
	return out
}
