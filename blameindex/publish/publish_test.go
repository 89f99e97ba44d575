package publish

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func record(id, status, what string) decision.Record {
	r := decision.Record{Kind: decision.KindDecision}
	r.ID, r.Status, r.What = id, status, what
	r.When = evidence.DecisionWhen{LoggedAt: time.Unix(1_700_000_000, 0).UTC(), EffectiveAt: time.Unix(1_700_000_090, 0).UTC()}
	return r
}

func TestEventsAreAcceptedOrChanged(t *testing.T) {
	moved := record("D-4", "accepted", "x")
	moved.Path = "elsewhere"
	before := []decision.Record{record("D-1", "proposed", "x"), record("D-2", "accepted", "x"), record("D-3", "accepted", "x"), record("D-4", "accepted", "x")}
	after := []decision.Record{record("D-1", "accepted", "x"), record("D-2", "accepted", "y"), record("D-3", "superseded", "x"), moved, record("D-5", "accepted", "x"), record("D-6", "proposed", "x")}
	events, err := Events(before, after, "https://example.org/shop")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Subject()+" "+e.Type())
	}
	want := []string{"D-1 " + Accepted, "D-2 " + Changed, "D-3 " + Changed, "D-5 " + Accepted}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want (-) got (+):\n%s", d)
	}
	again, err := Events(before, after, "https://example.org/shop")
	if err != nil || again[0].ID() != events[0].ID() || events[0].ID() == events[3].ID() {
		t.Error("an event sent again must have the same ID, and another one not")
	}
}

func TestSenderSignsAndTriesAgain(t *testing.T) {
	secret, calls := []byte("s3cret"), 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		body, err := io.ReadAll(r.Body)
		if err != nil || !hmac.Equal([]byte(r.Header.Get("X-Wherefore-Signature")), []byte(Sign(secret, body))) {
			t.Errorf("bad signature %q, %v", r.Header.Get("X-Wherefore-Signature"), err)
		}
		var e map[string]any
		if err := json.Unmarshal(body, &e); err != nil || e["specversion"] != "1.0" || e["subject"] != "D-1" {
			t.Errorf("got %s, %v", body, err)
		}
		if calls == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer srv.Close()
	events, err := Events(nil, []decision.Record{record("D-1", "accepted", "x")}, "urn:x")
	if err != nil {
		t.Fatal(err)
	}
	s := Sender{URL: srv.URL, Secret: secret, Client: DefaultClient()}
	if err := s.Send(context.Background(), events[0]); err != nil || calls != 2 {
		t.Errorf("got %v after %d calls, want success after 2", err, calls)
	}
}

func TestARefusalIsNotTriedAgain(t *testing.T) {
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.WriteHeader(http.StatusForbidden)
	}))
	defer srv.Close()
	events, err := Events(nil, []decision.Record{record("D-1", "accepted", "x")}, "urn:x")
	if err != nil {
		t.Fatal(err)
	}
	err = Sender{URL: srv.URL, Client: DefaultClient()}.Send(context.Background(), events[0])
	if !errors.Is(err, evidence.ErrUnavailable) || calls != 1 {
		t.Errorf("got %v after %d calls, want unavailable after 1", err, calls)
	}
}

func TestMetrics(t *testing.T) {
	var b strings.Builder
	if err := WriteMetrics(&b, []decision.Record{record("D-1", "accepted", "x"), record("D-2", "", "x"), record("D-3", "proposed", "x")}, 2); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"decision_records{status=\"accepted\"} 2\n", "decision_records{status=\"proposed\"} 1\n", "decision_response_seconds{decision_id=\"D-1\"} 90\n", "decision_faults 2\n# EOF\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %s, want %q in it", b.String(), want)
		}
	}
}
