package evidence

import (
	"strings"
	"time"
)

// ofClock begins what is said of answers that a clock far from ours has dated.
const ofClock = "of a server whose clock is "

// LostClock is the kind of an answer of a server whose clock is so far ahead of ours,
// or behind it where off is negative. The answer is not left out: it is of that time
// by the server's clock, and of another by ours.
func LostClock(off time.Duration) LossKind {
	return LossKind{One: "answer is " + ofClock + ClockOff(off), Many: "answers are " + ofClock + ClockOff(off)}
}

// ClockOff says how far a clock is ahead of ours or behind it.
func ClockOff(off time.Duration) string {
	if off < 0 {
		return strings.TrimSuffix((-off).String(), "0s") + " behind ours"
	}
	return strings.TrimSuffix(off.String(), "0s") + " ahead of ours"
}

// TellsOfClock reports whether what is said of losses tells of a clock far from ours.
func TellsOfClock(text string) bool { return strings.Contains(text, ofClock) }

// Clocks takes answers that another clock dated out of a list of losses, and says how
// many they are.
func Clocks(list []Loss) (rest []Loss, answers int) {
	for _, l := range list {
		if TellsOfClock(l.Many) {
			answers += l.Count
			continue
		}
		rest = append(rest, l)
	}
	return rest, answers
}
