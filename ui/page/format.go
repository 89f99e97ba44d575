package page

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// duration words a duration as every sentence does, each number and its unit on one
// line.
func duration(d time.Duration) string { return unbroken(wording.Duration(d)) }

// roughly words how far something was from the onset, which is found and not seen.
func roughly(d time.Duration) string { return unbroken(wording.Approximately(d)) }

// age words how old something is in the two letters of a blame margin.
func age(d time.Duration) string {
	days := int(d.Hours() / 24)
	switch {
	case d < time.Hour:
		return strconv.Itoa(max(int(d.Minutes()), 0)) + "min"
	case days < 2:
		return strconv.Itoa(int(d.Hours())) + "h"
	case days < 60:
		return strconv.Itoa(days) + "d"
	case days < 730:
		return strconv.Itoa(days/30) + "mo"
	}
	return strconv.Itoa(days/365) + "y"
}

// points words milli-points with their sign: whole numbers, as the report's
// sentences and its JSON have them.
func points(milli int) string {
	if milli < 0 {
		return "−" + count(-milli)
	}
	return "+" + count(milli)
}

// score words a sum of milli-points.
func score(milli int) string {
	if milli < 0 {
		return points(milli)
	}
	return count(milli)
}

// burn words how many times too fast an error budget burns.
func burn(x float64) string {
	if x >= 10 {
		return trim(x, 0) + "×"
	}
	return trim(x, 1) + "×"
}

// count words a whole number with thousands set apart.
func count(n int) string { return wording.Thousands(n) }

// value words a measured value in its unit, three digits that matter.
func value(v float64, unit string) string {
	switch unit {
	case "s":
		if math.Abs(v) < 1e9 {
			return duration(time.Duration(v * float64(time.Second)))
		}
	case "ms":
		if math.Abs(v) < 1e12 {
			return duration(time.Duration(v * float64(time.Millisecond)))
		}
	case "By":
		return bytes(v)
	case "%":
		return digits(v) + nbsp + "%"
	case "1/s":
		return digits(v) + "/s"
	}
	return digits(v)
}

func bytes(v float64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for math.Abs(v) >= 1024 && i < len(units)-1 {
		v /= 1024
		i++
	}
	return digits(v) + nbsp + units[i]
}

func digits(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e15:
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 100:
		return count(int(math.Round(v)))
	case a >= 10:
		return trim(v, 1)
	case a >= 0.01 || a == 0:
		return trim(v, 2)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}

// trim prints with at most n decimals and no trailing zeros.
func trim(v float64, n int) string {
	s := strconv.FormatFloat(v, 'f', n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return strings.Replace(s, "-", "−", 1)
}

// plural words a count of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1" + nbsp + one
	}
	return count(n) + nbsp + many
}

// revision shortens a commit or version to what people compare.
func revision(s string) string {
	if len(s) >= 20 && strings.Trim(s, "0123456789abcdef") == "" {
		return s[:7]
	}
	return short(s, 40)
}
