package evidence

import (
	"regexp"
	"unicode/utf8"
)

// Cut is the beginning of a text in at most so many bytes, cut between characters.
func Cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	at := max(most, 0)
	for back := 0; back < utf8.UTFMax && at > 0 && !utf8.RuneStart(s[at]); back++ {
		at--
	}
	return s[:at]
}

// Excerpt is Cut with an ellipsis behind what was cut, which comes on top.
func Excerpt(s string, most int) string {
	if c := Cut(s, most); len(c) < len(s) {
		return c + "…"
	}
	return s
}

var (
	shaLike  = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	wholeSHA = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
)

// LikeSHA reports whether a revision may be a commit's name, or the beginning of one.
func LikeSHA(r string) bool { return shaLike.MatchString(r) }

// WholeSHA reports whether a revision is a commit's whole name, SHA-1 or SHA-256.
func WholeSHA(r string) bool { return wholeSHA.MatchString(r) }

// ShortRevision is a revision as people compare it: of a commit's name the first
// seven digits, any other as it is.
func ShortRevision(r string) string {
	const most, shown = 12, 7
	if len(r) > most && LikeSHA(r) {
		return r[:shown]
	}
	return r
}
