package wording

import (
	"fmt"
	"time"
)

// Approximately says a duration the way people do, to a minute from one on.
func Approximately(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int((d+30*time.Second)/time.Minute))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int((d+30*time.Minute)/time.Hour))
	default:
		return fmt.Sprintf("%d days", int((d+12*time.Hour)/(24*time.Hour)))
	}
}

func DaysAgo(n int) string {
	if n == 1 {
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", n)
}
