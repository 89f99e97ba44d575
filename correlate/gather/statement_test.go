package gather

import (
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// TestAMovedLineIsTheSameStatement writes one statement before and after a
// deployment moved it, and two that only their function tells apart.
func TestAMovedLineIsTheSameStatement(t *testing.T) {
	at := func(file string, line int, function, body string) evidence.LogLine {
		return evidence.LogLine{Body: body, Caller: evidence.Frame{File: file, Line: line, Function: function}}
	}
	for name, c := range map[string]struct {
		a, b evidence.LogLine
		same bool
	}{
		"moved":                        {at("shop/pay.go", 41, "", "paid"), at("shop/pay.go", 47, "", "paid"), true},
		"moved, its place in the text": {at("pay.go", 41, "", "pay.go:41 paid"), at("pay.go", 47, "", "pay.go:47 paid"), true},
		"moved within its function":    {at("pay.go", 41, "Pay", "paid"), at("pay.go", 47, "Pay", "paid"), true},
		"another function":             {at("pay.go", 41, "Pay", "done"), at("pay.go", 90, "Refund", "done"), false},
		"another message":              {at("pay.go", 41, "", "paid"), at("pay.go", 41, "", "refused"), false},
	} {
		if got := statement(c.a) == statement(c.b); got != c.same {
			t.Errorf("%s: %q and %q are the same: %v, want %v", name, statement(c.a), statement(c.b), got, c.same)
		}
	}
}
