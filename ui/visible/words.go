package visible

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ShortHashes cuts every word of 40 hex digits, a full commit hash, to the
// seven that people compare.
func ShortHashes(s string) string {
	const full = 40
	if len(s) < full {
		return s
	}
	var b strings.Builder
	word := 0 // where the present run of letters and digits starts
	flush := func(end int) {
		if end-word == full && strings.Trim(s[word:end], "0123456789abcdef") == "" {
			b.WriteString(s[word : word+7])
		} else {
			b.WriteString(s[word:end])
		}
	}
	for i := range len(s) { // by byte: what is no letter or digit is copied as it is
		r := s[i]
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			continue
		}
		flush(i)
		b.WriteByte(r)
		word = i + 1
	}
	flush(len(s))
	return b.String()
}

// Capital begins s with a capital letter, unless the first word is one of the
// names or looks like one.
func Capital(s string, names ...string) string {
	first, _, _ := strings.Cut(s, " ")
	r, size := utf8.DecodeRuneInString(s)
	if slices.Contains(names, first) || strings.ContainsAny(first, "_-./:") || size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// Sources says how many of the sources that were asked had something and, to follow
// it, which had nothing or failed; without is empty where all had something.
func Sources(told, empty, failed []string) (had, without string) {
	had = fmt.Sprintf("%d of %d sources had data", len(told), len(told)+len(empty)+len(failed))
	var not []string
	if len(empty) > 0 {
		not = append(not, "empty: "+strings.Join(empty, ", "))
	}
	if len(failed) > 0 {
		not = append(not, "failed: "+strings.Join(failed, ", "))
	}
	if len(not) > 0 {
		without = " (" + strings.Join(not, "; ") + ")"
	}
	return had, without
}
