package ui_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"strings"
	"testing"

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
		"loki-down": {"is-partial", "logs failed: no answer within 4 s"}, "all-down": {"is-failed", "connection refused"}, "empty": {"is-empty"},
		"two-revisions": {"revision 2"}, "stale": {"is-stale", "nothing since has been looked at"}, "report-fails": {"The report could not be read", "The notes could not be read"},
		"inconclusive": {"Inconclusive", "No cause has a score"}, "no-code": {"no code cause", "Scale ad-server out", "None of the commits that went live produces this"}, "long-trace": {"quieter spans", "was cut at 240 spans"},
		"resolved": {"RESOLVED", "lasted"}, "lead-only": {"Lead only", "code.file.path"}, "confirmed": {"38 % of ad requests fail", "kubectl rollout undo"},
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
