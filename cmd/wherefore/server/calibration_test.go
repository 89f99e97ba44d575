package server_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// TestJudgmentsAreCountedEverywhere judges a report and looks for it in the
// API, in the metrics and on the page.
func TestJudgmentsAreCountedEverywhere(t *testing.T) {
	w := start(t, nil, server.Backend{})
	if status, b := w.do(http.MethodPost, "/api/v1/alerts", "", body("Burn")); status != http.StatusOK {
		t.Fatalf("got %d %s, want 200", status, b)
	}
	var page struct{ Incidents []casefile.Incident }
	if err := json.Unmarshal([]byte(w.eventually("/api/v1/incidents", `"state":"reported"`)), &page); err != nil {
		t.Fatal(err)
	}
	id := page.Incidents[0].ID
	if _, b := w.do(http.MethodGet, "/api/v1/calibration", "", ""); b != `{"verdicts":[]}`+"\n" {
		t.Errorf("before any judgment: got %s", b)
	}
	for _, judgment := range []string{"reject", "confirm"} { // the newest counts
		if status, b := w.do(http.MethodPost, "/api/v1/incidents/"+id+"/feedback", "", `{"revision":1,"judgment":"`+judgment+`","author":"role:sre"}`); status/100 != 2 {
			t.Fatalf("got %d %s", status, b)
		}
	}
	w.eventually("/api/v1/calibration", `{"verdicts":[{"verdict":"Likely","judged":1,"right":1}]}`)
	w.eventually("/metrics", `wherefore_judged_reports{verdict="Likely"} 1`)
	w.eventually("/metrics", `wherefore_judged_right_reports{verdict="Likely"} 1`)
	w.eventually("/incidents/"+id, "Likely: 1 of 1 judged right")
}
