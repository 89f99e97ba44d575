package ui

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// public is what needs no credential: health, and what logging in needs.
var public = []string{"GET /health", "GET /healthz", "GET /-/ready", "GET /login", "POST /login", "GET /login/provider", "GET /login/callback", "POST /logout", "GET /static/{name}", "GET /favicon.ico"}

// nobody admits nobody and notes what was asked.
type nobody struct{ asked []Action }

func (g *nobody) Admit(_ *http.Request, a Action) (Person, error) {
	g.asked = append(g.asked, a)
	return Person{}, ErrWho
}

// TestEveryRouteNamesItsActionAndAsksForIt walks the table.
func TestEveryRouteNamesItsActionAndAsksForIt(t *testing.T) {
	actions := []Action{ActView, ActWrite, ActInvestigate, ActExport, ActCode, ActAlert, ActChange, ActCheck, ActDecide, ActAnswer, ActMetrics, ActAudit}
	g := &nobody{}
	h := New(Options{Gate: g})
	for _, r := range append((&server{}).routes(), route{pattern: "GET /nowhere", action: ActView}, route{pattern: "DELETE /incidents/1", action: ActView}) {
		method, path, _ := strings.Cut(r.pattern, " ")
		path = strings.NewReplacer("{$}", "", "{id}", "INC-0000000000", "{name}", "app.css").Replace(path)
		if isPublic := slices.Contains(public, r.pattern); isPublic != (r.action == ActPublic) || !isPublic && !slices.Contains(actions, r.action) {
			t.Errorf("%s: its action is %q", r.pattern, r.action)
		}
		for _, accept := range []string{"application/json", "text/html"} {
			g.asked = nil
			w := httptest.NewRecorder()
			q := httptest.NewRequest(method, path, strings.NewReader(""))
			q.Header.Set("Accept", accept)
			h.ServeHTTP(w, q)
			switch {
			case r.action == ActPublic && (w.Code == http.StatusUnauthorized || len(g.asked) > 0):
				t.Errorf("%s: got %d, want it without a credential", r.pattern, w.Code)
			case r.action != ActPublic && (w.Code != http.StatusUnauthorized || !slices.Equal(g.asked, []Action{r.action})):
				t.Errorf("%s (%s): got %d after asking for %q, want 401 after %q", r.pattern, accept, w.Code, g.asked, r.action)
			}
		}
	}
}

// TestTheTableIsTheOnlyWayIn reads the package: nothing but the table is handed
// to a mux.
func TestTheTableIsTheOnlyWayIn(t *testing.T) {
	files := token.NewFileSet()
	packages, err := parser.ParseDir(files, ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(packages["ui"], func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "HandleFunc" || f.Sel.Name == "Handle") {
				found = append(found, files.Position(n.Pos()).Filename)
			}
		}
		return true
	})
	if !slices.Equal(found, []string{"routes.go", "routes.go"}) {
		t.Errorf("handlers are registered in %q, want the two loops of routes.go", found)
	}
}

func TestEveryDocumentedCallIsARoute(t *testing.T) {
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(openAPIDocument, &doc); err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, r := range (&server{}).routes() {
		have = append(have, r.pattern)
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			if p := strings.ToUpper(method) + " " + path; !slices.Contains(have, p) {
				t.Errorf("%s is documented and no route", p)
			}
		}
	}
	for _, p := range have {
		method, path, _ := strings.Cut(p, " ")
		if _, ok := doc.Paths[path][strings.ToLower(method)]; strings.HasPrefix(path, "/api/") && !ok {
			t.Errorf("%s is not documented", p)
		}
	}
}

// someone is known, and may do some things.
type someone struct {
	person Person
	may    []Action
}

func (g someone) Admit(_ *http.Request, a Action) (Person, error) {
	if !slices.Contains(g.may, a) {
		return g.person, ErrForbidden
	}
	return g.person, nil
}

// written keeps what is audited.
type written struct{ entries []AuditEntry }

func (a *written) Write(e AuditEntry) { a.entries = append(a.entries, e) }
func (a *written) Entries(context.Context, AuditFilter) ([]AuditEntry, int64, error) {
	return a.entries, 0, nil
}

func TestWhatIsForbiddenIsSaidAndAudited(t *testing.T) {
	log := &written{}
	h := New(Options{Gate: someone{Person{Name: "ann", By: "token 1"}, []Action{ActExport}}, Audit: log,
		OpenBundle: func(context.Context, string, int) (Bundle, error) { return Bundle{}, errors.New("opened") }})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/incidents/INC-1/notes", strings.NewReader(`{"text":"x"}`)))
	if w.Code != http.StatusForbidden {
		t.Errorf("a note: got %d %s, want 403", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/incidents/INC-1/export?format=bundle", nil))
	if w.Code != http.StatusForbidden {
		t.Errorf("a bundle with the permission to export only: got %d %s, want 403", w.Code, w.Body)
	}
	var got []string
	for _, e := range log.entries {
		got = append(got, e.Actor+" "+e.Action+" "+e.Incident+" "+e.Detail)
	}
	want := []string{"ann refused INC-1 write", "ann export INC-1 format bundle", "ann refused INC-1 export code"}
	if !slices.Equal(got, want) {
		t.Errorf("the audit has %q, want %q", got, want)
	}
}

// TestFormsNeedTheirToken sends forms as a browser would whose credential goes
// with every request.
func TestFormsNeedTheirToken(t *testing.T) {
	h := New(Options{Gate: someone{Person{Name: "ann", By: "session", FormToken: "right"}, []Action{ActWrite, ActView}}})
	for _, c := range []struct {
		path, kind, body string
		want             int
	}{
		{"/incidents/INC-1/notes", "application/x-www-form-urlencoded", "text=x", http.StatusForbidden},
		{"/incidents/INC-1/notes", "application/x-www-form-urlencoded", "text=x&csrf=wrong", http.StatusForbidden},
		{"/incidents/INC-1/notes", "text/plain", "text=x&csrf=right", http.StatusForbidden},
		{"/incidents/INC-1/notes?csrf=right", "application/x-www-form-urlencoded", "text=x", http.StatusForbidden},
		{"/incidents/INC-1/notes", "application/json", `{"text":"x"}`, http.StatusForbidden},
		{"/incidents/INC-1/notes", "application/x-www-form-urlencoded", "text=x&csrf=right", http.StatusNotImplemented},
		{"/api/v1/incidents/INC-1/notes", "text/plain", `{"text":"x"}`, http.StatusForbidden},
		{"/api/v1/incidents/INC-1/notes", "application/json", `{"text":"x"}`, http.StatusNotImplemented},
		{"/api/v1/incidents/INC-1/notes", "application/cloudevents+json; charset=utf-8", `{"text":"x"}`, http.StatusNotImplemented},
		// what a browser sends to another site without asking there first
		{"/api/v1/incidents/INC-1/notes", "application/x-www-form-urlencoded; charset=json", `{"text":"x"}`, http.StatusForbidden},
		{"/api/v1/incidents/INC-1/notes", "application/jsonish", `{"text":"x"}`, http.StatusForbidden},
		{"/mcp", "application/x-www-form-urlencoded", "{}", http.StatusForbidden},
	} {
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s as %s with %q: got %d, want %d", c.path, c.kind, c.body, w.Code, c.want)
		}
	}
}

// TestAgentsSendNoForms asks as one with a name and a password does.
func TestAgentsSendNoForms(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/mcp", strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	if err := (&server{}).checkForm(r, Person{Name: "robot", FormToken: "right"}); err != nil {
		t.Error(err)
	}
}

// TestAStreamEndsWithThePermissionToReadIt asks as a stream does that has begun.
func TestAStreamEndsWithThePermissionToReadIt(t *testing.T) {
	ann := Person{Name: "ann", Tenant: "acme"}
	for name, c := range map[string]struct {
		gate Gate
		want bool
	}{
		"still admitted":        {someone{ann, []Action{ActView}}, true},
		"may not read any more": {someone{ann, nil}, false},
		"the token was revoked": {&nobody{}, false},
		"of another tenant now": {someone{Person{Name: "ann"}, []Action{ActView}}, false},
		"nobody can tell now":   {noCasebook{}, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/events", nil)
		r = r.WithContext(context.WithValue(r.Context(), personKey{}, ann))
		if got := (&server{Options: Options{Gate: c.gate}}).mayStay(r); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// noCasebook cannot look anybody up.
type noCasebook struct{}

func (noCasebook) Admit(*http.Request, Action) (Person, error) {
	return Person{}, evidence.ErrUnavailable
}

func TestOnlyKnownNamesAreAnswered(t *testing.T) {
	h := New(Options{Hosts: []string{"wherefore.example"}})
	for host, want := range map[string]int{
		"wherefore.example": 200, "WHEREFORE.example:8080": 200, "wherefore.example.": 200, "localhost:8080": 200, "a.localhost": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "10.1.2.3": 200,
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "wherefore.example.evil": 421, "localhost.evil": 421, "": 421,
	} {
		r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("Host %q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestLoggingInLeadsNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/incidents/INC-1?a=b": "/incidents/INC-1?a=b", "": "/", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x": "/",
		"/\t/evil.example": "/", "javascript:x": "/", "/login?next=/": "/",
	} {
		if got := localNext(next); got != want {
			t.Errorf("%q: got %q, want %q", next, got, want)
		}
	}
}

func TestOneClientCannotTakeItAll(t *testing.T) {
	l := newLimiter()
	many := limit{"x", 3, 1 << 40}
	got := map[string]int{}
	for range 5 {
		for _, client := range []string{"a", "b"} {
			if l.allow(many, client) {
				got[client]++
			}
		}
	}
	if got["a"] != 3 || got["b"] != 3 {
		t.Errorf("got %v, want 3 for each", got)
	}
	var backs []func()
	for {
		back, ok := l.stream("a")
		if !ok {
			break
		}
		backs = append(backs, back)
	}
	if _, ok := l.stream("b"); !ok || len(backs) != streamsPerClient {
		t.Errorf("a had %d streams, and b could open one: %t", len(backs), ok)
	}
	backs[0]()
	if _, ok := l.stream("a"); !ok {
		t.Error("a stream that ended is not given back")
	}
}
