package ui_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/ui"
)

// gate admits ann, who has a form token, to some actions.
type gate struct{ may []ui.Action }

func (g gate) Admit(_ *http.Request, a ui.Action) (ui.Person, error) {
	p := ui.Person{Name: "ann", FormToken: "t0ken", May: func(x ui.Action) bool {
		for _, m := range g.may {
			if m == x {
				return true
			}
		}
		return false
	}}
	if !p.May(a) {
		return p, ui.ErrForbidden
	}
	return p, nil
}

func TestTheButtonsOfAnActionNeedARoleAndTheFormsToken(t *testing.T) {
	store, _ := book(t)
	serve := func(may ...ui.Action) http.Handler {
		o := store.Options()
		o.Gate = gate{may}
		return ui.New(o)
	}
	id := casefile.ActionID("INC-asked-for", casefile.RollBack, "ad-server", "2b2ee80")
	post := func(h http.Handler, incident string, v url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/incidents/"+incident+"/actions", strings.NewReader(v.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	form := func(decision, token string) url.Values {
		return url.Values{"decision": {decision}, "action": {id}, "csrf": {token}, "author": {"somebody else"}}
	}
	state := func() casefile.Action {
		list, err := store.Actions(context.Background(), "INC-asked-for")
		if err != nil {
			t.Fatal(err)
		}
		return list[0]
	}
	viewer, responder := serve(ui.ActView), serve(ui.ActView, ui.ActDecide)
	if body := get(t, viewer, "/incidents/INC-asked-for").Body.String(); strings.Contains(body, `value="approve"`) || strings.Contains(body, "Stop all") || !strings.Contains(body, "waits for approval") {
		t.Error("who may not decide is shown buttons, or not the actions")
	}
	for name, c := range map[string]struct {
		h      http.Handler
		inc    string
		v      url.Values
		status int
	}{
		"a viewer":            {viewer, "INC-asked-for", form("approve", "t0ken"), 403},
		"no token":            {responder, "INC-asked-for", form("approve", ""), 403},
		"another's token":     {responder, "INC-asked-for", form("approve", "other"), 403},
		"another's incident":  {responder, "INC-confirmed", form("approve", "t0ken"), 404},
		"a word there is not": {responder, "INC-asked-for", form("destroy", "t0ken"), 400},
	} {
		if w := post(c.h, c.inc, c.v); w.Code != c.status || state().State != casefile.ActionWaiting {
			t.Errorf("%s: got %d, %s; want %d and nothing changed", name, w.Code, state().State, c.status)
		}
	}
	if w := post(responder, "INC-asked-for", form("approve", "t0ken")); w.Code != http.StatusSeeOther || state().State != casefile.ActionQueued || state().By != "ann" {
		t.Errorf("got %d, %s by %q, want it approved by who is known", w.Code, state().State, state().By)
	}
	if w := post(responder, "INC-asked-for", form("stop", "t0ken")); w.Code != http.StatusSeeOther || !strings.Contains(get(t, responder, "/incidents/INC-confirmed").Body.String(), "All actions are stopped by ann") {
		t.Errorf("got %d, and the pages do not say that all are stopped", w.Code)
	}
}
