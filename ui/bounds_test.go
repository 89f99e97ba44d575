package ui_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// TestWhatAnOutsiderChoosesIsBounded sends windows, names and texts beyond
// their limits, on the API and on the pages.
func TestWhatAnOutsiderChoosesIsBounded(t *testing.T) {
	_, h := book(t)
	long, far := strings.Repeat("n", 300), strings.Repeat("n", 11_000)
	for name, c := range map[string]struct {
		path string
		body any
		says string
	}{
		"a window of 56 years":      {"/api/v1/investigations", map[string]any{"incident": "INC-confirmed", "from": "1970-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "no more than 1 day"},
		"a window of 25 hours":      {"/api/v1/investigations", map[string]any{"incident": "INC-confirmed", "from": "2024-07-30T00:00:00Z", "to": "2024-07-31T01:00:00Z"}, "no more than 1 day"},
		"a window in the year 1":    {"/api/v1/investigations", map[string]any{"incident": "INC-confirmed", "from": "0001-01-02T00:00:00Z", "to": "0001-01-02T01:00:00Z"}, "before there was any telemetry"},
		"a window to come":          {"/api/v1/investigations", map[string]any{"incident": "INC-confirmed", "from": "2999-01-02T00:00:00Z", "to": "2999-01-02T01:00:00Z"}, "in the future"},
		"the form's window":         {"/incidents/INC-confirmed/again", url.Values{"from": {"1970-01-02T00:00:00Z"}, "to": {"2026-01-01T00:00:00Z"}}, "no more than 1 day"},
		"a service's name":          {"/api/v1/investigations", map[string]any{"service": long, "at": "2024-08-01T02:51:00Z"}, "at most 256"},
		"the form's service":        {"/investigate", url.Values{"service": {long}, "at": {"2024-08-01T02:51:00Z"}}, "at most 256"},
		"an instant in the year 1":  {"/api/v1/investigations", map[string]any{"service": "shop", "at": "0001-08-01T02:51:00Z"}, "before there was any telemetry"},
		"a note":                    {"/api/v1/incidents/INC-confirmed/notes", map[string]any{"text": far}, "10000 bytes"},
		"a note's author":           {"/api/v1/incidents/INC-confirmed/notes", map[string]any{"text": "x", "author": long}, "at most 200"},
		"the form's author":         {"/incidents/INC-confirmed/notes", url.Values{"text": {"x"}, "author": {long}}, "at most 200"},
		"who acknowledges":          {"/api/v1/incidents/INC-confirmed/state", map[string]any{"action": "acknowledge", "by": long}, "at most 200"},
		"a judgment's author":       {"/api/v1/incidents/INC-confirmed/feedback", map[string]any{"judgment": "confirm", "author": long}, "at most 200"},
		"a judgment's entity":       {"/api/v1/incidents/INC-confirmed/feedback", map[string]any{"judgment": "correct", "entity": long}, "at most 256"},
		"a judgment's note":         {"/api/v1/incidents/INC-confirmed/feedback", map[string]any{"judgment": "confirm", "note": far}, "at most 10000"},
		"the service of a check":    {"/api/v1/checks", map[string]any{"level": 5, "service": long, "from": "2024-08-01T00:00:00Z", "to": "2024-08-02T00:00:00Z"}, "at most 256"},
		"a filter of the list":      {"/api/v1/incidents?service=" + long, nil, "at most 256"},
		"a search in the list":      {"/api/v1/incidents?q=" + long, nil, "at most 256"},
		"the file behind a line":    {"/api/v1/why?line=1&file=" + strings.Repeat("n", 5000), nil, "at most 4096"},
		"the revision of that file": {"/api/v1/why?line=1&file=a.go&rev=" + long, nil, "at most 256"},
	} {
		t.Run(name, func(t *testing.T) {
			w := sent(t, h, c.path, c.body)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.says) || len(w.Body.String()) > 20_000 {
				t.Errorf("got %d %.300s, want 400 that says %q", w.Code, w.Body, c.says)
			}
		})
	}
	w := sent(t, h, "/api/v1/investigations", map[string]any{"incident": "INC-confirmed", "from": "2024-07-31T00:00:00Z", "to": "2024-08-01T00:00:00Z"})
	if w.Code != http.StatusAccepted {
		t.Errorf("a window of a day: got %d %s", w.Code, w.Body)
	}
}

// TestAClientIsToldToComeBack asks for many investigations, and for the incidents
// like one, in a row, over a connection that another client's come by too.
func TestAClientIsToldToComeBack(t *testing.T) {
	for path, c := range map[string]struct {
		body  any
		taken int
	}{
		"/api/v1/investigations":                  {map[string]any{"incident": "INC-confirmed"}, http.StatusAccepted},
		"/api/v1/incidents/INC-confirmed/similar": {nil, http.StatusOK},
	} {
		t.Run(path, func(t *testing.T) {
			o := storybook.New(storybook.Now, storybook.Stories()...).Options()
			from := "203.0.113.9"
			o.ClientOf = func(*http.Request) string { return from }
			h := ui.New(o)
			for range 200 {
				w := sent(t, h, path, c.body)
				if w.Code == http.StatusTooManyRequests {
					if w.Header().Get("Retry-After") == "" {
						t.Error("429 without Retry-After")
					}
					from = "203.0.113.10"
					if w := sent(t, h, path, c.body); w.Code != c.taken {
						t.Errorf("another client: got %d", w.Code)
					}
					return
				}
			}
			t.Error("200 in a row were all taken")
		})
	}
}

// sent sends a form, JSON or, without a body, a GET.
func sent(t *testing.T, h http.Handler, path string, content any) *httptest.ResponseRecorder {
	t.Helper()
	method, kind, text := http.MethodPost, "application/json", ""
	switch c := content.(type) {
	case nil:
		method = http.MethodGet
	case url.Values:
		kind, text = "application/x-www-form-urlencoded", c.Encode()
	default:
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
