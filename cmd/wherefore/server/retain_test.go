package server

import (
	"testing"
	"time"
)

func TestAClockSetForwardDropsNothingAtOnce(t *testing.T) {
	last := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		wall, passed time.Duration
		want         bool
	}{
		{retainEvery, retainEvery, false}, {0, 0, false},
		{retainEvery + 20*time.Minute, retainEvery, false}, // a machine that slept a little
		{9 * time.Hour, retainEvery, true}, {40 * 24 * time.Hour, retainEvery, true},
		{-9 * time.Hour, retainEvery, false},
	} {
		if got := setForward(last, last.Add(c.wall), c.passed); got != c.want {
			t.Errorf("the clock went %s in %s: got %v", c.wall, c.passed, got)
		}
	}
}
