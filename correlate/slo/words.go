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

// longest is the longest name, in bytes, that is taken over from a label.
const longest = 120

func short(name string) string {
	return evidence.Excerpt(name, longest)
}
