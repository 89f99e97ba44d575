package ui_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6" // JSON Schema 2020-12, the dialect of OpenAPI 3.1

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

const webhook = `{"version":"4","receiver":"wherefore","groupKey":"g","status":"firing","commonLabels":{"alertname":"A","service":"cart"},
"alerts":[{"status":"firing","labels":{"alertname":"A","service":"cart"},"startsAt":"2024-08-01T02:51:07Z"}]}`

// call is one request and what must come of it.
type call struct {
	method, path, body string
	status             int
	says               string
}

func (c call) do(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func calls() []call {
	waiting := casefile.ActionID("INC-asked-for", casefile.RollBack, "ad-server", "2b2ee80")
	inc := "/api/v1/incidents/INC-confirmed"
	return []call{
		{"POST", "/api/v1/alerts", webhook, 200, `"incident":"INC-`},
		{"GET", inc + "/now", "", 200, `"fires":"yes"`},
		{"GET", "/api/v1/incidents/INC-loading/now", "", 404, "no report yet"},
		{"GET", inc + "/similar", "", 200, `"alike":["log-statement"]`},
		{"GET", "/api/v1/incidents/INC-nowhere/similar", "", 404, "there is no incident"},
		{"POST", "/api/v1/alerts", `{"version":"4"}`, 400, "no alerts"},
		{"POST", "/api/v1/alerts", `not json`, 400, "not JSON"},
		{"POST", "/api/v1/alerts", webhook + "{}", 400, "goes on behind"},
		{"POST", "/api/v1/alerts", strings.Repeat("[", 60) + strings.Repeat("]", 60), 400, "nested deeper"},
		{"POST", "/api/v1/alerts", `{"a":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "larger than"},
		{"POST", "/api/v1/investigations", `{"service":"cart","at":"2024-08-01T02:51:07Z"}`, 202, `"incident"`},
		{"POST", "/api/v1/investigations", `{"trace_id":"7c1ea0b2c3d4e5f60718293a4b5c90af"}`, 202, `"incident"`},
		{"POST", "/api/v1/investigations", `{"alert":` + webhook + `}`, 202, `"incident"`},
		{"POST", "/api/v1/investigations", `{"incident":"INC-confirmed","from":"2024-08-01T02:00:00Z","to":"2024-08-01T03:00:00Z"}`, 202, "INC-confirmed"},
		{"POST", "/api/v1/investigations", `{"service":"cart"}`, 400, "needs a time"},
		{"POST", "/api/v1/investigations", `{"service":"cart","trace_id":"1"}`, 400, "exactly one"},
		{"POST", "/api/v1/investigations", `{"trace_id":"../../etc"}`, 400, "hex digits"},
		{"POST", "/api/v1/investigations", `{"trace_id":"00-7C1EA0B2C3D4E5F60718293A4B5C90AF-00f067aa0ba902b7-01"}`, 202, `"incident"`},
		{"POST", "/api/v1/investigations", `{"service":"cart","at":"2034-08-01T02:51:07Z"}`, 400, "is in the future"},
		{"POST", "/api/v1/investigations", `{"svc":"cart"}`, 400, "does not fit: unknown field"},
		{"POST", "/api/v1/investigations", `{"service":5}`, 400, "does not fit: service cannot be a JSON number"},
		{"POST", "/api/v1/investigations", `[]`, 400, "does not fit: it cannot be a JSON array"},
		{"POST", "/api/v1/investigations", `{"service":"cart","at":"soon"}`, 400, `at: \"soon\" is no time that can be read`},
		{"GET", "/api/v1/incidents?servce=cart", "", 400, `there is no parameter \"servce\", only state, service`},
		{"GET", "/api/v1/incidents?verdict=maybe", "", 400, "must be Confirmed, Likely, Lead only or Inconclusive"},
		{"GET", "/api/v1/incidents?trigger=moon", "", 400, "must be code, config, flag"},
		{"POST", "/api/v1/changes", `{"specversion":"1.0","id":"c1","data":{"kind":"deploy","service":"cart"}}`, 202, `"c1"`},
		{"GET", "/api/v1/incidents?limit=3&facets=true&sort=burn", "", 200, `"next":"3"`},
		{"GET", "/api/v1/incidents?service=nobody", "", 200, `{"incidents":[],"next":""}`},
		{"GET", "/api/v1/incidents?limit=0", "", 400, "1 to 200"},
		{"GET", "/api/v1/incidents?sort=colour", "", 400, "must be"},
		{"GET", "/api/v1/incidents?state=open", "", 400, "must be"},
		{"GET", inc, "", 200, `"sourcesAnswered":6`},
		{"GET", "/api/v1/incidents/INC-two-revisions?revision=1", "", 200, `"revision":1`},
		{"GET", "/api/v1/incidents/INC-poorer-look", "", 200, `"revision":1`},
		{"GET", "/api/v1/incidents/INC-poorer-look?revision=2", "", 200, `"revision":2`},
		{"GET", "/api/v1/incidents/INC-loading", "", 202, `"investigating"`},
		{"GET", inc + "?revision=9", "", 404, "revision 9"},
		{"GET", inc + "?revision=x", "", 400, "number from 1"},
		{"GET", "/api/v1/incidents/INC-nope", "", 404, "there is no incident INC-nope"},
		{"GET", "/api/v1/incidents/INC-report-fails", "", 503, "damaged at byte 4096"},
		{"GET", inc + "/notes", "", 200, "Paged"},
		{"POST", inc + "/notes", `{"author":"role:sre","text":"hello"}`, 201, "hello"},
		{"POST", inc + "/notes", `{"text":""}`, 400, "1 to 10000"},
		{"GET", inc + "/feedback", "", 200, "confirm"},
		{"POST", inc + "/feedback", `{"revision":1,"judgment":"correct","entity":"etcd"}`, 201, "etcd"},
		{"POST", inc + "/feedback", `{"judgment":"correct"}`, 400, "names the right"},
		{"POST", inc + "/feedback", `{"judgment":"maybe"}`, 400, "must be"},
		{"POST", inc + "/feedback", `{"judgment":"reject","author":" ","note":"\n"}`, 400, "a name or what speaks for it"},
		{"POST", inc + "/feedback", `{"judgment":"reject","note":"it was the disk"}`, 201, "unknown"},
		{"POST", inc + "/feedback", `{"judgment":"reject","note":"the disk\r\nwas full"}`, 201, `the disk\nwas full`},
		{"POST", inc + "/state", `{"action":"acknowledge","by":"role:sre"}`, 200, `"acknowledged_by":"role:sre"`},
		{"POST", inc + "/state", `{"action":"reopen"}`, 409, "conflict"},
		{"POST", inc + "/state", `{"action":"delete"}`, 400, "must be"},
		{"GET", "/api/v1/calibration", "", 200, `"judged":12,"right":11`},
		{"GET", "/api/v1/why?file=internal/profile/etcd.go&line=118", "", 200, `"decisions":["DEC-2024-0872"]`},
		{"GET", "/api/v1/why?file=../../etc/passwd&line=1", "", 400, "inside the repository"},
		{"GET", "/api/v1/why?file=other.go&line=1", "", 404, "not indexed"},
		{"POST", "/api/v1/checks", `{"level":5,"incident":"INC-confirmed","expect":{"entity":"ad-server","trigger":"code","commit":"4d5e6f7","decision":"DEC-2024-0872"},"within_seconds":60}`, 200, `"PASS"`},
		{"POST", "/api/v1/checks", `{"level":5,"incident":"INC-confirmed","expect":{"entity":"etcd"}}`, 200, `"FAIL"`},
		{"POST", "/api/v1/checks", `{"level":5,"service":"checkout","from":"2024-08-01T00:00:00Z","to":"2024-08-02T00:00:00Z"}`, 200, `"INCONCLUSIVE"`},
		{"POST", "/api/v1/checks", `{"level":6,"incident":"INC-confirmed"}`, 400, "no level 6"},
		{"POST", "/api/v1/checks", `{"level":3,"incident":"INC-confirmed"}`, 400, "name the service"},
		{"POST", "/api/v1/checks", `{"level":1,"service":"ad-server","facts":{"tests":{"at":"2024-08-01T00:00:00Z","passed":3,"failed":1,"packages":1,"skipped":0,"race":true}}}`, 200, `"1 of 4 tests failed"`},
		{"GET", "/api/v1/services/ad-server", "", 200, `"level":1`},
		{"GET", "/api/v1/services/nobody", "", 404, "no check of a service"},
		{"POST", "/api/v1/checks", `{"level":5,"incident":"INC-nope"}`, 404, "there is no incident INC-nope"},
		{"GET", "/api/v1/actions", "", 200, `"state":"waiting"`},
		{"GET", "/api/v1/incidents/INC-asked-for/actions", "", 200, `"state":"dry-run"`},
		{"GET", inc + "/actions", "", 200, `{"actions":[],"switch":{"stopped":false}}`},
		{"GET", "/api/v1/incidents/INC-nope/actions", "", 404, "there is no incident INC-nope"},
		{"POST", "/api/v1/actions/" + waiting + "/decision", `{"decision":"approve","by":"ann"}`, 200, `"state":"queued"`},
		{"POST", "/api/v1/actions/" + waiting + "/decision", `{"decision":"refuse"}`, 409, "cannot become refused"},
		{"POST", "/api/v1/actions/" + waiting + "/decision", `{"decision":"maybe"}`, 400, "is not one of"},
		{"POST", "/api/v1/actions/" + waiting + "/decision", `{"approve":true}`, 400, "unknown field"},
		{"POST", "/api/v1/actions/ACT-0/decision", `{"decision":"approve"}`, 404, "there is no action ACT-0"},
		{"POST", "/api/v1/actions/" + waiting + "/ack", `{"id":"` + waiting + `","state":"done"}`, 401, "signed by the target"},
		{"POST", "/api/v1/actions/stop", `{"by":"ann","why":"too eager"}`, 200, `"stopped":true,"by":"ann","why":"too eager"`},
		{"POST", "/api/v1/actions/stop", `{"why":"` + strings.Repeat("x", 300) + `"}`, 400, "at most 256"},
		{"POST", "/api/v1/actions/resume", `{}`, 200, `{"stopped":false}`},
		{"GET", "/api/v1/incidents?last=24h", "", 200, `"incidents":[`},
		{"GET", "/api/v1/incidents?last=7d&from=2024-08-01", "", 400, "without from and to"},
		{"GET", "/api/v1/incidents?last=9999999d", "", 400, "must be a time such as"},
		{"GET", "/api/v1/incidents?from=2024-08-02T00:00:00Z&to=2024-08-01T00:00:00Z", "", 400, "from is after to"},
		{"GET", "/api/v1/incidents?from=soon", "", 400, "no time that can be read"},
		{"GET", "/api/v1/events?service=x&state=odd", "", 400, "state is"},
		{"GET", "/api/v1/events?sevrice=x", "", 400, "there is no parameter"},
		{"POST", inc + "/lead", `{"lead":"bo","by":"ann"}`, 200, `"lead":"bo"`},
		{"POST", inc + "/lead", `{"lead":"` + strings.Repeat("x", 300) + `"}`, 400, "the lead"},
		{"POST", inc + "/lead", `{"lead":""}`, 200, `"id":`},
		{"DELETE", inc + "/notes/x", "", 400, "is no number of a note"},
		{"DELETE", inc + "/notes/999", "", 404, "note 999"},
		{"DELETE", inc + "/feedback/999", "", 404, "judgment 999"},
		{"GET", "/health", "", 200, "loki_latency_high"},
		{"GET", "/api/v1/audit?actor=ann", "", 200, `"actor":"ann","action":"view"`},
		{"GET", "/api/v1/audit?limit=x", "", 400, "must be a number"},
		{"GET", "/api/v1/openapi.json", "", 200, "3.1.0"},
		{"GET", "/api/v1/nothing", "", 404, "nothing at this address"},
		{"DELETE", "/api/v1/incidents", "", 405, "takes GET"},
		{"GET", "/api/v1/incidents/INC-confirmed/notes/1", "", 405, "takes DELETE"},
	}
}

// TestALookWithFewerAnswersIsMarkedWhereverItIsShown: on the page, in the API and in
// exports.
func TestALookWithFewerAnswersIsMarkedWhereverItIsShown(t *testing.T) {
	_, h := book(t)
	for _, c := range []call{
		{"GET", "/incidents/INC-poorer-look?revision=2", "", 200, "had fewer answers from traces and logs than revision 1 and did not replace it"},
		{"GET", "/incidents/INC-poorer-look", "", 200, `data-revision="2"`}, // it is no news
		{"GET", "/api/v1/incidents/INC-poorer-look/export?format=markdown&revision=2", "", 200, "This revision had fewer answers from traces and logs than the one before it, which it did not replace"},
		{"GET", "/api/v1/incidents/INC-poorer-look/export?format=html&revision=2", "", 200, "This revision had fewer answers from traces and logs than the one before it"},
	} {
		if w := c.do(h); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: got %d, want %d with %q", c.path, w.Code, c.status, c.says)
		}
	}
	for path, want := range map[string]string{"?revision=2": "traces, logs", "?revision=1": "", "": ""} {
		if got := (call{"GET", "/api/v1/incidents/INC-poorer-look" + path, "", 200, ""}).do(h).Header().Get("X-Wherefore-Poorer"); got != want {
			t.Errorf("%s: X-Wherefore-Poorer is %q, want %q", path, got, want)
		}
	}
}

func TestTheAPIAnswersItsContract(t *testing.T) {
	_, h := book(t)
	for _, c := range calls() {
		w := c.do(h)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %.80s %.80s: got %d %.300s, want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
		if c.status >= 400 {
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("%s %s: got content type %q of a problem", c.method, c.path, got)
			}
		}
	}
}

// specification compiles the schemas that we publish.
func specification(t *testing.T, h http.Handler) (doc map[string]any, schema func(path, method, status string) *jsonschema.Schema) {
	t.Helper()
	raw := call{"GET", "/api/v1/openapi.json", "", 200, ""}.do(h).Body.Bytes()
	any, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", any); err != nil {
		t.Fatal(err)
	}
	doc, _ = any.(map[string]interface{})
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	return doc, func(path, method, status string) *jsonschema.Schema {
		at := "openapi.json#/paths/" + escape.Replace(path) + "/" + method + "/responses/" + status + "/content/application~1json/schema"
		if code, _ := strconv.Atoi(status); code >= 400 && path != "/health" {
			at = "openapi.json#/components/responses/Problem/content/application~1problem+json/schema"
		}
		s, err := c.Compile(at)
		if err != nil {
			t.Fatalf("%s %s %s: %v", method, path, status, err)
		}
		return s
	}
}

// template is the specification's name for a path.
func template(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if rest, ok := strings.CutPrefix(path, "/api/v1/incidents/"); ok {
		_, tail, sub := strings.Cut(rest, "/")
		path = "/api/v1/incidents/{id}"
		if kind, _, row := strings.Cut(tail, "/"); row {
			tail = kind + "/{row}"
		}
		if sub {
			path += "/" + tail
		}
	}
	if parts := strings.Split(path, "/"); len(parts) == 6 && parts[3] == "actions" {
		path = "/api/v1/actions/{id}/" + parts[5]
	}
	if strings.HasPrefix(path, "/api/v1/services/") {
		path = "/api/v1/services/{name}"
	}
	return path
}

func TestAnswersFitTheSpecification(t *testing.T) {
	_, h := book(t)
	doc, schema := specification(t, h)
	paths, _ := doc["paths"].(map[string]any)
	seen := map[string]bool{}
	for _, c := range calls() {
		w, path, method := c.do(h), template(c.path), strings.ToLower(c.method)
		item, known := paths[path].(map[string]any)
		if !known || w.Code == http.StatusMethodNotAllowed && item[method] == nil {
			continue
		}
		op, _ := item[method].(map[string]any)
		responses, _ := op["responses"].(map[string]any)
		status := strconv.Itoa(w.Code)
		if responses[status] == nil && w.Code != 503 {
			t.Errorf("%s %s answers %s, which the specification does not know", method, path, status)
			continue
		}
		seen[method+" "+path] = true
		v, err := jsonschema.UnmarshalJSON(w.Body)
		if err != nil {
			t.Errorf("%s %s: %v", method, c.path, err)
			continue
		}
		if err := schema(path, method, status).Validate(v); err != nil {
			t.Errorf("%s %s: %v", method, c.path, err)
		}
	}
	for path, item := range paths {
		for method := range item.(map[string]any) {
			if !seen[method+" "+path] && !strings.HasSuffix(path, "/export") && !strings.HasSuffix(path, "/events") {
				t.Errorf("%s %s is in the specification and was not called", method, path)
			}
		}
	}
}

func TestEveryStoryFitsTheSpecification(t *testing.T) {
	_, h := book(t)
	_, schema := specification(t, h)
	report := schema("/api/v1/incidents/{id}", "get", "200")
	for _, s := range storybook.Stories() {
		if len(s.Reports) == 0 {
			continue
		}
		raw, err := json.Marshal(s.Reports[0])
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Validate(v); err != nil && s.Name != "hostile" {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestReportIsServedByteForByteAndCached(t *testing.T) {
	store, h := book(t)
	want, err := store.Report(t.Context(), "INC-confirmed", 1)
	if err != nil {
		t.Fatal(err)
	}
	first := call{"GET", "/api/v1/incidents/INC-confirmed", "", 200, ""}.do(h)
	if !bytes.Equal(first.Body.Bytes(), want) {
		t.Error("the report was changed on its way out")
	}
	r := httptest.NewRequest("GET", "/api/v1/incidents/INC-confirmed", nil)
	r.Header.Set("If-None-Match", first.Header().Get("ETag"))
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("got %d with %d bytes for a known ETag", w.Code, w.Body.Len())
	}
}

// older answers with a report of an engine before this one.
type older struct{ ui.ReportStore }

func (older) Report(context.Context, string, int) ([]byte, error) {
	return []byte(`{"version":0,"engine":"older","revision":1,"title":"Said long ago","gone":{"a":[1]},"verdict":{"word":"Likely","gone":1}}`), nil
}

func TestReportsOfOlderEnginesStayReadable(t *testing.T) {
	store, _ := book(t)
	o := store.Options()
	o.Reports = older{store}
	h := ui.New(o)
	want, _ := older{}.Report(t.Context(), "", 0)
	if got := (call{"GET", "/api/v1/incidents/INC-confirmed", "", 200, ""}).do(h).Body.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("got %s", got)
	}
	if w := get(t, h, "/incidents/INC-confirmed"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Said long ago") {
		t.Errorf("the page: got %d", w.Code)
	}
	for _, format := range []string{"markdown", "csv", "jsonl", "json", "html"} {
		if w := (call{"GET", "/api/v1/incidents/INC-confirmed/export?format=" + format, "", 200, ""}).do(h); w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: got %d %s", format, w.Code, w.Body)
		}
	}
}

func TestOverloadIsA503ThatAlertmanagerRetries(t *testing.T) {
	store, h := book(t)
	store.SetFull(true)
	w := call{"POST", "/api/v1/alerts", webhook, 503, ""}.do(h)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := (call{"GET", "/health", "", 503, ""}).do(h); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "queue_full") {
		t.Errorf("health: got %d %s", w.Code, w.Body)
	}
}

func TestWhatIsNotConfiguredSaysSo(t *testing.T) {
	store, _ := book(t)
	h := ui.New(ui.Options{Incidents: store, Reports: store})
	for _, c := range calls() {
		w := c.do(h)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s %s: got 500 without its port", c.method, c.path)
		}
	}
	for _, p := range []string{"/", "/incidents/INC-confirmed", "/decisions", "/investigate", "/health", "/-/ready"} {
		if w := get(t, h, p); w.Code != http.StatusOK {
			t.Errorf("%s: got %d without the optional ports", p, w.Code)
		}
	}
	if w := (call{"GET", "/metrics", "", 501, ""}).do(h); w.Code != http.StatusNotImplemented {
		t.Errorf("metrics: got %d", w.Code)
	}
}
