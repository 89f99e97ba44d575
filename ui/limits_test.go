package ui

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestCallsWithALimitSaySo reads for every call of the API that has a limit whether
// its description tells of the answer 429.
func TestCallsWithALimitSaySo(t *testing.T) {
	raw, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var described struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &described); err != nil {
		t.Fatal(err)
	}
	for _, r := range (&server{}).apiRoutes() {
		method, path, _ := strings.Cut(r.pattern, " ")
		var call struct {
			Responses map[string]json.RawMessage
		}
		if err := json.Unmarshal(described.Paths[path][strings.ToLower(method)], &call); r.limit.kind != "" && (err != nil || call.Responses["429"] == nil) {
			t.Errorf("%s has a limit, and its description no answer 429 (%v)", r.pattern, err)
		}
	}
}
