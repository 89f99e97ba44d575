package logline

import (
	"strconv"
	"strings"
	"time"
)

// stampLength is how many bytes a time takes at the start of a text, 0 when
// there is none: a date with a clock, a date of syslog, or a clock alone.
func stampLength(s string) int {
	switch {
	case len(s) < 7:
		return 0
	case s[0] >= '0' && s[0] <= '9':
		return numericStamp(s)
	case s[0] >= 'A' && s[0] <= 'Z':
		return namedStamp(s)
	}
	return 0
}

// digits counts the digits at i, at most n.
func digits(s string, i, n int) int {
	k := 0
	for k < n && i+k < len(s) && s[i+k] >= '0' && s[i+k] <= '9' {
		k++
	}
	return k
}

func numericStamp(s string) int {
	i := 0
	switch n := digits(s, 0, 5); {
	case n == 4 && len(s) > 10 && (s[4] == '-' || s[4] == '/' || s[4] == '.') && digits(s, 5, 2) == 2 && s[7] == s[4] && digits(s, 8, 2) == 2:
		i = 10 // 2026-01-02
	case (n == 1 || n == 2) && len(s) > n+4 && (s[n] == ' ' || s[n] == '/' || s[n] == '-') && isMonth(s[n+1:]) && digits(s, n+5, 4) == 4:
		i = n + 9 // 02 Jan 2026, 02/Jan/2026
	case (n == 1 || n == 2) && len(s) > n+4 && (s[n] == '/' || s[n] == '.'):
		return localStamp(s, n)
	case (n == 1 || n == 2) && len(s) > n && s[n] == ':':
		return clock(s, 0)
	case n == 5 && s[0] == '1':
		return unixStamp(s)
	default:
		return 0
	}
	if i >= len(s) {
		return 0
	}
	if c := s[i]; c != 'T' && c != ' ' && c != ':' && c != '_' && c != 't' {
		return 0
	}
	end := clock(s, i+1)
	if end == 0 {
		return 0
	}
	return zone(s, end)
}

// localStamp reads a date as places write it, whose first two numbers may be the
// month and the day or the other way round: 05/11/2026, 8:21:07 AM. Spark writes
// the year first, with two digits.
func localStamp(s string, n int) int {
	second := digits(s, n+1, 3)
	if second == 0 || second > 2 || n+1+second >= len(s) || s[n+1+second] != s[n] {
		return 0
	}
	i := n + 2 + second
	third := digits(s, i, 5)
	if third != 2 && third != 4 {
		return 0
	}
	i += third
	if i < len(s) && s[i] == ',' {
		i++
	}
	if i >= len(s) || s[i] != ' ' {
		return 0
	}
	end := clock(s, i+1)
	if end > 0 && end+3 <= len(s) && (s[end:end+3] == " AM" || s[end:end+3] == " PM") {
		end += 3
	}
	return end
}

// unixStamp reads seconds or milliseconds since 1970, of this age: 10 digits with
// a fraction, or 13.
func unixStamp(s string) int {
	n := digits(s, 0, 14)
	if n == 10 && len(s) > 11 && s[10] == '.' {
		n += 1 + digits(s, 11, 9)
	} else if n != 13 {
		return 0
	}
	if n >= len(s) || s[n] != ' ' && s[n] != '\t' {
		return 0
	}
	return n
}

func isMonth(s string) bool {
	return len(s) >= 3 && strings.Contains("JanFebMarAprMayJunJulAugSepOctNovDec", s[:3])
}

// namedStamp reads Jan _2 15:04:05, Mon Jan _2 15:04:05.000 2006, and the Jan 02,
// 2006 3:04:05 PM of Java's own logging.
func namedStamp(s string) int {
	i := 0
	if len(s) > 12 && s[3] == ' ' && strings.Contains("MonTueWedThuFriSatSun", s[:3]) {
		i = 4
	} else if len(s) > 13 && s[3] == ',' {
		i = 5
	}
	if !isMonth(s[i:]) || len(s) < i+7 || s[i+3] != ' ' {
		return 0
	}
	i += 4
	if s[i] == ' ' {
		i++
	}
	n := digits(s, i, 2)
	if n > 0 && i+n+6 < len(s) && s[i+n] == ',' && digits(s, i+n+2, 5) == 4 {
		end := clock(s, i+n+7)
		if end > 0 && end+3 <= len(s) && (s[end:end+3] == " AM" || s[end:end+3] == " PM") {
			end += 3
		}
		return end
	}
	if n == 0 || i+n >= len(s) || s[i+n] != ' ' {
		return 0
	}
	end := clock(s, i+n+1)
	if end > 0 && digits(s, end+1, 5) == 4 && s[end] == ' ' {
		end += 5
	}
	return end
}

// clock is the end of 15:04:05[.000] or 3:04PM at i, 0 when there is none.
func clock(s string, i int) int {
	n := digits(s, i, 2)
	if n == 0 || i+n >= len(s) || s[i+n] != ':' || digits(s, i+n+1, 2) != 2 {
		return 0
	}
	end := i + n + 3
	if end+2 <= len(s) && (s[end:end+2] == "AM" || s[end:end+2] == "PM") {
		return end + 2
	}
	if end >= len(s) || s[end] != ':' || digits(s, end+1, 2) != 2 {
		return 0
	}
	end += 3
	if end < len(s) && (s[end] == '.' || s[end] == ',') {
		if n := digits(s, end+1, 9); n > 0 {
			end += 1 + n
		}
	}
	return end
}

// zone is the end of a zone after a clock: Z, +02:00, " +0000", " UTC".
func zone(s string, i int) int {
	if i < len(s) && (s[i] == 'Z' || s[i] == 'z') {
		return i + 1
	}
	j := i
	if j < len(s) && s[j] == ' ' {
		j++
	}
	if j+5 <= len(s) && (s[j] == '+' || s[j] == '-') {
		if digits(s, j+1, 4) == 4 {
			return j + 5
		}
		if j+6 <= len(s) && digits(s, j+1, 2) == 2 && s[j+3] == ':' && digits(s, j+4, 2) == 2 {
			return j + 6
		}
	}
	if j > i && j+3 <= len(s) && (s[j:j+3] == "UTC" || s[j:j+3] == "GMT" || s[j:j+3] == "CET") {
		return j + 3
	}
	return i
}

// layouts are the dates whose zone is known or is taken for UTC.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02T15:04:05.999999999-0700",
	"2006-01-02 15:04:05.999999999 MST", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006/01/02 15:04:05.999999999",
	"02/Jan/2006:15:04:05 -0700", "Jan 2. 2006 3:04:05 PM", "02 Jan 2006 15:04:05.999",
}

// instant reads a time with its date, or Unix seconds, milliseconds,
// microseconds or nanoseconds; zero for anything else.
func instant(s string) time.Time {
	if s == "" || len(s) > 64 {
		return time.Time{}
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		for _, unit := range []float64{1e9, 1e6, 1e3, 1} {
			if ns := x * unit; ns >= 1e17 && ns < 9e18 {
				return time.Unix(0, int64(ns)).UTC()
			}
		}
		return time.Time{}
	}
	s = strings.Replace(s, ",", ".", 1)
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
