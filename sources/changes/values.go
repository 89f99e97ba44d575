package changes

import (
	"regexp"
	"strings"
	"time"
)

// maxAhead is how far in the future a change may lie: clocks differ.
const maxAhead = 5 * time.Minute

// instant reads a time with a zone as senders write it: RFC 3339, or with the
// zone as +0000, which PagerDuty documents.
func instant(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, invalid("the time %.40q is none with a zone, as 2026-03-01T02:44:10Z", s)
}

// instantOr reads the first time that is there, now when none is: it is when the
// announcement came.
func instantOr(now time.Time, times ...string) (time.Time, error) {
	for _, s := range times {
		if s != "" {
			return instant(s)
		}
	}
	return now.UTC(), nil
}

var (
	hexSHA   = regexp.MustCompile(`^[0-9a-fA-F]{7,64}$`)
	sha1Part = regexp.MustCompile(`(?:^|[@/:])(?:sha1:)?([0-9a-fA-F]{40})$`)
)

// commitOf is the commit in a revision: a SHA, or the end of Flux's
// main@sha1:SHA and main/SHA; empty where it is a version.
func commitOf(revision string) string {
	if hexSHA.MatchString(revision) {
		return strings.ToLower(revision)
	}
	if m := sha1Part.FindStringSubmatch(revision); m != nil {
		return strings.ToLower(m[1])
	}
	return ""
}

// notCommit is a revision that is no commit.
func notCommit(revision string) string {
	if commitOf(revision) != "" {
		return ""
	}
	return revision
}

// attributes are pairs of names and values, those without a value left out; nil
// when none is left.
func attributes(pairs ...string) map[string]string {
	var out map[string]string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out = with(out, pairs[i], pairs[i+1])
		}
	}
	return out
}

func with(m map[string]string, name, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[name] = value
	return m
}
