package wording

import "github.com/wherefore-dev/wherefore/correlate/evidence"

// Excerpt cuts a text for a reference or a sentence.
func Excerpt(text string) string {
	const most = 300
	return evidence.Excerpt(text, most)
}
