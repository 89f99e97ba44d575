package ui

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestWhoLooksIsShownAndGoneAfterAMinute(t *testing.T) {
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	var l lookers
	ann, bo := l.come("INC-1", "ann", now), l.come("INC-1", "bo", now)
	l.come("INC-1", "bo", now) // in another tab
	l.come("INC-2", "cy", now)
	if got := l.others("INC-1", ann, now); !slices.Equal(got, []string{"bo"}) {
		t.Errorf("got %q, want bo once", got)
	}
	if got := l.others("INC-1", bo, now); !slices.Equal(got, []string{"ann"}) {
		t.Errorf("got %q, want ann and not oneself", got)
	}
	now = now.Add(50 * time.Second)
	l.stay("INC-1", ann, now)
	now = now.Add(lookedFor - time.Second)
	if got := l.others("INC-1", ann, now); len(got) > 0 || len(l.at) != 1 {
		t.Errorf("got %q of %d incidents, want whoever left gone", got, len(l.at))
	}
	for i := range mostLookers + 5 {
		l.come("INC-1", fmt.Sprint("p", i), now)
	}
	for i := range mostLooked + 5 {
		l.come(fmt.Sprint("INC-x", i), "p", now)
	}
	if len(l.at["INC-1"]) > mostLookers || len(l.at) > mostLooked {
		t.Errorf("got %d who look at one and %d looked at, want bounds", len(l.at["INC-1"]), len(l.at))
	}
	if got := l.others("INC-1", ann, now); len(got) > shownLookerNames {
		t.Errorf("got %d names", len(got))
	}
	l.stay("INC-9", 7, now) // was never there
}
