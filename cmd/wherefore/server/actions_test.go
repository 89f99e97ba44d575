package server_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate"
	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/ui"
)

// allowing is a decision index with one record, which allows everything.
type allowing struct{ ui.DecisionStore }

func (allowing) Decision(_ context.Context, id string) (evidence.Decision, error) {
	if id != "DEC-1" {
		return evidence.Decision{}, evidence.ErrNotFound
	}
	return evidence.Decision{ID: id, Status: "accepted", When: evidence.DecisionWhen{EffectiveAt: time.Unix(1, 0)}, How: evidence.DecisionHow{Actions: map[string]string{"degrade": "automatic"}}}, nil
}

// TestAnActionGoesFromTheAlertToTheTargetsAnswer sends an alert of what burns to a
// running server, and answers as the target that is asked.
func TestAnActionGoesFromTheAlertToTheTargetsAnswer(t *testing.T) {
	asked := make(chan string, 10)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- string(body)
	}))
	t.Cleanup(target.Close)
	key := func(letter string) endpoint.Secret {
		return endpoint.Secret("whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))
	}
	w := start(t, func(cfg *config.Config) {
		cfg.ExternalURL = "http://wherefore.example"
		cfg.Actions = act.Config{Enabled: true, Targets: []act.Target{{Name: "platform", URL: endpoint.Secret(target.URL), Secret: key("s"), AnswerSecret: key("a")}},
			Rules: []action.Rule{{Name: "core", Action: casefile.Degrade, Services: []string{"shop"}, Target: "platform", Decision: "DEC-1", Grade: casefile.Automatic}}}
	}, server.Backend{Ports: server.Ports{Decisions: allowing{}}, Investigate: func(_ context.Context, j casebook.Job, _ func(correlate.Progress)) (report.Report, error) {
		return report.Report{Version: report.ReportVersion, Incident: j.Incident, Revision: j.Revision, Alert: j.Alert, Service: "shop", State: evidence.StatusFiring, Title: "shop burns",
			Verdict: report.Verdict{Word: report.Likely}, Causes: []report.Cause{{Rank: 1, Entity: evidence.Entity{Name: "shop"}}},
			Impact: report.Impact{Budgets: []report.Budget{{SLO: "answers", Windows: []report.BudgetWindow{{Window: action.ShortWindow, Burn: 9, At: time.Now()}, {Window: action.LongWindow, Burn: 6, At: time.Now()}}}}}}, nil
	}})
	ann, viewer, admin := w.token("ann", access.Responder), w.token("vic", access.Viewer), w.token("root", access.Admin)
	if status, said := w.do(http.MethodPost, "/api/v1/alerts", admin, body("Burn")); status != http.StatusOK {
		t.Fatalf("got %d %s", status, said)
	}
	var request struct {
		Data struct{ ID, Incident, To string }
	}
	if err := json.Unmarshal([]byte(<-asked), &request); err != nil || request.Data.To != "degraded" {
		t.Fatalf("got %+v (%v)", request, err)
	}
	a := request.Data
	w.eventuallyAs(viewer, "/api/v1/incidents/"+a.Incident+"/actions", `"state":"sent"`)
	ack, answer := "/api/v1/actions/"+a.ID+"/ack", `{"id":"`+a.ID+`","state":"done"}`
	for _, token := range []string{"", ann, admin} { // nobody's token stands for a signature
		if status, said := w.do(http.MethodPost, ack, token, answer); status != http.StatusUnauthorized || !strings.Contains(said, "answer_secret") {
			t.Errorf("an unsigned answer: got %d %s", status, said)
		}
	}
	if status, _ := w.do(http.MethodPost, "/api/v1/actions/"+a.ID+"/decision", viewer, `{"decision":"done"}`); status != http.StatusForbidden {
		t.Errorf("a viewer decides: got %d", status)
	}
	wh, err := standardwebhooks.NewWebhook(string(key("a")))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signature, err := wh.Sign("m1", now, []byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Webhook-Id": {"m1"}, "Webhook-Timestamp": {fmt.Sprint(now.Unix())}, "Webhook-Signature": {signature}}
	for range 2 {
		if status, said := w.send(http.MethodPost, ack, header.Clone(), answer); status != http.StatusOK || !strings.Contains(said, `"state":"done"`) || !strings.Contains(said, `"by":"target:platform"`) {
			t.Errorf("a signed answer: got %d %s", status, said)
		}
	}
	header.Set("Webhook-Signature", signature)
	if status, _ := w.send(http.MethodPost, "/api/v1/actions/stop", header.Clone(), `{}`); status != http.StatusUnauthorized {
		t.Errorf("a target's signature opens another door: got %d", status)
	}
	w.eventuallyAs(admin, "/api/v1/audit?actor=target:platform", a.ID)
	if len(asked) > 0 {
		t.Errorf("the target was asked again: %s", <-asked)
	}
}

// TestATenantIsNotToldWhoStopsAllActions nor offered the switch, which is of the whole
// server.
func TestATenantIsNotToldWhoStopsAllActions(t *testing.T) {
	w, acme, _, id := two(t)
	olga := w.token("olga", access.Admin)
	if status, said := w.do(http.MethodPost, "/api/v1/actions/stop", olga, `{"why":"hush"}`); status != http.StatusOK || !strings.Contains(said, "olga") {
		t.Fatalf("got %d %s", status, said)
	}
	for path, want := range map[string]string{"/api/v1/actions": `"stopped":true`, "/api/v1/incidents/" + id + "/actions": `"stopped":true`, "/incidents/" + id: "All actions are stopped by those who run the server"} {
		_, got := w.do(http.MethodGet, path, acme, "")
		if !strings.Contains(got, want) {
			t.Errorf("%s does not say %q", path, want)
		}
		for _, not := range []string{"olga", "hush", "Resume all actions"} {
			if strings.Contains(got, not) {
				t.Errorf("%s has %q for a tenant", path, not)
			}
		}
	}
}
