package signal

import (
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAChangeInsideTheOnsetCameWithIt(t *testing.T) {
	ch := &evidence.Change{Service: "cart", Kind: evidence.ChangeFlag}
	for _, c := range []struct {
		age, unsure time.Duration
		want        string
	}{
		{5 * time.Second, 0, "cart had a flag switched 5 s before the onset"},
		{5 * time.Second, 6 * time.Second, "cart had a flag switched as it began"},
		{5 * time.Minute, 6 * time.Second, "cart had a flag switched 5 min before the onset"},
		{-time.Second, 0, "cart had a flag switched as it began"},
	} {
		if got := changedBefore(ch, c.age, c.unsure); got != c.want {
			t.Errorf("%v before an onset that is unsure by %v: got %q, want %q", c.age, c.unsure, got, c.want)
		}
	}
}
