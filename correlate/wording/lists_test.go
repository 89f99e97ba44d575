package wording

import "testing"

func TestACountSaysOfWhatItIs(t *testing.T) {
	for _, c := range []struct {
		requests, lines int
		want            string
	}{
		{1, 0, "in 1 request read"}, {19, 0, "in 19 requests read"}, {0, 1, "in 1 log line"}, {0, 7, "in 7 log lines"},
		{3, 1, "in 3 requests read and 1 further log line"}, {1, 2, "in 1 request read and 2 further log lines"},
	} {
		if got := SeenIn(c.requests, c.lines); got != c.want {
			t.Errorf("%d requests and %d lines: got %q, want %q", c.requests, c.lines, got, c.want)
		}
	}
}
