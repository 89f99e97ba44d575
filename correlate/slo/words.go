package slo

import (
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Percent words a target: 99.9 %. Ten digits hide what floating point adds.
func Percent(x float64) string {
	return strconv.FormatFloat(100*x, 'g', 10, 64) + " %"
}

// duration reads a duration as Prometheus and OpenSLO write it: 30m, 4w, 2d.
func duration(text string) (time.Duration, bool) {
	d, err := model.ParseDuration(text)
	return time.Duration(d), err == nil && d > 0
}

// Span words a duration in its two largest units: 6 days, 2 d 2 h, 35 min.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	units := []struct {
		of   time.Duration
		word string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	for i, u := range units {
		if d < u.of && i < len(units)-1 {
			continue
		}
		text := strconv.FormatInt(int64(d/u.of), 10) + " " + u.word
		if i+1 < len(units) && d/u.of < 10 {
			if n := d % u.of / units[i+1].of; n > 0 {
				text += " " + strconv.FormatInt(int64(n), 10) + " " + units[i+1].word
			}
		}
		return text
	}
	return "0 s"
}

// longest is the longest name, in bytes, that is taken over from a label.
const longest = 120

func short(name string) string {
	return evidence.Excerpt(name, longest)
}
