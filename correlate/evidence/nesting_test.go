package evidence

import (
	"strings"
	"testing"
)

func TestNesting(t *testing.T) {
	for text, want := range map[string]int{
		``: 0, `1`: 0, `"{[{["`: 0, `"\"{"`: 0, `"\\" `: 0, `{}`: 1, `[]`: 1, `{"a":[{}]}`: 3, `[[],[[]]]`: 3, `{"a{[":"}]"}`: 1,
		`["\\", [[]]]`: 3, `["\\\"[["]`: 1, `[`: 1, `]][`: 0, `"`: 0, `"\`: 0, strings.Repeat(`[`, 100_000): 100_000,
	} {
		if got := Nesting([]byte(text)); got != want {
			t.Errorf("%.40q nests %d deep, want %d", text, got, want)
		}
	}
}
