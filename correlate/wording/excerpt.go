package wording

import (
	"regexp"
)

// Excerpt cuts a text for a reference, at a rune's boundary.
func Excerpt(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	cut := most
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}

func ShortRevision(r string) string {
	if ShaLike.MatchString(r) && len(r) > 12 {
		return r[:7]
	}
	return r
}

var ShaLike = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

var wholeSHA = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

// WholeSHA reports whether a revision is a commit's whole name, SHA-1 or SHA-256.
func WholeSHA(r string) bool { return wholeSHA.MatchString(r) }

// Shorten cuts a text for a reference, at a rune boundary.
func Shorten(s string) string {
	const most = 240
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
