package suspect

import (
	"maps"
	"slices"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// usual are the lengths of the default.
var usual = letters(weights.Default().Commit.Letters)

func TestNamesInATextAreMadeUpOrWords(t *testing.T) {
	for text, want := range map[string]map[string]bool{
		"maxConns and MAX_CONNS are one": {"maxconns": true},
		"the basket is empty":            {"basket": false, "empty": false},
		"ENOSPC on disk":                 {"enospc": true, "disk": false},
		"POST /api/v1/orders.created":    {"apiv1orderscreated": true, "post": true, "orders": false, "created": false},
		"x = 4":                          {},
	} {
		got := usual.namesIn(text)
		for n, made := range want {
			if has, ok := got[n]; !ok || has != made {
				t.Errorf("%q: got %v, want %q made up: %v", text, got, n, made)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%q: got %v, want none", text, got)
		}
	}
}

func TestWhatAMessagePointsAtIsAName(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       bool // made up, however plain
	}{
		{"undefined: basket", "basket", true},
		{"basket is not a function", "basket", true},
		{"column 'basket' does not exist", "basket", true},
		{`{"basket": "full"}`, "basket", false},
		{"the basket is full", "basket", false},
		{"no handler for `basket`", "basket", true},
	} {
		if got := usual.saidIn(c.text)[c.name]; got != c.want {
			t.Errorf("%q: got %v for %s, want %v", c.text, got, c.name, c.want)
		}
	}
	if got := usual.saidIn("NullPointerException in thread main"); len(got) > 0 {
		t.Errorf("got %v, want nothing of what runtimes say themselves", got)
	}
}

func TestAmountsThatAreParticular(t *testing.T) {
	for text, want := range map[string][]string{
		"waited 250ms, then 30s":    {"250ms", "30s"},
		"HTTP 503 after 3 attempts": nil,      // a status, and a single digit
		"1000 rows of 1847":         {"1847"}, // round is not particular
		"1847 rows, 1847 failed":    {"1847"}, // once
	} {
		if got := usual.figuresIn(text); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPartsAndPairsOfNames(t *testing.T) {
	for _, n := range []string{"settlementbatch", "batchlimit"} {
		if !usual.partsIn("settlementBatchLimit")[n] {
			t.Errorf("settlementBatchLimit has no part %s: %v", n, usual.partsIn("settlementBatchLimit"))
		}
	}
	if got := usual.partsIn("maxSize"); len(got) > 0 {
		t.Errorf("got %v, want no parts of two words", got)
	}
	for text, want := range map[string]bool{"settlement batching is stuck": true, "settlement\nbatching": false, "the batching": false} {
		if got := usual.pairsIn(text)["settlementbatching"]; got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestWhatACommitSpeaksOf(t *testing.T) {
	cm := casetest.GoDiff("ledger/store/open_pool.go", `-	pool.SetLimit(maxConns, "too many of them")`, `+	pool.SetBound(maxConns, "pool has no room left")`, ` untouched()`, `+	"database/sql"`)
	cm.Message = "Bound the connectionPool"
	got := usual.readIdentity(cm)
	has := func(what string, of map[string]bool, name string, want bool) {
		t.Helper()
		if _, ok := of[name]; ok != want {
			t.Errorf("%s has %s: %v, want %v (%v)", what, name, ok, want, slices.Sorted(maps.Keys(of)))
		}
	}
	has("names", got.names, "setlimit", true)
	has("names", got.names, "setbound", true)
	has("names", got.names, "openpool", true) // of its path
	has("names", got.names, "untouched", false)
	has("names", got.names, "databasesql", false) // a compiler would have missed it
	has("kept", got.kept, "maxconns", true)
	has("kept", got.kept, "setbound", false)
	has("message", got.message, "connectionpool", true)
	if !slices.Contains(got.literals, "pool has no room left") || slices.Contains(got.literals, "too many of them") {
		t.Errorf("got literals %q, want those that it adds", got.literals)
	}
}
