package ui_test

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp" // drives the installed Chromium; no Node needed

	"github.com/wherefore-dev/wherefore/ui/storybook"
)

var only = flag.String("story", "", "with -shots, take this story only")

var shots = flag.String("shots", "", "write pictures of the stories into this folder")

// viewports are what the facts above the fold must fit into.
var viewports = []struct {
	name          string
	width, height int64
}{{"wide", 1280, 720}, {"phone", 360, 740}}

// browser starts one Chromium for a test and skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("hide-scrollbars", true), chromedp.Env("TZ=Asia/Shanghai"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	ctx, cancelTime := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancelTime)
	if err := chromedp.Run(ctx); err != nil {
		t.Skipf("chromium does not start here: %v", err)
	}
	return ctx
}

// serveBook serves the stories over HTTP and notes what is asked for.
func serveBook(t *testing.T) (*storybook.Store, *httptest.Server) {
	t.Helper()
	store, h := book(t)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return store, s
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// below lists the selectors whose first element is missing, or not wholly
// inside the first viewport.
const below = `(selectors => selectors.filter(s => {
	const el = [...document.querySelectorAll(s)].find(e => e.offsetParent !== null);
	if (!el) return true;
	const r = el.getBoundingClientRect();
	return r.bottom > innerHeight || r.top < 0 || r.right > innerWidth + 1 || r.width === 0;
}))`

// facts are what a person must see without scrolling.
func facts(viewport string) []string {
	all := []string{".stateline .badge", ".service", ".stateline time", "h1", ".verdict .badge", ".do h2", ".impact .headline"}
	if viewport == "phone" {
		return append(all, ".changedline", ".do .move", ".do .command")
	}
	return append(all, ".stateline .local", ".verdict", ".impact ul", ".changed p", ".changed ul", ".do .command", ".do .fresh", ".openin")
}

func TestFactsStandAboveTheFold(t *testing.T) {
	ctx := browser(t)
	_, server := serveBook(t)
	for _, v := range viewports {
		for _, story := range []string{"confirmed", "resolved", "loki-down", "two-revisions", "stale", "long-words"} {
			var missing []string
			selectors := `["` + strings.Join(facts(v.name), `","`) + `"]`
			run(t, ctx, chromedp.EmulateViewport(v.width, v.height), chromedp.Navigate(server.URL+"/incidents/INC-"+story),
				chromedp.Evaluate(below+"("+selectors+")", &missing))
			if len(missing) > 0 {
				t.Errorf("%s at %dx%d: not inside the first viewport: %v", story, v.width, v.height, missing)
			}
			var overflow int
			run(t, ctx, chromedp.Evaluate(`document.documentElement.scrollWidth - innerWidth`, &overflow))
			if overflow > 0 {
				t.Errorf("%s at %d px: the page is %d px too wide", story, v.width, overflow)
			}
		}
	}
}

// TestPictures writes pictures of all stories for looking at.
func TestPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("give -shots DIR to take pictures")
	}
	ctx := browser(t)
	_, server := serveBook(t)
	pages := map[string]string{"list": "/", "decisions": "/decisions", "decision": "/decisions/DEC-2024-0872?check=now", "investigate": "/investigate", "alert": "/incidents/INC-confirmed/alert"}
	for _, s := range storybook.Stories() {
		pages[s.Name] = "/incidents/" + s.Incident.ID
	}
	for name, path := range pages {
		if *only != "" && !strings.Contains(","+*only+",", ","+name+",") {
			continue
		}
		for _, v := range viewports {
			for _, scheme := range []string{"light", "dark"} {
				var fold, whole []byte
				run(t, ctx, chromedp.EmulateViewport(v.width, v.height),
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
					chromedp.Navigate(server.URL+path), chromedp.CaptureScreenshot(&fold), chromedp.FullScreenshot(&whole, 100))
				write(t, name+"-"+v.name+"-"+scheme+".png", fold)
				if scheme == "light" {
					write(t, name+"-"+v.name+"-whole.png", whole)
				}
			}
		}
	}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(*shots, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// requests collects the addresses that a tab asks for.
type requests struct {
	mu  sync.Mutex
	all []string
}

func (r *requests) listen(ctx context.Context) {
	chromedp.ListenTarget(ctx, func(e any) {
		if sent, ok := e.(*network.EventRequestWillBeSent); ok {
			r.mu.Lock()
			r.all = append(r.all, sent.Request.URL)
			r.mu.Unlock()
		}
	})
}

// foreign lists the requests that did not go to the server.
func (r *requests) foreign(server string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, u := range r.all {
		if !strings.HasPrefix(u, server+"/") && !strings.HasPrefix(u, "about:") {
			out = append(out, u)
		}
	}
	return out
}
