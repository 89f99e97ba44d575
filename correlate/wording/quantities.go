package wording

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// inUnit writes a value with its unit, in the size that reads best.
func inUnit(x float64, unit string) string {
	switch unit {
	case "s":
		switch a := Abs(x); {
		case a == 0 || a >= 1:
			return fmt.Sprintf("%.3g s", x)
		case a >= 1e-3:
			return fmt.Sprintf("%.3g ms", x*1e3)
		default:
			return fmt.Sprintf("%.3g µs", x*1e6)
		}
	case "By", "By/s":
		for _, s := range []struct {
			size float64
			name string
		}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
			if Abs(x) >= s.size {
				return fmt.Sprintf("%.3g %s%s", x/s.size, s.name, strings.TrimPrefix(unit, "By"))
			}
		}
	case "1/s":
		return fmt.Sprintf("%.4g a second", x)
	}
	return strings.TrimSpace(fmt.Sprintf("%.4g %s", x, cmp.Or(unit, "")))
}

func Abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

// Below says a duration by a bound above it, where it is that far below another
// one that only a unit tells them apart and its digits say nothing: "under 1 ms".
// It is empty elsewhere.
func Below(was, is float64, unit string) string {
	const apart = 100
	if unit != "s" || was <= 0 || is < apart*was {
		return ""
	}
	for _, bound := range []float64{1e-6, 1e-3, 1} {
		if was < bound && bound <= is {
			return "under " + Amount(bound, unit)
		}
	}
	return ""
}

// Both says two durations in seconds against each other, with as many digits
// as tell them apart.
func Both(was, is float64, what string) string {
	from, to := Amount(was, "s"), Amount(is, "s")
	if from == to {
		from, to = Quantity(was, "s"), Quantity(is, "s")
	}
	return to + " " + what + " instead of " + cmp.Or(Below(was, is, "s"), from)
}

// ProducesWords says what a commit does that produces what is seen.
func ProducesWords(entity, does string) string { return "in " + entity + " " + does }

// Spoken is a metric's name without what only the naming convention puts there:
// who exports it, the unit, the kind.
func Spoken(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == ':' || r == '.' })
	for len(words) > 1 && slices.Contains([]string{"go", "process", "memstats", "container", "node", "http"}, words[0]) {
		words = words[1:]
	}
	for len(words) > 1 && slices.Contains([]string{"total", "seconds", "milliseconds", "ms", "bytes", "percent", "count", "sum", "bucket"}, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return name
	}
	for i, w := range words {
		words[i] = cmp.Or(unabbreviated[w], w)
	}
	return strings.Replace(strings.Join(words, " "), "next garbage collection", "heap goal", 1)
}

// unabbreviated are words of runtimes' metrics that people do not say.
var unabbreviated = map[string]string{
	"gc": "garbage collection", "fds": "files", "inuse": "in use", "alloc": "allocated", "mallocs": "allocations", "sys": "from the system",
}

// SpokenCount names what a metric of durations counts: server request duration is of
// server requests.
func SpokenCount(name string) string {
	return strings.TrimSuffix(WithoutWords(Spoken(name), "duration", "latency", "time"), "s") + "s"
}

func WithoutWords(s string, drop ...string) string {
	kept := slices.DeleteFunc(strings.Fields(s), func(w string) bool { return slices.Contains(drop, w) })
	if len(kept) == 0 {
		return s
	}
	return strings.Join(kept, " ")
}

// Amount is a value for a sentence: two digits that matter, no more.
func Amount(x float64, unit string) string {
	switch unit {
	case "s", "By", "By/s":
		number, u, ok := strings.Cut(inUnit(x, unit), " ")
		if v, err := strconv.ParseFloat(number, 64); ok && err == nil {
			return TwoDigits(v) + " " + u
		}
		return inUnit(x, unit)
	case "1/s":
		return TwoDigits(x) + " a second"
	case "%":
		return TwoDigits(x) + " %"
	}
	return strings.TrimSpace(TwoDigits(x) + " " + unit)
}

func TwoDigits(x float64) string {
	switch a := Abs(x); {
	case a >= 10 || a == 0:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case a >= 1:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}

// Quantity renders a measured value with its unit, as people read it.
func Quantity(x float64, unit string) string { return inUnit(x, unit) }
