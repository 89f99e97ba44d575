package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// TestCompletenessFromLoki pushes decisions as services log them, as JSON text,
// as key=value, and as structured metadata, to a real Loki and reads the table.
func TestCompletenessFromLoki(t *testing.T) {
	loki := servers.Start(t, servers.Loki)
	now := time.Now().Add(-time.Minute)
	id := func(n int) string { return fmt.Sprintf("123e4567-e89b-42d3-a456-4266141740%02d", n) }
	hash := strings.Repeat("ab", 32)
	pushLogs(t, loki.URL("http"), "good", now,
		[]any{fmt.Sprintf(`{"event":"policy_changed","decision_id":%q,"context_hash":%q,"confidence_score":0.9,"ts_ms":%d}`, id(1), hash, now.UnixMilli())},
		[]any{fmt.Sprintf(`level=info event=decision_executed decision_id=%s context_hash=%s confidence_score=0.9 ts_ms=%d`, id(1), hash, now.UnixMilli()+400)},
		[]any{"policy_changed", map[string]string{"decision_id": id(2), "context_hash": hash, "confidence_score": "1", "ts_ms": strconv.FormatInt(now.UnixMilli(), 10)}})
	pushLogs(t, loki.URL("http"), "hasty", now,
		[]any{fmt.Sprintf(`{"decision_id":%q,"confidence_score":0.9,"ts_ms":%d}`, id(3), now.UnixMilli())},
		[]any{"nothing was decided"})
	cfg := filepath.Join(t.TempDir(), "wherefore.yaml")
	if err := os.WriteFile(cfg, []byte(fmt.Sprintf("sources:\n  loki: {address: %q}\n", loki.URL("http"))), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := runApp(t, "decisions", "completeness", "--config", cfg, "--format", "json")
	var got []struct {
		Service                                  string
		Decisions, Fields, Due, Hashes, Executed int
		Latency                                  *int64
		Missed                                   []string
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || len(got) != 2 || code != exitFailed {
		t.Fatalf("exit code %d, %v, stdout %s, stderr %s", code, err, stdout, stderr)
	}
	good, hasty := got[0], got[1]
	if good.Service != "good" || good.Decisions != 2 || good.Fields != 8 || good.Due != 8 || good.Executed != 1 || len(good.Missed) > 0 {
		t.Errorf("got %+v, want two whole decisions of which one was executed", good)
	}
	if hasty.Service != "hasty" || hasty.Decisions != 1 || hasty.Hashes != 0 || strings.Join(hasty.Missed, " ") != "completeness context_hash" {
		t.Errorf("got %+v, want one decision without its context_hash", hasty)
	}
	stdout, _, _ = runApp(t, "decisions", "completeness", "--config", cfg)
	if !strings.Contains(stdout, "unknown") || !strings.Contains(stdout, "400ms") {
		t.Errorf("the table has no latency, or one where nobody can know:\n%s", stdout)
	}
}

// pushLogs gives lines to Loki: each its text and, if any, its structured
// metadata.
func pushLogs(t *testing.T, address, service string, at time.Time, lines ...[]any) {
	t.Helper()
	var values [][]any
	for i, l := range lines {
		values = append(values, append([]any{strconv.FormatInt(at.UnixNano()+int64(i), 10)}, l...))
	}
	body, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"stream": map[string]string{"service_name": service}, "values": values}}})
	if err != nil {
		t.Fatal(err)
	}
	if status, said := sent(t, address+"/loki/api/v1/push", string(body)); status != http.StatusNoContent {
		t.Fatalf("Loki answered %d: %s", status, said)
	}
}
