package evidence

import (
	"strings"
	"time"
)

// LostClock is the kind of an answer of a server whose clock is so far ahead of ours,
// or behind it where off is negative. The answer is not left out: it is of that time
// by the server's clock, and of another by ours.
func LostClock(off time.Duration) LossKind {
	const ofClock = "of a server whose clock is "
	return LossKind{One: "answer is " + ofClock + ClockOff(off), Many: "answers are " + ofClock + ClockOff(off), Clock: off}
}

// ClockOff says how far a clock is ahead of ours or behind it.
func ClockOff(off time.Duration) string {
	if off < 0 {
		return strings.TrimSuffix((-off).String(), "0s") + " behind ours"
	}
	return strings.TrimSuffix(off.String(), "0s") + " ahead of ours"
}

// Clocks parts a list of losses into records that were left out and answers that
// another clock dated.
func Clocks(list []Loss) (left, dated []Loss) {
	for _, l := range list {
		if l.Clock != 0 {
			dated = append(dated, l)
		} else {
			left = append(left, l)
		}
	}
	return left, dated
}
