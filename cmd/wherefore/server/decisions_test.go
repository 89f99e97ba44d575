package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
)

const decisionRecord = `decision_id: DEC-7
title: Bound the pool
why: "the pool held 1200 idle connections when etcd was slower than 2 s"
what: "limit the pool to 100 connections"
who: {initiator: "iam:user:ada", approver: "iam:user:grace", executor: "ci:bot:deploy"}
when: {effective_at: 2024-06-15T14:30:00Z, logged_at: 2024-06-15T14:22:17Z}
how: {config_diff: "+max: 100", rollout: "all at once", verify: ["idle_connections <= 100"], rollback: {command: "revert"}}
`

// TestDecisionsAreToldAndMeasured: what stands in the log, and later what
// changes in it, goes out once, signed, and is on /metrics.
func TestDecisionsAreToldAndMeasured(t *testing.T) {
	type event struct{ Type, Subject, Source string }
	got := make(chan event, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte("s3cret"))
		mac.Write(body)
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); err != nil || r.Header.Get("X-Wherefore-Signature") != want {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		var e event
		if err := json.Unmarshal(body, &e); err != nil {
			t.Error(err)
		}
		got <- e
	}))
	defer receiver.Close()
	r := gittest.New(t)
	r.Write("docs/decisions/7.yaml", decisionRecord)
	r.Write("docs/decisions/8.yaml", "decision_id: DEC-8\nwhy: because\n")
	r.Commit("Decide")
	dir := t.TempDir()
	source, err := blameindex.NewSource(t.Context(), []blameindex.Place{{Name: "shop", Repository: r.Dir, Mirror: filepath.Join(dir, "m.git"), Fetch: time.Millisecond, Database: filepath.Join(dir, "w.db")}}, blameindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := start(t, nil, server.Backend{Logs: source, LogsEvery: 50 * time.Millisecond, Publish: config.Publish{URL: receiver.URL, Secret: "s3cret"}})
	next := func(want event) {
		t.Helper()
		select {
		case e := <-got:
			if e != want {
				t.Errorf("got %+v, want %+v", e, want)
			}
		case <-time.After(2 * time.Minute):
			t.Fatalf("nobody was told of %+v", want)
		}
	}
	next(event{"dev.wherefore.decision.accepted.v1", "DEC-7", "urn:wherefore:repository:shop"})
	r.Write("docs/decisions/7.yaml", strings.ReplaceAll(decisionRecord, "to 100", "to 120"))
	r.Commit("Decide otherwise")
	next(event{"dev.wherefore.decision.changed.v1", "DEC-7", "urn:wherefore:repository:shop"})
	time.Sleep(200 * time.Millisecond) // a few more looks
	if len(got) > 0 {
		t.Errorf("somebody was told twice: %+v", <-got)
	}
	res, err := http.Get(w.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`decision_records{repository="shop",status="accepted"} 1`, `decision_response_seconds{decision_id="DEC-7",repository="shop"} 463`, `decision_faults{repository="shop"} 1`, `decision_events_total{outcome="sent",repository="shop"} 2`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not on /metrics", want)
		}
	}
	w.stop()
	if err := source.Close(); err != nil {
		t.Error(err)
	}
}

// TestALineIsLookedUpAtTheNewestCommitWhereNoneIsNamed, as the API and the tools of
// agents promise.
func TestALineIsLookedUpAtTheNewestCommitWhereNoneIsNamed(t *testing.T) {
	r := gittest.New(t)
	r.Write("pool.go", "package shop\n\nconst idle = 100\n")
	r.Commit("Bound the pool")
	r.Write("pool.go", "package shop\n\nconst idle = 10\n")
	newest := r.Commit("Bound it closer")
	dir := t.TempDir()
	source, err := blameindex.NewSource(t.Context(), []blameindex.Place{{Name: "shop", Service: "shop", Repository: r.Dir, Mirror: filepath.Join(dir, "m.git"), Fetch: time.Millisecond, Database: filepath.Join(dir, "w.db")}}, blameindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	look := server.CodePorts(nil, source).Why
	for _, rev := range []string{"", newest} {
		if got, err := look.Why(t.Context(), "shop", "pool.go", 3, rev); err != nil || got.Blame.Ref.Revision != newest || got.Blame.Lines[2].Commit != newest {
			t.Errorf("at %q: got %+v, %v, want the line of %s", rev, got.Blame, err, newest)
		}
	}
	if _, err := look.Why(t.Context(), "shop", "pool.go", 3, "v9"); err == nil {
		t.Error("a revision that is not there is taken for the newest")
	}
}
