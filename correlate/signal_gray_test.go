package correlate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestVersionsAreComparedWhereBothRan(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 1, 12, 0, s, 0, time.UTC) }
	old, now := period{at(0), at(30)}, period{at(20), at(50)}
	both := old.and(now)
	if got, want := both, (period{at(20), at(30)}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	samples := []evidence.Sample{{Time: at(10), Value: 1}, {Time: at(20), Value: 2}, {Time: at(30), Value: 3}, {Time: at(40), Value: 4}}
	if diff := cmp.Diff([]float64{2, 3}, valuesIn(samples, both)); diff != "" {
		t.Error(diff)
	}
	// One took the other's place: no instant lies in both.
	if apart := (period{at(0), at(10)}).and(period{at(20), at(50)}); apart.contains(at(10)) || apart.contains(at(20)) {
		t.Errorf("%v holds an instant, want none", apart)
	}
}
