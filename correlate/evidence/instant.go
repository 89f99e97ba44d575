package evidence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// unixTime is a Unix time in seconds, perhaps with a fraction, or in whole
// milli-, micro- or nanoseconds: 10, 13, 16 or 19 digits.
var unixTime = regexp.MustCompile(`^(\d{10})(?:\.(\d{1,9})|(\d{3}|\d{6}|\d{9}))?$`)

// ParseInstant reads a time as people write and copy it: RFC 3339, also with a
// blank for the T and without seconds; Unix time; what date(1), HTTP and the
// pages print. A time without a zone is UTC, as on the pages; one without a
// year or a date is the latest such time up to now. Anything else is
// ErrInvalid. The result is in UTC.
func ParseInstant(s string, now time.Time) (time.Time, error) {
	text := strings.Join(strings.Fields(s), " ")
	if m := unixTime.FindStringSubmatch(text); m != nil {
		seconds, _ := strconv.ParseInt(m[1], 10, 64) // ten digits always fit
		nanos, _ := strconv.ParseInt((m[2] + m[3] + "000000000")[:9], 10, 64)
		return time.Unix(seconds, nanos).UTC(), nil
	}
	if t, err := time.Parse(time.UnixDate, text); err == nil && t.Location() == time.UTC {
		return t, nil
	}
	if utc, found := strings.CutSuffix(strings.TrimSuffix(text, " GMT"), " UTC"); found || utc != text {
		text = utc + "Z"
	}
	for _, date := range []string{"2006-01-02T", "2006-01-02 ", "2 Jan 2006, ", "2 Jan 2006 ", "Mon, 2 Jan 2006 ", "2 Jan, ", "2 Jan ", ""} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"", "Z07:00", "Z0700", "Z07", " Z07:00", " Z0700", " Z07"} {
				if t, err := time.Parse(date+clock+zone, text); err == nil {
					return latest(t.UTC(), date, now.UTC()), nil
				}
			}
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is no time that can be read; write it as 2024-08-01T02:51:07Z: %w", s, ErrInvalid)
}

// latest fills in what a layout leaves out so that t is the last such time that
// is not after now.
func latest(t time.Time, date string, now time.Time) time.Time {
	switch {
	case strings.Contains(date, "2006"):
		return t
	case date != "":
		if t = t.AddDate(now.Year(), 0, 0); t.After(now) {
			t = t.AddDate(-1, 0, 0)
		}
		return t
	}
	t = time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	if t.After(now) {
		t = t.AddDate(0, 0, -1)
	}
	return t
}
