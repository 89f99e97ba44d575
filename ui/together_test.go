package ui_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// three are incidents of which two have one cause.
func three(at time.Time) []storybook.Story {
	var list []storybook.Story
	for i, c := range []struct{ id, entity, commit, title string }{
		{"INC-a", "profile", "ea95fc0", "first of one cause"}, {"INC-b", "bidder", "c7c041d", "another cause"}, {"INC-c", "profile", "ea95fc0", "second of one cause"},
	} {
		list = append(list, storybook.Story{Name: c.id, Incident: casefile.Incident{ID: c.id, State: casefile.StateReported, Service: "edge", Title: c.title, Entity: c.entity, Commit: c.commit, StartedAt: at.Add(time.Duration(i) * time.Hour)}})
	}
	return list
}

func send(h http.Handler, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestIncidentsOfOneCauseStandTogether(t *testing.T) {
	h := ui.New(storybook.New(storybook.Now, three(storybook.Now().Add(-5*time.Hour))...).Options())
	body := call{"GET", "/", "", 200, ""}.do(h).Body.String()
	newest, more, other := strings.Index(body, "Second of one cause"), strings.Index(body, "more incident of the same cause"), strings.Index(body, "First of one cause")
	if newest < 0 || more < newest || other < more || strings.Count(body, "of the same cause") != 1 {
		t.Errorf("got the newest at %d, how many more at %d, the other at %d", newest, more, other)
	}
	if body := (call{"GET", "/?last=4h", "", 200, ""}).do(h).Body.String(); strings.Contains(body, "irst of one cause") || !strings.Contains(body, "nother cause") {
		t.Error("the last four hours hold another incident than the last two")
	}
}

// TestAPointOnAPanelLeadsToItsIncident: a Grafana data link has a service and a time in
// milliseconds.
func TestAPointOnAPanelLeadsToItsIncident(t *testing.T) {
	began := storybook.Now().Add(-5 * time.Hour)
	stories := three(began)
	stories[0].Incident.State, stories[0].Incident.ResolvedAt = casefile.StateResolved, began.Add(30*time.Minute)
	h := ui.New(storybook.New(storybook.Now, stories...).Options())
	for name, c := range map[string]struct {
		query, to string
		status    int
	}{
		"just before the alert": {"service=edge&at=" + millis(began.Add(-2*time.Minute)), "/incidents/INC-a", 303},
		"while two are open":    {"service=edge&at=" + millis(began.Add(2*time.Hour)), "/incidents/INC-c", 303},
		"of nobody":             {"service=shop&at=" + millis(began), "/?from=", 303},
		"long before":           {"at=" + millis(began.Add(-9*time.Hour)), "/?from=", 303},
		"no time":               {"service=edge", "", 400},
	} {
		w := call{"GET", "/at?" + c.query, "", c.status, ""}.do(h)
		if w.Code != c.status || !strings.HasPrefix(w.Header().Get("Location"), c.to) {
			t.Errorf("%s: got %d to %q, want %d to %q", name, w.Code, w.Header().Get("Location"), c.status, c.to)
		}
	}
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// TestWhatWasDoneIsTakenBackOnThePage without a script: state, note and judgment.
func TestWhatWasDoneIsTakenBackOnThePage(t *testing.T) {
	store := storybook.New(storybook.Now, three(storybook.Now())...)
	h := ui.New(store.Options())
	page := func(path string) string { return call{"GET", path, "", 200, ""}.do(h).Body.String() }
	for _, c := range []struct{ do, undo string }{{"acknowledge", "unacknowledge"}, {"resolve", "reopen"}} {
		w := send(h, "/incidents/INC-a/state", url.Values{"action": {c.do}, "author": {"ann"}})
		if body := page(w.Header().Get("Location")); w.Code != 303 || !strings.Contains(body, `name="what" value="`+c.undo+`"`) {
			t.Errorf("%s: got %d and no way to undo it", c.do, w.Code)
		}
		if w := send(h, "/incidents/INC-a/undo", url.Values{"what": {c.undo}}); w.Code != 303 || strings.Contains(page("/incidents/INC-a?said="+c.do), `value="`+c.undo+`">Undo`) {
			t.Errorf("%s: got %d, or it is offered still", c.undo, w.Code)
		}
	}
	send(h, "/incidents/INC-a/notes", url.Values{"text": {"a slip"}, "author": {"ann"}})
	if !strings.Contains(page("/incidents/INC-a"), "Take back") {
		t.Fatal("a new note cannot be taken back")
	}
	if w := send(h, "/incidents/INC-a/undo", url.Values{"what": {"note"}, "row": {"1"}}); w.Code != 303 || strings.Contains(page("/incidents/INC-a"), "a slip") {
		t.Errorf("got %d and the note still there", w.Code)
	}
	for _, wrong := range []url.Values{{"what": {"everything"}}, {"what": {"note"}, "row": {"one"}}} {
		if w := send(h, "/incidents/INC-a/undo", wrong); w.Code != 400 {
			t.Errorf("%v: got %d, want 400", wrong, w.Code)
		}
	}
	if w := send(h, "/incidents/INC-a/lead", url.Values{"lead": {" bo "}}); w.Code != 303 || !strings.Contains(page("/incidents/INC-a"), "<strong>bo</strong>") {
		t.Errorf("got %d and no lead on the page", w.Code)
	}
}

// TestTheListIsFollowed: a change of what a filter gives is announced, without the
// incident itself.
func TestTheListIsFollowed(t *testing.T) {
	store := storybook.New(storybook.Now, three(storybook.Now())...)
	server := httptest.NewServer(ui.New(store.Options()))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	resp, err := http.Get(server.URL + "/api/v1/events?service=edge") //nolint:noctx // ends with the server
	if err != nil || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatal(err, resp)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	var seen []string
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if seen = append(seen, data); len(seen) == 2 {
				break
			}
			if _, err := store.SetState(t.Context(), "INC-b", ui.ActionAcknowledge, "ann"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(seen) != 2 || seen[0] == seen[1] || strings.Contains(strings.Join(seen, ""), "INC") {
		t.Errorf("got %q, want two fingerprints", seen)
	}
}

// TestThePageAsksWhetherItIsStillSo where somebody can tell, and of what still lasts.
func TestThePageAsksWhetherItIsStillSo(t *testing.T) {
	store := storybook.New(storybook.Now, storybook.Stories()...)
	h := ui.New(store.Options())
	alone := store.Options()
	alone.Present = nil
	for _, c := range []struct {
		h          http.Handler
		path       string
		has, lacks string
	}{
		{h, "/incidents/INC-confirmed", "Is it still so?", "Still so:"},
		{h, "/incidents/INC-confirmed?now", "Still so: 0.12 now, the alert fires above 0.05.", "Is it still so?"},
		{h, "/incidents/INC-resolved?now", "RESOLVED", "till so"},
		{ui.New(alone), "/incidents/INC-confirmed?now", "INC-confirmed", "till so"},
	} {
		if body := (call{"GET", c.path, "", 200, ""}).do(c.h).Body.String(); !strings.Contains(body, c.has) || strings.Contains(body, c.lacks) {
			t.Errorf("%s: want %q and not %q", c.path, c.has, c.lacks)
		}
	}
	if w := (call{"GET", "/api/v1/incidents/INC-confirmed/now", "", 501, ""}).do(ui.New(alone)); w.Code != 501 {
		t.Errorf("got %d where there is nobody to ask, want 501", w.Code)
	}
}

// counting counts how often the sources are asked.
type counting struct{ asked atomic.Int64 }

func (c *counting) Present(context.Context, evidence.Alert) report.Present {
	c.asked.Add(1)
	return report.Present{Fires: report.Yes, Says: "Still so: it is."}
}

// TestAPageAsksTheSourcesForWhatItShows and as often as the API would.
func TestAPageAsksTheSourcesForWhatItShows(t *testing.T) {
	o := storybook.New(storybook.Now, storybook.Stories()...).Options()
	sources := &counting{}
	o.Present = sources
	h := ui.New(o)
	page := func(id string) string {
		return (call{"GET", "/incidents/" + id + "?now", "", 200, ""}).do(h).Body.String()
	}
	if page("INC-resolved"); sources.asked.Load() != 0 {
		t.Errorf("the sources were asked %d times for what is not shown", sources.asked.Load())
	}
	if body := page("INC-confirmed"); !strings.Contains(body, "Still so: it is.") || sources.asked.Load() != 1 {
		t.Errorf("the page does not say what the sources do, asked %d times", sources.asked.Load())
	}
	// One more is allowed every two seconds, in which a busy machine may make no page.
	for range 1000 {
		for {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/incidents/INC-confirmed/now", nil))
			if w.Code == http.StatusTooManyRequests {
				break
			}
		}
		before := sources.asked.Load()
		if strings.Contains(page("INC-confirmed"), "Not asked: too many requests of this kind; try again in 2 s.") {
			if sources.asked.Load() != before {
				t.Error("the sources were asked, and the page says that they were not")
			}
			return
		}
	}
	t.Error("pages ask as often as they like")
}
