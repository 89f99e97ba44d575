package suspect

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// identifier is a name as programs and messages write it; quoted routes, events
// and keys with dots, dashes and slashes are taken whole besides.
var identifier = regexp.MustCompile(`[A-Za-z_$][A-Za-z0-9_$]{2,59}`)

// joint is a name of several parts: an event, a route, a flag, a setting.
var joint = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*(?:[./:-][A-Za-z0-9_]+){1,6}`)

// figure is an amount with at least two digits, its unit included.
var figure = regexp.MustCompile(`\b\d[\d.]*\d(?:ns|us|ms|s|m|h|kb|mb|gb|Ki|Mi|Gi|%)?\b`)

// status is what looks like the status of an HTTP response.
var status = regexp.MustCompile(`^[1-5][0-9][0-9]$`)

var withoutSeparators = strings.NewReplacer("_", "", "$", "", "-", "", ".", "", "/", "", ":", "")

// plain is a name without case and separators: maxConns and MAX_CONNS are one.
func plain(name string) string {
	return strings.ToLower(withoutSeparators.Replace(name))
}

// letters is how long words and names must be to be read as such.
type letters weights.Letters

// compound reports whether a name is one that somebody made up rather than a word
// of the language: several words, or all capitals.
func (by letters) compound(name string) bool {
	if len(mechanism.Words(name)) > 1 {
		return true
	}
	return len(name) >= by.Name && strings.ToUpper(name) == name && strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// namesIn are the names in a text, by their plain form: true for compound ones.
func (by letters) namesIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, n := range identifier.FindAllString(text, -1) {
		if c := by.compound(n); c || len(n) >= by.Name && !isFiller(strings.ToLower(n)) {
			out[plain(n)] = out[plain(n)] || c
		}
	}
	for _, n := range joint.FindAllString(text, -1) {
		out[plain(n)] = true
	}
	return out
}

// pointed is a single word that a message points at as a name: in quotes, called,
// said to be no function or not defined.
var pointed = regexp.MustCompile("['\"`‘“]([A-Za-z_$][A-Za-z0-9_$]{2,59})['\"`’”]|\\b([A-Za-z_$][A-Za-z0-9_$]{2,59})(?:\\(\\)|(?:\\(\\))? (?:is not|isn't|was not|not) (?:a function|defined|iterable|callable|found|a constructor|registered|bound))|undefined: ([A-Za-z_$][A-Za-z0-9_$]{2,59})")

// isRecord reports whether what stands between quotes is a key or a value of a
// record rather than a name in a sentence.
func isRecord(before, after string) bool {
	before, after = strings.TrimRight(before, " \t"), strings.TrimLeft(after, " \t")
	return before != "" && strings.IndexByte("{[,:=", before[len(before)-1]) >= 0 || after != "" && strings.IndexByte(":=", after[0]) >= 0
}

// saidIn are the names in what a failing system says: as namesIn, without the
// runtimes' own words; what a message points at is made up however plain.
func (by letters) saidIn(text string) map[string]bool {
	out := by.namesIn(text)
	for _, m := range pointed.FindAllStringSubmatchIndex(text, -1) {
		for group, at := range slices.Collect(slices.Chunk(m[2:], 2)) {
			if at[0] < 0 || group == 0 && isRecord(text[:m[0]], text[m[1]:]) {
				continue
			}
			if n := text[at[0]:at[1]]; !isFiller(strings.ToLower(n)) {
				out[plain(n)] = true
			}
		}
	}
	maps.DeleteFunc(out, func(n string, _ bool) bool { return isRuntimeWord(n) })
	return out
}

// figuresIn are the amounts in a text that are particular: with a unit, or of
// so many digits and neither round nor a status code.
func (by letters) figuresIn(text string) []string {
	var out []string
	for _, n := range figure.FindAllString(text, -1) {
		bare := strings.Trim(n, "0123456789.") == ""
		if bare && (len(n) < by.Digits || status.MatchString(n) || strings.HasSuffix(n, "00")) || slices.Contains(out, n) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// partsIn are the beginnings and ends of the longer names in a
// text: a limit, a column or a handler is called after the thing that it is of.
func (by letters) partsIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, n := range slices.Concat(identifier.FindAllString(text, -1), joint.FindAllString(text, -1)) {
		words := mechanism.Words(n)
		for k := by.PartWords; k < len(words); k++ {
			for _, part := range [][]string{words[:k], words[len(words)-k:]} {
				if p := strings.Join(part, ""); len(p) >= by.Part {
					out[p] = true
				}
			}
		}
	}
	return out
}

// pairsIn are words that stand side by side in what a system says, as one name:
// messages write settlement batching where the code has settlementBatching.
func (by letters) pairsIn(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		words := mechanism.Words(line)
		for i := 1; i < len(words); i++ {
			a, b := words[i-1], words[i]
			if len(a) >= by.Word && len(b) >= by.Word && !isFiller(a) && !isFiller(b) && !(isRuntimeWord(a) && isRuntimeWord(b)) && len(a)+len(b) >= by.Pair {
				out[a+b] = true
			}
		}
	}
	return out
}
