package wording

import (
	"math"
	"testing"
	"time"
)

func TestADurationIsSaidInWhatMattersOfIt(t *testing.T) {
	for _, c := range []struct {
		of   time.Duration
		want string
	}{
		{0, "0 s"}, {999, "0 s"}, {12 * time.Microsecond, "12 µs"}, {999_600, "1 ms"}, {31 * time.Millisecond, "31 ms"}, {419_400 * time.Microsecond, "419 ms"}, {999_700 * time.Microsecond, "1 s"},
		{1500 * time.Millisecond, "1.5 s"}, {4120 * time.Millisecond, "4.1 s"}, {9970 * time.Millisecond, "10 s"}, {62 * time.Second, "62 s"}, {90 * time.Second, "90 s"}, {119_700 * time.Millisecond, "2 min"},
		{125 * time.Second, "2 min 5 s"}, {7 * time.Minute, "7 min"}, {9*time.Minute + 59_700*time.Millisecond, "10 min"}, {14*time.Minute + 40*time.Second, "15 min"}, {59*time.Minute + 59_700*time.Millisecond, "1 h"},
		{125 * time.Minute, "2 h 5 min"}, {23*time.Hour + 59*time.Minute + 50*time.Second, "1 day"}, {25 * time.Hour, "1 day 1 h"}, {75 * time.Hour, "3 days 3 h"}, {182*time.Hour + 42*time.Minute, "7 days 15 h"}, {12*24*time.Hour + 9*time.Hour, "12 days"},
		{-7 * time.Minute, "−7 min"}, {math.MinInt64, "−106751 days"},
	} {
		if got := Duration(c.of); got != c.want {
			t.Errorf("%d ns: got %q, want %q", c.of, got, c.want)
		}
	}
	for d, want := range map[time.Duration]string{3040 * time.Millisecond: "just over 3 s", 3200 * time.Millisecond: "3.2 s", 3 * time.Second: "3 s"} {
		if got := Beyond(d, 3*time.Second); got != want {
			t.Errorf("%s beyond 3 s: got %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{300 * time.Millisecond: "less than 1 s", 1680 * time.Millisecond: "2 s", -4 * time.Second: "4 s", 74_200 * time.Millisecond: "74 s"} {
		if got := Approximately(d); got != want {
			t.Errorf("%s, approximately: got %q, want %q", d, got, want)
		}
	}
}
