package ui_test

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp" // drives the installed Chromium; no Node needed
	"github.com/chromedp/chromedp/kb"

	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/browser"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

var only = flag.String("story", "", "show these stories only, separated by commas (one for axe-core)")

var from = flag.String("from", "", "look at a running server at this address instead of the storybook")

var shots = flag.String("shots", "", "write pictures of the stories into this folder")

// serveBook serves the stories over HTTP and notes what is asked for.
func serveBook(t *testing.T) (*storybook.Store, *httptest.Server) {
	t.Helper()
	store, h := book(t)
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		// A page that follows its events holds its connection open, and Close
		// would wait for it.
		go func() {
			time.Sleep(100 * time.Millisecond)
			s.CloseClientConnections()
		}()
		s.Close()
	})
	return store, s
}

// slow is how long a page may take on a busy machine.
const slow = 2 * time.Minute

// becomes waits until a condition holds on the page. One that is being left has
// nobody to ask.
func becomes(t *testing.T, ctx context.Context, condition string) {
	t.Helper()
	for end := time.Now().Add(slow); ; time.Sleep(50 * time.Millisecond) {
		var holds bool
		if err := chromedp.Run(ctx, chromedp.Evaluate(condition, &holds)); err == nil && holds {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not so on the page in time: %s", condition)
		}
	}
}

func run(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// TestFactsStandAboveTheFold looks at stories, or at all incidents of a running
// server: go test ./ui -run FactsStand -from http://127.0.0.1:8080
func TestFactsStandAboveTheFold(t *testing.T) {
	ctx := browser.Start(t)
	_, server := serveBook(t)
	base, incidents := server.URL, []string{"INC-confirmed", "INC-resolved", "INC-loki-down", "INC-two-revisions", "INC-stale", "INC-long-words"}
	if *from != "" {
		base, incidents = *from, browser.Reported(t, *from)
	}
	for _, id := range incidents {
		browser.FactsAboveTheFold(t, ctx, base+"/incidents/"+id, *from != "")
	}
}

// TestPictures writes pictures of all stories, or of a running server's pages,
// for looking at.
func TestPictures(t *testing.T) {
	if *shots == "" {
		t.Skip("give -shots DIR to take pictures")
	}
	ctx := browser.Start(t)
	_, server := serveBook(t)
	pages := map[string]string{"list": "/", "decisions": "/decisions", "decision": "/decisions/DEC-2024-0872?check=now", "investigate": "/investigate", "login": "/login", "audit": "/audit", "alert": "/incidents/INC-confirmed/alert"}
	for _, s := range storybook.Stories() {
		pages[s.Name] = "/incidents/" + s.Incident.ID
	}
	base := server.URL
	if *from != "" {
		base, pages = *from, map[string]string{"list": "/", "decisions": "/decisions", "investigate": "/investigate"}
		for _, id := range browser.Reported(t, *from) {
			pages[id] = "/incidents/" + id
		}
	}
	for name, path := range pages {
		if *only != "" && !strings.Contains(","+*only+",", ","+name+",") {
			continue
		}
		for _, v := range browser.Viewports() {
			for _, scheme := range []string{"light", "dark"} {
				var fold, whole []byte
				run(t, ctx, chromedp.EmulateViewport(v.Width, v.Height),
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
					chromedp.Navigate(base+path), chromedp.CaptureScreenshot(&fold), chromedp.FullScreenshot(&whole, 100))
				write(t, name+"-"+v.Name+"-"+scheme+".png", fold)
				if scheme == "light" {
					write(t, name+"-"+v.Name+"-whole.png", whole)
				}
				if scheme == "light" && v.Name == "wide" {
					run(t, ctx, chromedp.EmulateViewport(794, 1123), emulation.SetEmulatedMedia().WithMedia("print"), chromedp.FullScreenshot(&whole, 100), emulation.SetEmulatedMedia())
					write(t, name+"-print.png", whole)
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

// TestPayloadsNeitherRunNorFetch shows every page with hostile texts to a real
// browser.
func TestPayloadsNeitherRunNorFetch(t *testing.T) {
	ctx := browser.Start(t)
	_, server := serveBook(t)
	var asked requests
	asked.listen(ctx)
	run(t, ctx, network.Enable())
	for _, p := range pages() {
		if strings.HasPrefix(p, "/incidents/INC-") && !strings.Contains(p, "hostile") {
			continue // nothing hostile in it
		}
		var ran bool
		var at string
		run(t, ctx, chromedp.Navigate(server.URL+p), chromedp.Evaluate(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil),
			chromedp.Sleep(50*time.Millisecond), chromedp.Evaluate(`"`+storybook.Sentinel+`" in window || document.cookie.includes("`+storybook.Sentinel+`")`, &ran), chromedp.Location(&at))
		if ran {
			t.Errorf("%s: a payload ran", p)
		}
		if !strings.HasPrefix(at, server.URL) {
			t.Errorf("%s: the browser was led to %s", p, at)
		}
	}
	if foreign := asked.foreign(server.URL); len(foreign) > 0 {
		t.Errorf("the pages asked for %v", foreign)
	}
	if len(asked.all) < len(pages())/2 {
		t.Errorf("only %d requests were seen: the test shows nothing", len(asked.all))
	}
}

func TestKeysLeadThroughThePage(t *testing.T) {
	ctx := browser.Start(t)
	_, server := serveBook(t)
	focused := func() string {
		var s string
		run(t, ctx, chromedp.Evaluate(`(document.activeElement.closest("details.cause") || document.activeElement).id || document.activeElement.tagName`, &s))
		return s
	}
	press := func(keys string) { run(t, ctx, chromedp.KeyEvent(keys)) }
	run(t, ctx, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(server.URL+"/incidents/INC-confirmed"), chromedp.WaitReady("#zone:not([hidden])"))
	for _, step := range []struct{ key, want string }{{"j", "cause-1"}, {"j", "cause-2"}, {"k", "cause-1"}, {"t", "trace"}, {"l", "timeline"}, {"c", "code"}, {"n", "note-text"}} {
		press(step.key)
		if got := focused(); got != step.want {
			t.Errorf("after %q: focus is on %q, want %q", step.key, got, step.want)
		}
	}
	var open bool
	run(t, ctx, chromedp.Evaluate(`document.activeElement.blur()`, nil))
	press("?")
	if run(t, ctx, chromedp.Evaluate(`document.getElementById("help").open`, &open)); !open {
		t.Error("? does not open the list of keys")
	}
	run(t, ctx, chromedp.Evaluate(`document.getElementById("help").close()`, nil))
	var before, after string
	run(t, ctx, chromedp.Text(".stateline time", &before))
	press("z")
	if run(t, ctx, chromedp.Text(".stateline time", &after)); before == after || !strings.Contains(after, "10:51:07") {
		t.Errorf("z turned %q into %q, want Shanghai's 10:51:07", before, after)
	}
	press("g")
	press("i")
	var at string
	if run(t, ctx, chromedp.WaitVisible(".incidents"), chromedp.Location(&at)); at != server.URL+"/" {
		t.Errorf("g i leads to %s", at)
	}
}

func TestValuesUnderThePointerAreShownInAllCharts(t *testing.T) {
	ctx := browser.Start(t)
	_, server := serveBook(t)
	read := func() (values []string) {
		run(t, ctx, chromedp.Evaluate(`[...document.querySelectorAll(".signal .read")].map((el) => el.textContent)`, &values))
		return values
	}
	run(t, ctx, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(server.URL+"/incidents/INC-confirmed"), chromedp.WaitReady("#zone:not([hidden])"))
	rest := read()
	var at []float64
	run(t, ctx, chromedp.ScrollIntoView(".signal svg"), chromedp.Evaluate(`(() => { const b = document.querySelector(".signal svg").getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`, &at))
	run(t, ctx, chromedp.MouseEvent(input.MouseMoved, at[0], at[1]))
	over := read()
	run(t, ctx, chromedp.MouseEvent(input.MouseMoved, 1, 1))
	after := read()
	if len(rest) != 5 || len(over) != 5 {
		t.Fatalf("got %d and %d charts, want 5", len(rest), len(over))
	}
	for i := range rest {
		if !strings.Contains(over[i], " at 02:") || after[i] != rest[i] {
			t.Errorf("chart %d: got %q, under the pointer %q, then %q", i, rest[i], over[i], after[i])
		}
	}
}

func TestEverythingWorksWithoutScript(t *testing.T) {
	ctx := browser.Start(t)
	store, server := serveBook(t)
	run(t, ctx, emulation.SetScriptExecutionDisabled(true), chromedp.EmulateViewport(360, 740), chromedp.Navigate(server.URL+"/incidents/INC-confirmed"))
	var body string
	run(t, ctx, chromedp.OuterHTML("main", &body))
	if strings.Contains(body, "Loading") || !strings.Contains(body, "kubectl rollout undo") {
		t.Error("the page needs a script to show its facts")
	}
	run(t, ctx, chromedp.SendKeys("#note-text", "written without a script"), chromedp.SendKeys("#note-author", "role:sre"), chromedp.Submit("#note-text"), chromedp.WaitVisible(".said"))
	notes, err := store.Notes(ctx, "INC-confirmed")
	if err != nil || notes[len(notes)-1].Text != "written without a script" {
		t.Errorf("got notes %v, %v", notes, err)
	}
	run(t, ctx, chromedp.Focus(`button[value=acknowledge]`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`//div[@class="said"][contains(., "Acknowledged")]`))
	if inc, _ := store.Incident(ctx, "INC-confirmed"); inc.AcknowledgedBy == "" {
		t.Error("the incident was not acknowledged")
	}
	// What was done is taken back by the button beside the word that it was done.
	run(t, ctx, chromedp.Focus(`.said button[value=unacknowledge]`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`//div[@class="said"][contains(., "Taken back")]`))
	if inc, _ := store.Incident(ctx, "INC-confirmed"); inc.AcknowledgedBy != "" {
		t.Error("the incident is acknowledged still")
	}
	run(t, ctx, chromedp.SetValue("#lead", "bo"), chromedp.Submit("#lead"), chromedp.WaitVisible(`//div[@class="said"][contains(., "The lead was set")]`))
	if inc, _ := store.Incident(ctx, "INC-confirmed"); inc.Lead != "bo" {
		t.Errorf("got lead %q", inc.Lead)
	}
	run(t, ctx, chromedp.Focus(`//article[@class="note"][contains(., "written without a script")]//button`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`//div[@class="said"][contains(., "Taken back")]`))
	if notes, err := store.Notes(ctx, "INC-confirmed"); err != nil || len(notes) > 0 && notes[len(notes)-1].Text == "written without a script" {
		t.Errorf("got notes %v, %v", notes, err)
	}
	var at string
	run(t, ctx, chromedp.Navigate(server.URL+"/"), chromedp.Focus(".range summary"), chromedp.KeyEvent(kb.Enter), chromedp.SetValue(`.range input[name=from]`, "2024-08-01T00:00:00Z"), chromedp.Submit(`.range input[name=from]`), chromedp.WaitVisible(".chosen"), chromedp.Location(&at))
	if !strings.Contains(at, "from=2024-08-01") {
		t.Errorf("the range leads to %s", at)
	}
	run(t, ctx, chromedp.Navigate(server.URL+"/investigate"), chromedp.SendKeys("#service", "cart"), chromedp.Submit("#service"), chromedp.WaitVisible(".progress"), chromedp.Location(&at))
	if !strings.Contains(at, "/incidents/INC-") {
		t.Errorf("the form leads to %s", at)
	}
}

func TestProgressIsFollowedAndARevisionAnnounced(t *testing.T) {
	ctx := browser.Start(t)
	store, server := serveBook(t)
	report := storybook.Stories()[0].Reports[0]
	run(t, ctx, chromedp.Navigate(server.URL+"/incidents/INC-running"), chromedp.Sleep(300*time.Millisecond))
	store.Advance("INC-running", &correlate.Progress{Stage: "rank", Done: 7, Total: 9}, nil)
	run(t, ctx, chromedp.Poll(`document.getElementById("progress-words").textContent.includes("Rank the causes, 7 of 9")`, nil, chromedp.WithPollingTimeout(slow)))
	store.Advance("INC-running", nil, &report)
	run(t, ctx, chromedp.WaitVisible(".hit"), chromedp.Sleep(300*time.Millisecond)) // nothing was there to lose, so it reloaded
	var before, after string
	run(t, ctx, chromedp.Text("h1", &before), chromedp.Evaluate(`window.same = 1`, nil))
	server.CloseClientConnections() // the stream breaks off; the browser takes it up again
	next := report
	next.Title = "Another cause"
	time.Sleep(2500 * time.Millisecond) // our retry is 2 s
	store.Advance("INC-running", nil, &next)
	run(t, ctx, chromedp.Poll(`document.getElementById("announce").textContent.includes("Revision 2")`, nil, chromedp.WithPollingTimeout(slow)), chromedp.Text("h1", &after))
	var same bool
	run(t, ctx, chromedp.Evaluate(`window.same === 1`, &same))
	if before != after || !same {
		t.Error("the page was swapped under the reader")
	}
}

// TestWhatIsTypedOutlivesANewReport opens the page before the first report,
// which reloads when that comes, unless somebody has begun to write.
func TestWhatIsTypedOutlivesANewReport(t *testing.T) {
	ctx := browser.Start(t)
	store, server := serveBook(t)
	report := storybook.Stories()[0].Reports[0]
	run(t, ctx, chromedp.Navigate(server.URL+"/incidents/INC-running"), chromedp.SendKeys("#note-text", "looking at"), chromedp.Sleep(300*time.Millisecond))
	store.Advance("INC-running", nil, &report)
	var typed string
	run(t, ctx, chromedp.Poll(`document.getElementById("announce").textContent.includes("Revision 1")`, nil, chromedp.WithPollingTimeout(slow)), chromedp.Value("#note-text", &typed))
	if typed != "looking at" {
		t.Errorf("the note holds %q, which is not what was typed", typed)
	}
}

func TestAnInvestigationThatIsGivenUpSaysSo(t *testing.T) {
	ctx := browser.Start(t)
	store, server := serveBook(t)
	run(t, ctx, chromedp.Navigate(server.URL+"/incidents/INC-running"), chromedp.Sleep(300*time.Millisecond))
	store.GiveUp("INC-running", "the engine panicked")
	var notice string
	for deadline := time.Now().Add(2 * time.Minute); notice == "" && time.Now().Before(deadline); {
		// While the page reloads there is none to ask.
		_ = chromedp.Run(ctx, chromedp.Sleep(200*time.Millisecond), chromedp.Evaluate(`(document.querySelector(".pagenotice") || {textContent: ""}).textContent`, &notice))
	}
	if !strings.Contains(notice, "was given up: the engine panicked") {
		t.Errorf("got %q", notice)
	}
}

// TestPagesAreAccessible runs axe-core, which is not ours to ship: AXE_JS names
// the file.
func TestPagesAreAccessible(t *testing.T) {
	path := os.Getenv("AXE_JS")
	axe, err := os.ReadFile(path)
	if path == "" || err != nil {
		t.Skip("AXE_JS does not name axe-core's axe.min.js (npm pack axe-core)")
	}
	ctx := browser.Start(t)
	// What stands in a page's texts is nothing to axe-core, how much of it there
	// is costs minutes: some payloads are enough.
	few := storybook.Hostile(storybook.Payloads()[:20])
	server := httptest.NewServer(ui.New(storybook.New(storybook.Now, append(storybook.Stories(), few)...).Options()))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	for _, p := range pages() {
		if *only != "" && !strings.Contains(p, *only) || strings.Contains(p, "?said=") { // the same page once more
			continue
		}
		for _, v := range browser.Viewports() {
			for _, scheme := range []string{"light", "dark"} {
				run(t, ctx, chromedp.EmulateViewport(v.Width, v.Height),
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}), chromedp.Navigate(server.URL+p))
				found := violations(t, ctx, string(axe))
				for _, f := range found {
					t.Errorf("%s %s %s: %s", p, v.Name, scheme, f)
				}
			}
		}
	}
	// What is wrong with a form is told by the answer to it.
	run(t, ctx, chromedp.Navigate(server.URL+"/investigate"), chromedp.SetValue("#at", "noon"), chromedp.SetValue("#service", "cart"), chromedp.Submit("#at"), chromedp.WaitVisible("#at-wrong"))
	for _, f := range violations(t, ctx, string(axe)) {
		t.Errorf("a failed form: %s", f)
	}
}

// violations are the rules that the page shown breaks, as axe-core words them.
func violations(t *testing.T, ctx context.Context, axe string) []string {
	t.Helper()
	var found []string
	run(t, ctx, chromedp.Evaluate(axe+";0", nil), chromedp.Poll("window.axe !== undefined", nil),
		chromedp.Evaluate(`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
			.then(r => r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(" | ")))`, &found,
			func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return found
}
