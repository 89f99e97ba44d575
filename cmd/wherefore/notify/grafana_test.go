package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// grafana answers as Grafana's annotations API is documented to, and keeps what it is
// asked. https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
type grafana struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	kept  map[int]map[string]any
}

func grafanaServer(t *testing.T) *grafana {
	g := &grafana{kept: map[int]map[string]any{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }
	mux.HandleFunc("GET /api/annotations", func(w http.ResponseWriter, r *http.Request) {
		found := []map[string]any{}
		for id, a := range g.kept {
			tags, _ := json.Marshal(a["tags"])
			if !slices.ContainsFunc(r.URL.Query()["tags"], func(tag string) bool { return !strings.Contains(string(tags), `"`+tag+`"`) }) {
				found = append(found, map[string]any{"id": id})
			}
		}
		answer(w, found)
	})
	mux.HandleFunc("POST /api/annotations", func(w http.ResponseWriter, r *http.Request) {
		var a map[string]any
		_ = json.NewDecoder(r.Body).Decode(&a)
		g.kept[len(g.kept)+1] = a
		answer(w, map[string]any{"message": "Annotation added", "id": len(g.kept)})
	})
	mux.HandleFunc("PATCH /api/annotations/1", func(w http.ResponseWriter, r *http.Request) {
		var a map[string]any
		_ = json.NewDecoder(r.Body).Decode(&a)
		for k, v := range a {
			g.kept[1][k] = v
		}
		answer(w, map[string]any{"message": "Annotation patched"})
	})
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		g.asked = append(g.asked, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer glsa_x" {
			http.Error(w, `{"message":"Unauthorized"}`, http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func TestGrafanaIsToldOfARegionFromOnsetToRecovery(t *testing.T) {
	g := grafanaServer(t)
	target := notify.Target{Name: "panels", Kind: "grafana", URL: endpoint.Secret(g.URL + "/"), Secret: "glsa_x", Dashboard: "shop-1", Panel: 4}
	if why := target.Check(); why != "" {
		t.Fatal(why)
	}
	n, c := start(t, zap.NewNop(), target)
	r := leak()
	r.Title = `ad-server waits <script>alert("x")</script>`
	n.Reported("INC-1", 1, r)
	c.await(t, "panels delivered", 1)
	r.State, r.Window.End = evidence.StatusResolved, r.Onset.At.Add(5*time.Minute)
	n.Reported("INC-1", 2, r)
	c.await(t, "panels delivered", 2)
	by := time.Unix(1_800_000_000, 0)
	for _, m := range n.Status(notify.Update{Event: notify.EventResolved, Incident: casefile.Incident{ID: "INC-1"}, By: "ann", At: by}) {
		n.box.mu.Lock()
		m.MadeAt = time.Unix(1_700_000_000, 0)
		n.box.due = append(n.box.due, m)
		n.box.mu.Unlock()
	}
	// One that Grafana was never told of is not told of when it ends.
	n.box.mu.Lock()
	n.box.due = append(n.box.due, casebook.Message{Target: "panels", ID: "INC-2-resolved", Body: []byte(`{"timeEnd":7,"tags":["wherefore","INC-2"]}`), MadeAt: time.Unix(1_700_000_000, 0)})
	n.box.mu.Unlock()
	n.Wake()
	c.await(t, "panels delivered", 4)

	g.mu.Lock()
	defer g.mu.Unlock()
	want := []string{
		"GET /api/annotations?limit=1&tags=wherefore&tags=INC-1&type=annotation Bearer glsa_x", "POST /api/annotations Bearer glsa_x",
		"GET /api/annotations?limit=1&tags=wherefore&tags=INC-1&type=annotation Bearer glsa_x", "PATCH /api/annotations/1 Bearer glsa_x",
		"GET /api/annotations?limit=1&tags=wherefore&tags=INC-1&type=annotation Bearer glsa_x", "PATCH /api/annotations/1 Bearer glsa_x",
		"GET /api/annotations?limit=1&tags=wherefore&tags=INC-2&type=annotation Bearer glsa_x",
	}
	if !slices.Equal(g.asked, want) {
		t.Errorf("asked %q, want %q", g.asked, want)
	}
	a := g.kept[1]
	text, _ := a["text"].(string)
	if len(g.kept) != 1 || a["dashboardUID"] != "shop-1" || a["panelId"] != 4.0 || a["time"] != float64(r.Onset.At.UnixMilli()) || a["timeEnd"] != float64(by.UnixMilli()) ||
		strings.Contains(text, "<script") || !strings.Contains(text, `<a href="https://wherefore.example/incidents/INC-1">`) {
		t.Errorf("got %d annotations, %v", len(g.kept), a)
	}
}

func TestWhatPeopleDoIsToldWhereItIsAskedFor(t *testing.T) {
	n, _ := start(t, zap.NewNop(),
		notify.Target{Name: "chat", Kind: "slack", URL: "http://127.0.0.1:1", Status: []string{"acknowledged", "note"}},
		notify.Target{Name: "hook", Kind: "webhook", URL: "http://127.0.0.1:1", Status: []string{"lead"}},
		notify.Target{Name: "reports alone", Kind: "slack", URL: "http://127.0.0.1:1"})
	inc := casefile.Incident{ID: "INC-1", Title: "stock <!channel> runs full", Service: "edge"}
	for event, c := range map[string]struct {
		targets []string
		says    string
	}{
		notify.EventAcknowledged: {[]string{"chat"}, "*Acknowledged by ann*"},
		notify.EventNote:         {[]string{"chat"}, "Note by ann"},
		notify.EventLead:         {[]string{"hook"}, `"event":"incident.lead"`},
		notify.EventResolved:     {nil, ""},
	} {
		var targets []string
		for _, m := range n.Status(notify.Update{Event: event, Incident: inc, By: "ann", Text: "see `x`", At: time.Unix(1_700_000_000, 0)}) {
			targets = append(targets, m.Target)
			if body := string(m.Body); m.Target == "chat" && strings.Contains(body, "<!channel>") || !strings.Contains(body, c.says) {
				t.Errorf("%s: got %s", event, body)
			}
		}
		if !slices.Equal(targets, c.targets) {
			t.Errorf("%s: got %q, want %q", event, targets, c.targets)
		}
	}
	for _, wrong := range []notify.Target{
		{Name: "a", Kind: "slack", URL: "http://a", Status: []string{"paged"}}, {Name: "a", Kind: "slack", URL: "http://a", Panel: 3},
		{Name: "a", Kind: "grafana", URL: "http://a", Panel: 3}, {Name: "a", Kind: "grafana", URL: "http://a", Template: "x"},
	} {
		if wrong.Check() == "" {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
