package setup_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/setup"
)

func TestCommonMistakesAreToldWithWhatMendsThem(t *testing.T) {
	for _, c := range []struct {
		source, address, err string
		container            bool
		want                 string // a part, empty for no hint
	}{
		{setup.Jaeger, "127.0.0.1:16686", "refused", false, "127.0.0.1:16685"},
		{setup.Jaeger, "http://jaeger.example:16686", "", false, "jaeger.example:16685"},
		{setup.Jaeger, "[::1]:16686", "", false, "[::1]:16685"},
		{setup.Jaeger, "tracing:4317", "", false, "takes spans in"},
		{setup.Jaeger, "jaeger:80", "http2: frame too large, note that the frame header looked like an HTTP/1.1 header", false, "port 80 answers in HTTP"},
		{setup.Loki, "loki:3100", "", false, "http://loki:3100"},
		{setup.Prometheus, "http://localhost:9090", "connection refused", true, "the container itself"},
		{setup.Jaeger, "127.0.0.1:16685", "connection refused", true, "host.docker.internal"},
		{setup.Prometheus, "http://localhost:9090", "dial tcp: connection refused", false, "nothing listens at localhost:9090"},
		{setup.Prometheus, "http://prom:9090", "dial tcp: lookup prom: no such host", false, "knows the name prom"},
		{setup.Loki, "https://loki:3100", "http: server gave HTTP response to HTTPS client", false, "write http://loki:3100"},
		{setup.Loki, "http://loki:3100", "Client sent an HTTP request to an HTTPS server", false, "write https://loki:3100"},
		{setup.Prometheus, "http://prom:9090", "HTTP 500", false, ""},
		{setup.Prometheus, "http://127.0.0.1:9090", "HTTP 500", true, ""},
	} {
		got := setup.Hint(c.source, c.address, errors.New(c.err), c.container)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %s, %q: got %q, want %q in it", c.source, c.address, c.err, got, c.want)
		}
	}
}

func TestAddressesAreMended(t *testing.T) {
	for _, c := range [][3]string{
		{setup.Jaeger, "http://jaeger:16686", "jaeger:16685"}, {setup.Jaeger, "jaeger", "jaeger:16685"}, {setup.Jaeger, "jaeger:16685", "jaeger:16685"},
		{setup.Jaeger, "grpcs://jaeger:443", "grpcs://jaeger:443"}, {setup.Loki, "loki:3100", "http://loki:3100"}, {setup.Prometheus, "https://p.example/prom/", "https://p.example/prom"},
	} {
		if got, _ := setup.FixAddress(c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

func TestSourcesAreFoundByWhatOnlyTheySay(t *testing.T) {
	serve := func(path string, status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				http.NotFound(w, r)
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	prometheus := serve("/api/v1/status/buildinfo", 200, `{"status":"success","data":{"version":"3.1.0"}}`)
	loki := serve("/loki/api/v1/status/buildinfo", 200, `{"version":"3.4.2"}`)
	closed := serve("/loki/api/v1/status/buildinfo", 401, "")
	other := serve("/", 200, "hello")
	for _, c := range []struct{ source, want string }{{setup.Prometheus, prometheus}, {setup.Loki, loki}} {
		if got := setup.Find(t.Context(), c.source, []string{"http://127.0.0.1:1", other, prometheus, loki}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.source, got, c.want)
		}
	}
	if got := setup.Find(t.Context(), setup.Loki, []string{other, closed}); got != closed {
		t.Errorf("a server that wants a password: got %q", got)
	}
	if got := setup.Find(t.Context(), setup.Prometheus, []string{other}); got != "" {
		t.Errorf("a stranger: got %q", got)
	}
}

// TestWhatIsFoundIsLinkedToo holds that a first report leads on to what its sources show.
func TestWhatIsFoundIsLinkedToo(t *testing.T) {
	for _, c := range []struct {
		start setup.Start
		want  []string
	}{
		{setup.Start{Jaeger: "j:16685", JaegerPages: "http://j:16686", Prometheus: "http://p:9090/"}, []string{
			`trace: "http://j:16686/trace/{trace:path}"`, `search: "http://j:16686/search"`, `metrics: "http://p:9090/graph?g0.expr={query}&g0.tab=0&g0.range_input=1h&g0.end_input={toISO}"`}},
		{setup.Start{Loki: "http://l:3100"}, nil},
	} {
		text := c.start.YAML()
		if _, err := config.Parse([]byte(text), os.LookupEnv); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not in\n%s", want, text)
			}
		}
		if got := strings.Contains(text, "links:"); got != (c.want != nil) {
			t.Errorf("links: %v in\n%s", got, text)
		}
	}
}

// TestTheLineForTheCodeNamesTheServicesThatThereAre, so that taking out its comment sign
// is all that is left to do where one folder is all of them.
func TestTheLineForTheCodeNamesTheServicesThatThereAre(t *testing.T) {
	text := setup.Start{Jaeger: "j:16685", Repository: "/srv/shop", Known: []string{"hall", "ticket"}}.YAML()
	_, line, found := strings.Cut(text, "# repositories: ")
	if !found {
		t.Fatal(text)
	}
	cfg, err := config.Parse([]byte(strings.Replace(text, "# repositories: ", "repositories: ", 1)), os.LookupEnv)
	if err != nil || len(cfg.Repositories) != 1 || cfg.Repositories[0].Services["ticket"] != "." || cfg.Repositories[0].Services["hall"] != "." {
		t.Errorf("got %+v, %v of %s", cfg.Repositories, err, line)
	}
}

func TestAFileThatIsThereStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wherefore.yaml")
	s := setup.Start{Prometheus: "http://p:9090"}
	if err := s.Write(file); err != nil {
		t.Fatal(err)
	}
	err := setup.Start{Loki: "http://l:3100"}.Write(file)
	text, _ := os.ReadFile(file)
	if err == nil || !strings.Contains(err.Error(), "not overwritten") || string(text) != s.YAML() {
		t.Errorf("got %v and\n%s", err, text)
	}
}

func TestFoldersOfServicesAreFoundByName(t *testing.T) {
	root := t.TempDir()
	for _, d := range []string{"cart", "services/pay", "cmd/edge"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	got := setup.Folders(root, []string{"cart", "pay", "edge", "gone", "..", "services/pay"})
	if d := cmp.Diff(map[string]string{"cart": "cart", "pay": "services/pay", "edge": "cmd/edge"}, got); d != "" {
		t.Error(d)
	}
}
