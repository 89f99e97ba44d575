//go:build unworded

package wording

// Say gives the id of a sentence in its place.
func Say(id, sentence string) string {
	if sentence == "" {
		return ""
	}
	return "<" + id + ">"
}
