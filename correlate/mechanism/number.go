package mechanism

import (
	"strconv"
	"strings"
)

// mostUnit is how long a unit is at most that stands right behind its number.
const mostUnit = 3

// mostInCall is how many tokens of a call's arguments are looked at for a unit.
const mostInCall = 3

// The units of time in seconds.
const (
	secondsPerMinute = 60
	secondsPerHour   = 3600
	secondsPerDay    = 86400
)

// numeric reads a number, bare or quoted, with its unit.
func numeric(toks []token, i int) (v float64, unit string, ok bool) {
	t := toks[i]
	if t.kind != numberToken && (t.kind != stringToken || t.text == "" || !isDigit(t.text[0])) {
		return 0, "", false
	}
	s := strings.ReplaceAll(t.text, "_", "")
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '.') {
		n++
	}
	v, err := strconv.ParseFloat(s[:n], 64)
	if err != nil || len(s)-n > mostUnit {
		return 0, "", false
	}
	unit = s[n:]
	if unit != "" && scale(unit) == 1 && !strings.ContainsAny(unit, "sLlfFdDuU") {
		return 0, "", false
	}
	if i > 0 && toks[i-1].text == "-" && (i == 1 || toks[i-2].kind == punctToken) {
		v = -v
	}
	return v, unit, true
}

// product follows "5 * time.Second" and "60 * 1000" to the right.
func product(toks []token, i int, v float64, unit string) (float64, string, int) {
	for i+2 < len(toks) && toks[i+1].text == "*" {
		if w, u, ok := numeric(toks, i+2); ok {
			v, i = v*w, i+2
			if u != "" {
				unit = u
			}
			continue
		}
		if toks[i+2].kind != identToken {
			break
		}
		j := i + 2
		for j+2 < len(toks) && toks[j+1].text == "." && toks[j+2].kind == identToken {
			j += 2
		}
		if scale(toks[j].text) != 1 || strings.EqualFold(toks[j].text, "second") || strings.EqualFold(toks[j].text, "seconds") {
			unit = toks[j].text
		}
		i = j
	}
	if i+3 < len(toks) && unit == "" && toks[i+1].text == "," { // get(5, TimeUnit.SECONDS)
		if u := toks[i+2].text; u == "TimeUnit" || u == "ChronoUnit" {
			for _, t := range toks[i+3 : min(len(toks), i+3+mostInCall)] {
				if isUnit(t.text) {
					return v, t.text, i
				}
			}
		}
	}
	return v, unit, i
}

// constructorUnit is the unit of a call around the number: Duration.ofSeconds(5),
// TimeSpan.FromMinutes(5), timedelta(hours=5), 5.seconds.
func constructorUnit(toks []token, i int) string {
	if i+2 < len(toks) && toks[i+1].text == "." && isUnit(toks[i+2].text) {
		return toks[i+2].text
	}
	for j := i - 1; j >= 0 && j >= i-2; j-- {
		if toks[j].kind == identToken && isUnit(toks[j].text) {
			return toks[j].text
		}
	}
	return ""
}

func isUnit(s string) bool {
	w := splitWords(s)
	if len(w) != 1 && (len(w) != 2 || w[0] != "of" && w[0] != "from") {
		return false
	}
	switch w[len(w)-1] {
	case "nanos", "nanosecond", "nanoseconds", "micros", "microsecond", "microseconds", "millis", "millisecond", "milliseconds",
		"second", "seconds", "minute", "minutes", "hour", "hours", "day", "days":
		return true
	}
	return false
}

// scale is how many seconds or bytes one of a unit is, 1 when it is neither.
func scale(unit string) float64 {
	switch unit {
	case "m":
		return secondsPerMinute
	case "h":
		return secondsPerHour
	case "d":
		return secondsPerDay
	case "ms":
		return 1e-3
	case "us":
		return 1e-6
	case "ns":
		return 1e-9
	case "k", "K", "kb", "KB", "kB":
		return 1e3
	case "M", "MB", "mb":
		return 1e6
	case "g", "G", "GB", "gb":
		return 1e9
	case "Ki", "KiB":
		return 1 << 10
	case "Mi", "MiB":
		return 1 << 20
	case "Gi", "GiB":
		return 1 << 30
	}
	if !isUnit(unit) {
		return 1
	}
	w := splitWords(unit)
	switch last := w[len(w)-1]; {
	case strings.HasPrefix(last, "nano"):
		return 1e-9
	case strings.HasPrefix(last, "micro"):
		return 1e-6
	case strings.HasPrefix(last, "milli"):
		return 1e-3
	case strings.HasPrefix(last, "minute"):
		return secondsPerMinute
	case strings.HasPrefix(last, "hour"):
		return secondsPerHour
	case strings.HasPrefix(last, "day"):
		return secondsPerDay
	}
	return 1
}
