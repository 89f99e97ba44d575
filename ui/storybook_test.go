package ui_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"testing"

	"golang.org/x/net/html" // as in hostile_test.go

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

var listen = flag.String("listen", "", "serve the storybook at this address until interrupted, instead of testing")

// book serves all stories.
func book(t testing.TB) (*storybook.Store, http.Handler) {
	t.Helper()
	store := storybook.New(storybook.Now, storybook.Stories()...)
	return store, ui.New(store.Options())
}

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	return answer(h, r)
}

func answer(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestStorybookShowsEveryState(t *testing.T) {
	if *listen != "" {
		serve(t)
		return
	}
	_, h := book(t)
	wants := map[string][]string{
		"loading": {"Looking for the cause of AdFillRateLow", "Waiting for the report", "is-loading"}, "running": {"Ask the sources: logs, 3 of 5"},
		"loki-down": {"is-partial", "Logs could not be read, and what rests on them is missing here: no answer within 4 s."}, "all-down": {"is-failed", "connection refused"}, "empty": {"is-empty"},
		"two-revisions": {"revision 2"}, "poorer-look": {"Looked at again since (revision 2), with fewer answers from traces and logs: this report rests on more and stays.", "fewer answers from traces and logs: did not replace the one before it"}, "stale": {"is-stale", "nothing since has been looked at"}, "report-fails": {"The report could not be read", "The notes could not be read"},
		"inconclusive": {"Inconclusive", "No cause has a score"}, "no-code": {"load, no change", "Scale ad-server out", "The most likely cause is no recent deploy"}, "long-trace": {"quieter spans", "was cut at 240 spans"},
		"resolved": {"RESOLVED", "lasted"}, "lead-only": {"Lead only", "code.file.path"}, "confirmed": {"38 % of ad requests fail", "kubectl rollout undo", "the error budget burns 31× too fast", `aria-label="ad_served (not good)`, "They lead to servers that the storybook invented", "Fixed when these hold"},
		"weak-move": {"This is a lead and not a finding. What would settle it:", "Ask again once metrics can be read", "No other caller of etcd is known here", "only traces speak for it"},
		"relief":    {"No cause stands out. What would settle it:", "Scale etcd out"}, "looked-at": {"configuration changed on bidder", "migration ran", "bidder is not on the failing path"},
		"cut": {"Incomplete: code: not every question was answered"}, "journal-fails": {"The notes could not be read", "The feedback could not be read", "Not known: similar incidents"},
		"many-decisions": {"superseded", "ADR-051", "nothing was promised", "deleted"}, "judged": {"rejected the cause", "corrected the cause to etcd trigger infra commit 4d5e6f7", "same decision"},
		"kept-evidence": {"evidence being recorded", "evidence kept", "evidence could not be recorded", "evidence no longer kept"}, "given-up": {"The investigation of AdFillRateLow failed", "Investigation failed", "was given up: the engine panicked: index out of range", "Not shown: the investigation failed", `id="again"`},
		"again": {"Rank the causes, 7 of 9", "38 % of ad requests fail"}, "asked-for": {"Roll ad-server back to 2b2ee80", "waits for approval", `value="approve"`, "a binary goes back by approval at most", "its cool-down is 30 min", "It is done", "dry run: nothing was sent", "Stop all actions"},
		"misspelt": {"No trace knows a service named ad-sever"},
	}
	for _, s := range storybook.Stories() {
		w := get(t, h, "/incidents/"+s.Incident.ID)
		if w.Code != http.StatusOK {
			t.Errorf("%s: got status %d: %s", s.Name, w.Code, w.Body)
		}
		for _, want := range wants[s.Name] {
			if !strings.Contains(strings.ReplaceAll(w.Body.String(), "\u00a0", " "), want) {
				t.Errorf("%s: the page does not say %q", s.Name, want)
			}
		}
	}
}

// TestEveryCardIsShownInEveryState holds the stories to one table: which states
// each card of the incident page can be in. Only the report as a whole can be
// stale.
func TestEveryCardIsShownInEveryState(t *testing.T) {
	const full, all = "full", "full empty partial failed loading"
	want := map[string]string{ // by the id of the card's heading
		"h-impact": all, "h-changed": all, "h-do": "full empty failed loading", "why": all, "errors": all, "causes": all, "timeline": all, "trace": all, "code": all, "decision": all,
		"ruledout": "full empty failed loading", "asked": "full empty failed loading", "similar": "full empty failed", "notes": "full empty failed", "feedback": "full empty failed", "alert": full, "map": full, "signals": full, "profiles": full, "actions": "full failed",
	}
	shown := map[string]map[string]bool{}
	_, h := book(t)
	for _, p := range pages() {
		if !strings.HasPrefix(p, "/incidents/INC-") || strings.HasSuffix(p, "/alert") {
			continue
		}
		doc, err := html.Parse(get(t, h, p).Body)
		if err != nil {
			t.Fatal(err)
		}
		for id, states := range cardStates(doc) {
			for _, s := range states {
				if shown[id] == nil {
					shown[id] = map[string]bool{}
				}
				shown[id][s] = true
			}
		}
	}
	for id, states := range want {
		for _, s := range strings.Fields(states) {
			if !shown[id][s] {
				t.Errorf("no story shows the card %s when it is %s", id, s)
			}
			delete(shown[id], s)
		}
		for s := range shown[id] {
			t.Errorf("the card %s is %s, which the table does not know", id, s)
		}
		delete(shown, id)
	}
	for id := range shown {
		t.Errorf("the table lacks the card %s", id)
	}
}

// cardStates are the states of a page's cards by the id of each one's heading.
func cardStates(doc *html.Node) map[string][]string {
	out := map[string][]string{}
	for n := range doc.Descendants() {
		id := attributes(n)["id"]
		if (n.Data != "h2" || id == "help-title") && id != "feedback" {
			continue
		}
		card := n
		for card.Data != "section" && id != "feedback" {
			card = card.Parent
		}
		if attributes(card)["id"] == "decision-1" {
			id = "decision"
		}
		out[id] = append(out[id], statesIn(card, n)...)
	}
	return out
}

// statesIn are the states that a card says it is in, those of a card inside it
// left out.
func statesIn(card, heading *html.Node) []string {
	var out []string
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n != card && n != heading && attributes(n)["id"] == "feedback" {
			return
		}
		if class := attributes(n)["class"]; strings.HasPrefix(class, "notice is-") {
			out = append(out, strings.TrimPrefix(class, "notice is-"))
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	if walk(card); len(out) == 0 {
		return []string{"full"}
	}
	return out
}

func serve(t *testing.T) {
	_, h := book(t)
	server := &http.Server{Addr: *listen, Handler: h}
	t.Logf("storybook at http://%s/", *listen)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	go func() { <-stop; _ = server.Close() }()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		t.Fatal(err)
	}
}
