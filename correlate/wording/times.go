package wording

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration says a duration with the two digits, or the two units, that matter:
// 12 µs, 31 ms, 4.1 s, 74 s, 3 min 20 s, 14 min, 2 h 5 min, 3 days 4 h, 12 days. It
// is the one way in which durations are said, so that a fact reads the same wherever
// it stands. Seconds go to two minutes, since few people count in them beyond.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		if d == math.MinInt64 { // has no positive
			d++
		}
		return "−" + Duration(-d)
	case d < time.Microsecond:
		return "0 s"
	case d < 999500*time.Nanosecond:
		return strconv.FormatInt(d.Round(time.Microsecond).Microseconds(), 10) + " µs"
	case d < 999500*time.Microsecond:
		return strconv.FormatInt(d.Round(time.Millisecond).Milliseconds(), 10) + " ms"
	case d < 9950*time.Millisecond:
		return TwoDigits(d.Seconds()) + " s"
	}
	if s := d.Round(time.Second); s < 2*time.Minute {
		return strconv.Itoa(int(s/time.Second)) + " s"
	}
	return twoUnits(d)
}

// twoUnits says a duration from two minutes on in its largest unit, and in the next
// as long as the first is below ten.
func twoUnits(d time.Duration) string {
	const day = 24 * time.Hour
	units := []struct {
		of   time.Duration
		word string
	}{{day, "days"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	i, rounded := 0, d
	for i = range 3 {
		if rounded = d.Round(units[i].of); d < 10*units[i].of {
			rounded = d.Round(units[i+1].of)
		}
		if rounded >= units[i].of {
			break
		}
	}
	u, next := units[i], units[i+1]
	text := fmt.Sprintf("%d %s", rounded/u.of, u.word)
	if rounded/u.of == 1 {
		text = strings.TrimSuffix(text, "s") // of days
	}
	if rest := rounded % u.of / next.of; rest > 0 && rounded < 10*u.of {
		text += fmt.Sprintf(" %d %s", rest, next.word)
	}
	return text
}

// Beyond says a duration that is over a bound, which a rounded one would hide.
func Beyond(d, bound time.Duration) string {
	if said := Duration(d); d <= bound || said != Duration(bound) {
		return said
	}
	return "just over " + Duration(bound)
}

// Approximately says how far two instants lie apart of which one was found and not
// seen: no onset is known to less than a second.
func Approximately(d time.Duration) string {
	if d = d.Abs().Round(time.Second); d < time.Second {
		return "less than 1 s"
	}
	return Duration(d)
}

func DaysAgo(n int) string {
	if n == 1 {
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", n)
}
