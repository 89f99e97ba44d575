package evidence_test

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestTheFirstAndTheLastOfTwoInstants(t *testing.T) {
	var none time.Time
	one, two := time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct{ a, b, earlier, later time.Time }{
		{one, two, one, two}, {two, one, one, two}, {one, one, one, one}, {none, one, one, one}, {one, none, one, one}, {none, none, none, none},
	} {
		if got := evidence.Earlier(c.a, c.b); !got.Equal(c.earlier) {
			t.Errorf("the earlier of %v and %v: got %v", c.a, c.b, got)
		}
		if got := evidence.Later(c.a, c.b); !got.Equal(c.later) {
			t.Errorf("the later of %v and %v: got %v", c.a, c.b, got)
		}
	}
}
