package evidence_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestASentenceEndsWithWhatItSays(t *testing.T) {
	full := fmt.Errorf("limit is 0 and must be 1 or more: %w", evidence.ErrInvalid)
	for want, err := range map[string]error{
		"limit is 0 and must be 1 or more":                                 full,
		"page: limit is 0 and must be 1 or more":                           fmt.Errorf("page: %w", full),
		"limit is 0 and must be 1 or more\nno trace abc":                   errors.Join(full, fmt.Errorf("no trace abc: %w", evidence.ErrNotFound)),
		"loki: unavailable: HTTP 502":                                      fmt.Errorf("loki: %w: HTTP 502", evidence.ErrUnavailable),
		"somebody else's error that happens to end with a kind's: invalid": errors.New("somebody else's error that happens to end with a kind's: invalid"),
		"invalid": evidence.ErrInvalid,
	} {
		if got := evidence.Sentence(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAJSONProblemNamesTheField(t *testing.T) {
	var v struct {
		A struct {
			B string `json:"b"`
		} `json:"a"`
	}
	for text, want := range map[string]string{
		`{"a":{"b":1}}`: "a.b cannot be a JSON number",
		`[]`:            "it cannot be a JSON array",
		`{"a":`:         "unexpected end of JSON input",
	} {
		if got := evidence.JSONProblem(json.Unmarshal([]byte(text), &v)); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
