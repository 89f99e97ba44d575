package server_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui"
)

// tenantToken makes a token of a tenant that may do everything.
func (w world) tenantToken(t evidence.Tenant) string {
	w.t.Helper()
	id, hash, text := access.NewToken()
	if err := w.s.Book().AddToken(w.t.Context(), casebook.Token{ID: id, Hash: hash, Name: "ann", Role: string(access.Admin), Code: true, Tenant: t}); err != nil {
		w.t.Fatal(err)
	}
	return text
}

// two is a server of two tenants, acme with an incident that tells a word, and bolt.
func two(t *testing.T) (w world, acme, bolt, id string) {
	t.Helper()
	w = start(t, func(c *config.Config) {
		c.Tenants = []config.Tenant{{Name: "acme", Webhook: config.Webhook{BearerToken: "acmes-hook"}}, {Name: "bolt", Users: []string{"bob"}}}
		c.Webhook.BearerToken = "the-hook"
	}, server.Backend{
		Record: func(_ context.Context, _, _ string, _ int, out io.Writer, _ func(context.Context)) error {
			_, err := io.WriteString(out, "heliotrope")
			return err
		},
		Investigate: func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
			return report.Report{Version: report.ReportVersion, Revision: j.Revision, Alert: j.Alert, Service: "shop", Title: "heliotrope of " + j.Tenant.String(),
				Verdict: report.Verdict{Word: report.Likely}}, nil
		},
	})
	acme, bolt = w.tenantToken("acme"), w.tenantToken("bolt")
	status, answer := w.do(http.MethodPost, "/api/v1/alerts", "acmes-hook", body("Burn"))
	_, id, _ = strings.Cut(answer, `"incident":"`)
	id, _, _ = strings.Cut(id, `"`)
	if status != http.StatusOK || id == "" {
		t.Fatalf("got %d %s", status, answer)
	}
	w.eventuallyAs(acme, "/api/v1/incidents", `"state":"reported"`)
	return w, acme, bolt, id
}

// asked is what each address that names an incident is asked with, in its path or
// in its body. The first of an address also shows that it works for whose it is.
var asked = map[string][]struct{ query, kind, body string }{
	"GET /incidents/{id}":                  {{}},
	"GET /incidents/{id}/alert":            {{}},
	"GET /incidents/{id}/export":           {{query: "?format=html"}, {query: "?format=csv"}, {query: "?format=bundle"}},
	"POST /incidents/{id}/notes":           {{kind: form, body: "text=hello"}},
	"POST /incidents/{id}/feedback":        {{kind: form, body: "judgment=confirm&revision=1"}},
	"POST /incidents/{id}/state":           {{kind: form, body: "action=acknowledge"}},
	"POST /incidents/{id}/again":           {{kind: form}},
	"GET /api/v1/incidents/{id}":           {{}, {query: "?revision=1"}},
	"GET /api/v1/incidents/{id}/export":    {{query: "?format=markdown"}, {query: "?format=json"}, {query: "?format=jsonl"}, {query: "?format=bundle"}, {query: "?format=bundle&revision=1"}},
	"GET /api/v1/incidents/{id}/notes":     {{}},
	"GET /api/v1/incidents/{id}/similar":   {{}},
	"POST /api/v1/incidents/{id}/notes":    {{kind: jsonBody, body: `{"text":"hello"}`}},
	"GET /api/v1/incidents/{id}/feedback":  {{}},
	"POST /api/v1/incidents/{id}/feedback": {{kind: jsonBody, body: `{"judgment":"confirm","revision":1}`}},
	"POST /api/v1/incidents/{id}/state":    {{kind: jsonBody, body: `{"action":"acknowledge"}`}},
	"POST /incidents/{id}/lead":            {{kind: form, body: "lead=ann"}},
	"POST /incidents/{id}/undo":            {{kind: form, body: "what=unacknowledge"}},
	"POST /api/v1/incidents/{id}/lead":     {{kind: jsonBody, body: `{"lead":"ann"}`}},

	"GET /api/v1/incidents/{id}/actions": {{}},
	"POST /incidents/{id}/actions":       {{kind: form, body: "decision=refuse&action={action}"}},
	"POST /api/v1/actions/{id}/decision": {{kind: jsonBody, body: `{"decision":"refuse"}`}},

	"POST /mcp": {{kind: jsonBody, body: call("report", `{"incident":"{id}"}`)}, {kind: jsonBody, body: call("evidence", `{"incident":"{id}","cause":1}`)}, {kind: jsonBody, body: call("investigate", `{"incident":"{id}"}`)}},

	"DELETE /api/v1/incidents/{id}/notes/{row}":    {{}},
	"DELETE /api/v1/incidents/{id}/feedback/{row}": {{}},

	"POST /api/v1/investigations": {{kind: jsonBody, body: `{"incident":"{id}"}`}},
	"POST /api/v1/checks":         {{kind: jsonBody, body: `{"level":5,"service":"shop","incident":"{id}"}`}},
}

// call asks for one of the agents' tools.
func call(tool, arguments string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":` + arguments + `}}`
}

const (
	form     = "application/x-www-form-urlencoded"
	jsonBody = "application/json"
)

// elsewhere are the addresses with an ID in them that are tried beside the table:
// what a tenant does not have, and streams that do not end.
var elsewhere = map[string]int{
	"GET /api/v1/incidents/{id}/now":    http.StatusNotFound,     // nobody is asked here: whose it is gets another answer
	"POST /api/v1/actions/{id}/ack":     http.StatusUnauthorized, // only by a target's signature
	"GET /api/v1/incidents/{id}/events": http.StatusNotFound,
	"GET /decisions/{id}":               http.StatusNotImplemented,
}

var elsewhereBody = map[bool]string{true: `{"decision":"approve"}`}

// TestAGuessedIDIsNotFoundOnAnyRoute walks the router.
func TestAGuessedIDIsNotFoundOnAnyRoute(t *testing.T) {
	w, acme, bolt, id := two(t)
	a := casefile.Action{ID: casefile.ActionID(id, casefile.Degrade, "shop", "degraded"), Incident: id, State: casefile.ActionWaiting, Kind: casefile.Degrade, Service: "shop", Target: "platform"}
	if _, _, err := w.s.Book().For("acme").ProposeAction(t.Context(), a, casefile.ActionLimits{CoolDown: time.Hour, Answer: time.Hour}, casebook.Message{}); err != nil {
		t.Fatal(err)
	}
	const none = "INC-0123456789"
	ask := func(token, address, id string, x struct{ query, kind, body string }) (int, string) {
		method, path, _ := strings.Cut(address, " ")
		h := http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json, text/event-stream"}}
		if x.kind == form {
			h.Set("Accept", "text/html")
		}
		w := w
		w.kind = x.kind
		status, answer := w.send(method, strings.NewReplacer("{id}", id, "{row}", "1").Replace(path)+x.query, h, strings.NewReplacer("{id}", id, "{action}", a.ID).Replace(x.body))
		if strings.HasPrefix(path, "/mcp") && strings.Contains(answer, `"isError":true`) {
			status = http.StatusNotFound // the protocol refuses in its answer
		}
		return status, strings.ReplaceAll(answer, id, "ID")
	}
	for _, address := range ui.Addresses() {
		if want, other := elsewhere[address]; other {
			if status, answer := ask(bolt, address, id, struct{ query, kind, body string }{body: elsewhereBody[strings.HasPrefix(address, "POST /api")]}); status != want || strings.Contains(answer, "heliotrope") {
				t.Errorf("%s: got %d %.200s, want %d", address, status, answer, want)
			}
			continue
		}
		requests, known := asked[address]
		if !known && strings.Contains(address, "{id}") {
			t.Errorf("nobody says how %s is asked for an incident", address)
		}
		id, none := id, none
		if strings.Contains(address, "/actions/{id}") {
			id, none = a.ID, "ACT-0123456789abcdef"
		}
		for _, x := range requests {
			status, answer := ask(bolt, address, id, x)
			empty, nothing := ask(bolt, address, none, x)
			if status != http.StatusNotFound || answer != nothing || empty != status {
				t.Errorf("%s%s answers another tenant with %d %.300s, and where there is nothing with %d %.300s", address, x.query, status, answer, empty, nothing)
			}
		}
		if known {
			if status, answer := ask(acme, address, id, requests[0]); status >= http.StatusBadRequest {
				t.Errorf("%s answers whose the incident is with %d %.300s", address, status, answer)
			}
		}
	}
}

// TestNothingOfATenantIsInAnothersLists asks for all that names no incident.
func TestNothingOfATenantIsInAnothersLists(t *testing.T) {
	w, acme, bolt, id := two(t)
	if status, answer := w.do(http.MethodPost, "/api/v1/incidents/"+id+"/notes", acme, `{"text":"heliotrope"}`); status >= 300 {
		t.Fatalf("got %d %s", status, answer)
	}
	nobodys := w.token("olga", access.Admin)
	w.eventuallyAs(acme, "/api/v1/audit", `"note"`)
	for _, address := range ui.Addresses() {
		method, path, _ := strings.Cut(address, " ")
		if method != http.MethodGet || strings.Contains(path, "{id}") || path == "/api/v1/openapi.json" || path == "/api/v1/events" { // a stream of fingerprints, which does not end
			continue
		}
		path = strings.NewReplacer("{$}", "", "{name}", "shop", "{rule...}", "").Replace(path)
		for name, token := range map[string]string{"bolt": bolt, "nobody's": nobodys} {
			status, answer := w.do(method, path, token, "")
			if strings.Contains(answer, id) || strings.Contains(answer, "heliotrope") {
				t.Errorf("%s shows %s what is acme's: %d %.300s", address, name, status, answer)
			}
		}
	}
	if status, answer := w.do(http.MethodGet, "/metrics", bolt, ""); status == http.StatusOK {
		t.Errorf("a tenant reads the metrics of all: %.100s", answer)
	}
	if status, _ := w.do(http.MethodGet, "/metrics", nobodys, ""); status != http.StatusOK {
		t.Errorf("who is of no tenant gets %d for the metrics", status)
	}
}

// TestTheTenantIsTheCredentials sends the same alert and question as each.
func TestTheTenantIsTheCredentials(t *testing.T) {
	w, acme, bolt, acmes := two(t)
	ids := []string{acmes}
	for name, c := range map[string]struct{ hook, reader string }{
		"nobody's": {"the-hook", w.token("olga", access.Admin)}, "bolt": {bolt, bolt}, // an admin may send alerts too
	} {
		header := http.Header{"Authorization": {"Bearer " + c.hook}, "X-Scope-Orgid": {"acme"}, "X-Tenant": {"acme"}}
		status, answer := w.send(http.MethodPost, "/api/v1/alerts?tenant=acme", header, strings.Replace(body("Burn"), `{"version"`, `{"tenant":"acme","version"`, 1))
		_, id, _ := strings.Cut(answer, `"incident":"`)
		id, _, _ = strings.Cut(id, `"`)
		if status != http.StatusOK || slices.Contains(ids, id) {
			t.Errorf("%s: got %d %s, want an incident of its own beside %q", name, status, answer, ids)
		}
		ids = append(ids, id)
		w.eventuallyAs(c.reader, "/api/v1/incidents/"+id, `"revision":1`)
	}
	if _, answer := w.do(http.MethodGet, "/api/v1/incidents", acme, ""); strings.Count(answer, `"id":"INC-`) != 1 {
		t.Errorf("acme lists %s", answer)
	}
	// A token of a tenant that is not there opens nothing.
	if status, _ := w.do(http.MethodGet, "/api/v1/incidents", w.tenantToken("gone"), ""); status != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", status)
	}
}

// TestEachTenantIsInvestigatedWithItsOwnSources has one connection for each.
func TestEachTenantIsInvestigatedWithItsOwnSources(t *testing.T) {
	cfg := config.Default()
	cfg.DataDir = "data"
	text := `
sources:
  loki: {address: "http://loki:3100", org_id: whole}
  prometheus: {address: "http://prometheus:9090"}
repositories: [{name: all, url: "https://git.example/all.git"}]
notifications: []
webhook: {queue_limit: 7, bearer_token: t}
tenants:
  - name: acme
    org_id: acme-1
    sources: {prometheus: {address: "http://acmes:9090", org_id: own}}
  - name: bolt
    repositories: [{name: bolts, url: "https://git.example/bolts.git"}]
    webhook: {queue_limit: 3}
`
	cfg, err := config.Parse([]byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	acme, bolt := cfg.Of(cfg.Tenants[0]), cfg.Of(cfg.Tenants[1])
	got := []string{acme.Sources.Loki.Address, acme.Sources.Loki.OrgID, acme.Sources.Prometheus.Address, acme.Sources.Prometheus.OrgID, cfg.Sources.Loki.OrgID,
		fmt.Sprint(bolt.Sources.Loki == nil, bolt.Sources.Prometheus == nil, len(acme.Repositories), bolt.Repositories[0].Name), fmt.Sprint(acme.Webhook.QueueLimit, bolt.Webhook.QueueLimit, acme.Webhook.BearerToken == ""),
		acme.DataDir, bolt.DataDir}
	want := []string{"http://loki:3100", "acme-1", "http://acmes:9090", "own", "whole", "true true 0bolts", "7 3 true", cfg.DataDir + "/tenants/acme", cfg.DataDir + "/tenants/bolt"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	key := func(letter string) string {
		return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
	}
	actions := func(answers ...string) string {
		var keys []string
		for _, letter := range answers {
			keys = append(keys, key(letter))
		}
		return "actions: {targets: [{name: p, url: \"https://p.example\", secret: " + key("s") + ", answer_secret: \"" + strings.Join(keys, " ") + "\"}]}"
	}
	if c, err := config.Parse([]byte("external_url: https://w.example\n"+actions("a")+"\ntenants: [{name: a, "+strings.Replace(actions("b"), "{targets", "{enabled: true, targets", 1)+"}]"), nil); err != nil || !c.Of(c.Tenants[0]).Actions.Enabled {
		t.Errorf("a tenant has no actions of its own (%v)", err)
	}
	for says, text := range map[string]string{
		"tenants[0].actions.targets[0].answer_secret is default's too": actions("a") + "\ntenants: [{name: a, " + actions("a") + "}]",
		"tenants[0].actions: enabled needs external_url":               "tenants: [{name: a, actions: {enabled: true}}]",
		"tenants[1].actions.targets[0].answer_secret is x's too":       "tenants: [{name: x, " + actions("n", "o") + "}, {name: y, " + actions("o") + "}]", // the old one of two
		"tenants[1].actions.targets[0].answer_secret is v's too":       "tenants: [{name: v, " + actions("n") + "}, {name: w, " + actions("m", "n") + "}]",
		"not made of":                      `tenants: [{name: "../x"}]`,
		"is taken":                         `tenants: [{name: a}, {name: a}]`,
		"is default's too":                 "webhook: {bearer_token: same}\ntenants: [{name: a, webhook: {bearer_token: same}}]",
		`"ann" is a's too`:                 `tenants: [{name: a, users: [ann]}, {name: b, users: [ann]}]`,
		"tenants[0].repositories[0] needs": `tenants: [{name: a, repositories: [{name: x}]}]`,
	} {
		if _, err := config.Parse([]byte(text), func(string) (string, bool) { return "", false }); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", text, err, says)
		}
	}
}
