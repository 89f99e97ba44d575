package suspect

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// wordModel compares commits with the failure by TF-IDF and cosine: a word
// weighs (1 + log count) times log((1 + n) / (1 + commits that have it)) + 1, as
// in Salton and Buckley's ltc weighting with add-one smoothing. It knows the
// commits at hand and nothing else, so that what all of them speak of counts
// little.
type wordModel struct {
	query  map[string]float64
	docs   map[string]map[string]float64 // by SHA
	idf    map[string]float64
	length float64 // of the query
}

// weightedText is a piece of the failure's text and how much it tells.
type weightedText struct {
	text   string
	weight float64
}

func newWordModel(texts []weightedText, cs []Candidate, named func(string) string) wordModel {
	m := wordModel{query: map[string]float64{}, docs: map[string]map[string]float64{}, idf: map[string]float64{}}
	counts := map[string]int{}
	for i := range cs {
		cm := cs[i].Commit
		doc := map[string]float64{}
		for _, text := range []string{cm.Message, strings.Join(cm.Files, " "), cm.Diff} {
			for _, w := range terms(text) {
				doc[w]++
			}
		}
		for w := range doc {
			if named(w) != "" {
				delete(doc, w) // where a commit is live is another term's business
				continue
			}
			counts[w]++
		}
		m.docs[cm.SHA] = doc
	}
	for w, n := range counts {
		m.idf[w] = math.Log(float64(1+len(cs))/float64(1+n)) + 1
	}
	for _, t := range texts {
		for _, w := range terms(t.text) {
			if m.idf[w] > 0 {
				m.query[w] += t.weight
			}
		}
	}
	m.length = m.norm(m.query)
	return m
}

// terms are the words of a text that can tell one commit from another: of three
// letters or more, and neither language keywords nor filler. Compound names
// count whole as well as by their words.
func terms(text string) []string {
	var out []string
	for _, w := range mechanism.Words(text) {
		if len(w) > 2 && !isFiller(w) {
			out = append(out, w)
		}
	}
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) {
		if len(name) > 6 && len(name) < 60 && len(mechanism.Words(name)) > 1 {
			out = append(out, strings.ToLower(name))
		}
	}
	return out
}

func isFiller(w string) bool {
	switch w {
	case "the", "and", "for", "with", "from", "this", "that", "not", "err", "error", "errors", "nil", "null", "none", "return", "func", "string", "int", "var", "const", "new", "get", "set", "true", "false", "ctx", "context", "service", "services", "src", "main", "com", "org", "http", "https", "handler", "request", "response", "status", "code", "info", "warn", "level", "msg", "message", "time", "trace", "span", "import", "package", "public", "private", "static", "final", "class", "def", "self", "above", "below", "over", "into", "are", "was", "has", "its", "refactor", "feat", "fix", "chore", "add", "tidy":
		return true
	}
	return false
}

func (m wordModel) weight(w string, count float64) float64 { return (1 + math.Log(count)) * m.idf[w] }

func (m wordModel) norm(doc map[string]float64) float64 {
	// Summed in order of word: the order of a map would show in the last digit.
	sum := 0.0
	for _, w := range sortedWords(doc) {
		x := m.weight(w, max(1, doc[w]))
		sum += x * x
	}
	return math.Sqrt(sum)
}

func sortedWords(doc map[string]float64) []string {
	words := make([]string, 0, len(doc))
	for w := range doc {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// similarity is the cosine between a commit and the failure, with the words that
// contribute most, at most four.
func (m wordModel) similarity(sha string) (float64, []string) {
	doc := m.docs[sha]
	if len(doc) == 0 || m.length == 0 {
		return 0, nil
	}
	type part struct {
		word  string
		value float64
	}
	var parts []part
	dot := 0.0
	for _, w := range sortedWords(m.query) {
		if doc[w] > 0 {
			v := m.weight(w, max(1, m.query[w])) * m.weight(w, doc[w])
			dot += v
			parts = append(parts, part{w, v})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.word, b.word)) })
	var shared []string
	for _, p := range parts[:min(4, len(parts))] {
		shared = append(shared, p.word)
	}
	return dot / (m.length * m.norm(doc)), shared
}
