package ui

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEveryErrorHasAPageOfItsOwn goes by the table from errors to statuses: a
// status without a kind would lead to the page about faults in the server.
func TestEveryErrorHasAPageOfItsOwn(t *testing.T) {
	h := New(Options{})
	asked := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	answered := []int{http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusMisdirectedRequest, http.StatusTooManyRequests, http.StatusInternalServerError}
	for _, s := range statuses {
		answered = append(answered, s.status)
	}
	for _, status := range answered {
		p := newProblem(status, "")
		if kindOf(status).status != status {
			t.Errorf("%d has no kind", status)
		}
		if w := asked(p.Type); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), http.StatusText(status)) {
			t.Errorf("%s of %d: got %d", p.Type, status, w.Code)
		}
	}
	for _, path := range []string{"/help/errors", "/help"} {
		if w := asked(path); w.Code != http.StatusOK {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
	var p problem
	w := asked("/help/errors/nosuch")
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != http.StatusNotFound || p.Type != "/help/errors/not-found" {
		t.Errorf("got %s (%v)", w.Body, err)
	}
}
