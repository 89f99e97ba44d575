package suspect

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// wordModel compares commits with the failure by BM25 (Robertson and Zaragoza,
// 2009): a word weighs log((1 + n) / (1 + commits that have it)) + 1, its count
// in a commit saturates, and a long commit is not punished for its length alone.
// It knows the commits at hand and nothing else, so that what all of them speak
// of counts little.
type wordModel struct {
	query  map[string]float64
	docs   map[string]map[string]float64 // by SHA
	idf    map[string]float64
	length map[string]float64 // of docs, in words
	mean   float64            // of length
	by     weights.Names
}

// weightedText is a piece of the failure's text and how much it tells.
type weightedText struct {
	text   string
	weight float64
	whole  string // with the frames of code that is not the service's
	ref    evidence.Ref
}

func newWordModel(texts []weightedText, cs []Candidate, named func(string) string, by *weights.Commit) wordModel {
	at := letters(by.Letters)
	m := modelOf(cs, func(text string) []string {
		return slices.DeleteFunc(at.terms(text), func(w string) bool { return named(w) != "" })
	}, by)
	for _, t := range texts {
		for _, w := range at.terms(t.text) {
			if m.idf[w] > 0 {
				m.query[w] += t.weight
			}
		}
	}
	return m
}

// newRaisedModel compares what commits do with what brings about what the failure
// says: see raisers.
func newRaisedModel(texts []weightedText, cs []Candidate, by *weights.Commit) wordModel {
	m := modelOf(cs, mechanism.Words, by)
	for _, t := range texts {
		if t.weight < by.Reading.Fails {
			continue
		}
		for w, n := range raisedBy(t.text) {
			if m.idf[w] > 0 {
				m.query[w] = max(m.query[w], t.weight*float64(n))
			}
		}
	}
	return m
}

// modelOf reads the commits, their text split into words.
func modelOf(cs []Candidate, split func(string) []string, by *weights.Commit) wordModel {
	m := wordModel{by: by.Names, query: map[string]float64{}, docs: map[string]map[string]float64{}, idf: map[string]float64{}, length: map[string]float64{}}
	counts := map[string]int{}
	total, read := 0.0, 0
	for i := range cs {
		if cs[i].Commit.Diff == "" {
			continue
		}
		read++
		doc, length := docOf(cs[i].Commit, split)
		for w := range doc {
			counts[w]++
		}
		m.docs[cs[i].Commit.SHA], m.length[cs[i].Commit.SHA] = doc, length
		total += length
	}
	m.mean = max(1, total/float64(max(1, read)))
	for w, n := range counts {
		m.idf[w] = math.Log(float64(1+len(cs))/float64(1+n)) + 1
	}
	return m
}

// docOf counts the words of what a commit changes in files that can run, its
// hunks' headers and the paths; where it is live is another term's business.
func docOf(cm evidence.Commit, split func(string) []string) (map[string]float64, float64) {
	doc, length := map[string]float64{}, 0.0
	add := func(text string) {
		for _, w := range split(text) {
			doc[w]++
			length++
		}
	}
	for _, f := range mechanism.Parse(cm.Diff, cm.Files...).Files {
		if f.Kind.Innocent() {
			continue
		}
		add(f.Path)
		for _, h := range f.Hunks {
			add(h.Header)
			for i := range h.Lines {
				if h.Lines[i].Net {
					add(h.Lines[i].Code)
				}
			}
		}
	}
	return doc, length
}

// terms are the words of a text that can tell one commit from another: long
// enough, and neither language keywords nor filler. Compound names
// count whole as well as by their words.
func (by letters) terms(text string) []string {
	var out []string
	for _, w := range mechanism.Words(text) {
		if len(w) >= by.Word && !isFiller(w) && !isRuntimeWord(w) {
			out = append(out, by.stemmed(w))
		}
	}
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) {
		if len(name) >= by.Compound && len(name) < by.Longest && len(mechanism.Words(name)) > 1 {
			if w := strings.ToLower(name); !isRuntimeWord(w) {
				out = append(out, w)
			}
		}
	}
	return out
}

func isFiller(w string) bool {
	switch w {
	case "than", "then", "when", "which", "while", "have", "been", "were", "will", "would", "could", "should", "cannot", "after", "before", "there", "their", "they", "more", "less", "some", "such", "only", "also", "same", "other", "each", "does", "did", "what", "where", "who", "its", "was", "the", "and", "for", "with", "from", "this", "that", "not", "err", "error", "errors", "nil", "null", "none", "return", "func", "string", "int", "var", "const", "new", "get", "set", "true", "false", "ctx", "context", "service", "services", "src", "main", "com", "org", "http", "https", "handler", "request", "response", "status", "code", "info", "warn", "level", "msg", "message", "time", "trace", "span", "import", "package", "public", "private", "static", "final", "class", "def", "self", "above", "below", "over", "into", "are", "has", "refactor", "feat", "fix", "chore", "add", "tidy":
		return true
	}
	return false
}

func sortedWords(doc map[string]float64) []string {
	words := make([]string, 0, len(doc))
	for w := range doc {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}

// similarity is how much of the failure's words a commit covers, in thousandths,
// with the words that contribute most, at most four.
func (m wordModel) similarity(sha string) (int, []string) {
	doc := m.docs[sha]
	type part struct {
		word  string
		value float64
	}
	var parts []part
	sum, most := 0.0, 0.0
	k, b := m.by.BM25K, m.by.BM25B
	for _, w := range sortedWords(m.query) {
		weight := (1 + math.Log(max(1, m.query[w]))) * m.idf[w]
		most += weight * (1 + k)
		if tf := doc[w]; tf > 0 {
			v := weight * tf * (1 + k) / (tf + k*(1-b+b*m.length[sha]/m.mean))
			sum += v
			parts = append(parts, part{w, v})
		}
	}
	if most == 0 {
		return 0, nil
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.word, b.word)) })
	var shared []string
	for _, p := range parts[:min(4, len(parts))] {
		shared = append(shared, p.word)
	}
	n := float64(len(m.query))
	return int(sum/most*n/(n+m.by.Thin)*1000 + .5), shared // of a few words to share many do
}

// endings are those of number and tense, with what takes their place.
var endings = [][2]string{{"ies", "y"}, {"sses", "ss"}, {"ches", "ch"}, {"shes", "sh"}, {"xes", "x"}, {"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""}, {"ing", ""}, {"ed", ""}}

// stemmed is a word without the endings of its number and its tense, so that what
// is rejected and what rejects are one.
func (by letters) stemmed(w string) string {
	if len(w) < by.Stem {
		return w
	}
	for _, end := range endings {
		rest, ok := strings.CutSuffix(w, end[0])
		switch n := len(rest); {
		case !ok:
			continue
		case n < by.Word:
			return w
		case (end[0] == "ing" || end[0] == "ed") && n > by.Word && rest[n-1] == rest[n-2] && rest[n-1] != 'l' && rest[n-1] != 's':
			return rest[:n-1] // stopped, stop
		}
		return strings.TrimSuffix(rest+end[1], "e")
	}
	return strings.TrimSuffix(w, "e")
}
