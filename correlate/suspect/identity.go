package suspect

import (
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// identifier is a name as programs and messages write it; quoted routes, events
// and keys with dots, dashes and slashes are taken whole besides.
var identifier = regexp.MustCompile(`[A-Za-z_$][A-Za-z0-9_$]{2,59}`)

// joint is a name of several parts: an event, a route, a flag, a setting.
var joint = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*(?:[./:-][A-Za-z0-9_]+){1,6}`)

// figure is an amount with at least two digits, its unit included.
var figure = regexp.MustCompile(`\b\d[\d.]*\d(?:ns|us|ms|s|m|h|kb|mb|gb|Ki|Mi|Gi|%)?\b`)

// plain is a name without case and separators: maxConns and MAX_CONNS are one.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "$", "", "-", "", ".", "", "/", "", ":", "").Replace(name))
}

// compound reports whether a name is one that somebody made up rather than a word
// of the language: several words, or all capitals.
func compound(name string) bool {
	if len(mechanism.Words(name)) > 1 {
		return true
	}
	return len(name) > 3 && strings.ToUpper(name) == name && strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// namesIn are the names in a text, by their plain form: true for compound ones.
func namesIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, n := range identifier.FindAllString(text, -1) {
		if c := compound(n); c || len(n) > 3 && !isFiller(strings.ToLower(n)) {
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
func saidIn(text string) map[string]bool {
	out := namesIn(text)
	for _, m := range pointed.FindAllStringSubmatchIndex(text, -1) {
		for k := 2; k < len(m); k += 2 {
			if m[k] < 0 || k == 2 && isRecord(text[:m[0]], text[m[1]:]) {
				continue
			}
			if n := text[m[k]:m[k+1]]; !isFiller(strings.ToLower(n)) {
				out[plain(n)] = true
			}
		}
	}
	maps.DeleteFunc(out, func(n string, _ bool) bool { return isRuntimeWord(n) })
	return out
}

// figuresIn are the amounts in a text that are particular: with a unit, or of
// three digits and neither round nor a status code.
func figuresIn(text string) []string {
	var out []string
	for _, n := range figure.FindAllString(text, -1) {
		bare := strings.Trim(n, "0123456789.") == ""
		status := len(n) == 3 && n[0] >= '1' && n[0] <= '5'
		if bare && (len(n) < 3 || status || strings.HasSuffix(n, "00")) || slices.Contains(out, n) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// identity is what a commit speaks of: the names in its changed lines, its hunk
// headers and its paths, as far as they can run, and those of its message.
type identity struct {
	names    map[string]bool
	kept     map[string]bool // of names: those that its lines had before as well
	message  map[string]bool
	figures  map[string]bool
	parts    map[string]bool // of its longer names
	defined  map[string]bool // names to which its changed lines give or take a meaning
	literals []string        // spaced words of strings that it adds
	// moved are the names that it moved to another file or renamed throughout, in
	// lines that do the same as before.
	moved map[string]bool
	// depends are the dependencies whose versions it changes.
	depends []string
}

// partsIn are the beginnings and ends, two words or more, of the longer names in a
// text: a limit, a column or a handler is called after the thing that it is of.
func partsIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, n := range slices.Concat(identifier.FindAllString(text, -1), joint.FindAllString(text, -1)) {
		words := mechanism.Words(n)
		for k := 2; k < len(words); k++ {
			for _, part := range [][]string{words[:k], words[len(words)-k:]} {
				if p := strings.Join(part, ""); len(p) > 7 {
					out[p] = true
				}
			}
		}
	}
	return out
}

// pairsIn are words that stand side by side in what a system says, as one name:
// messages write settlement batching where the code has settlementBatching.
func pairsIn(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		words := mechanism.Words(line)
		for i := 1; i < len(words); i++ {
			a, b := words[i-1], words[i]
			if len(a) > 2 && len(b) > 2 && !isFiller(a) && !isFiller(b) && !(isRuntimeWord(a) && isRuntimeWord(b)) && len(a)+len(b) > 8 {
				out[a+b] = true
			}
		}
	}
	return out
}

// readIdentity reads a commit. Its size does not count: each name counts once.
func readIdentity(cm evidence.Commit) identity {
	id := identity{names: map[string]bool{}, kept: map[string]bool{}, message: namesIn(cm.Message), figures: map[string]bool{}, moved: map[string]bool{}, defined: map[string]bool{}, parts: map[string]bool{}, depends: mechanism.Dependencies(cm.Diff, cm.Files...)}
	added, removed := map[string]bool{}, map[string]bool{}
	before := map[string]bool{} // texts that it takes away
	patch := mechanism.Parse(cm.Diff, cm.Files...)
	for _, r := range patch.Renamed {
		unite(id.moved, namesIn(r[0]))
		unite(id.moved, namesIn(r[1]))
	}
	for _, f := range patch.Files {
		if f.Kind.Innocent() {
			continue
		}
		unite(id.names, namesIn(strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))))
		for _, h := range f.Hunks {
			if slices.ContainsFunc(h.Lines, func(l mechanism.Line) bool { return l.Net }) {
				unite(id.names, namesIn(h.Header))
			}
			for i := range h.Lines {
				l := &h.Lines[i]
				if linked(f.Path, l.Code) {
					continue
				}
				switch {
				case l.Moved && defines.MatchString(l.Code):
					unite(id.moved, namesIn(l.Code))
					continue
				case !l.Net:
					continue
				default:
					unite(id.parts, partsIn(l.Code))
					for _, m := range definition.FindAllStringSubmatch(l.Code, -1) {
						id.defined[plain(m[1])] = true
					}
				}
				switch l.Op {
				case '+':
					unite(added, namesIn(l.Code))
					id.literals = append(id.literals, l.Phrases()...)
				default:
					unite(removed, namesIn(l.Code))
					for _, p := range l.Phrases() {
						before[p] = true
					}
				}
				for _, n := range figuresIn(l.Code) {
					id.figures[n] = true
				}
			}
		}
	}
	unite(id.names, id.moved)
	unite(id.names, added)
	unite(id.names, removed)
	for n := range added {
		if _, ok := removed[n]; ok {
			id.kept[n] = true
		}
	}
	id.literals = slices.DeleteFunc(id.literals, func(p string) bool { return before[p] })
	return id
}

// linked reports a line that names what a file uses, in a language whose compiler
// would have found it missing.
func linked(file, code string) bool {
	switch path.Ext(file) {
	case ".go":
		return goImport.MatchString(code)
	case ".java", ".kt", ".scala", ".cs", ".rs":
		return strings.HasPrefix(code, "import ") || strings.HasPrefix(code, "package ") || strings.HasPrefix(code, "using ") || strings.HasPrefix(code, "use ")
	}
	return false
}

var goImport = regexp.MustCompile(`^(?:import )?(?:[\w.]+ )?"[\w./-]+"$`)

// definition is where a line gives a function, a type or a constant its name.
var definition = regexp.MustCompile(`\b(?:class|def|func|fn|function|type|interface|struct|enum|record|trait)\s+(?:\([^)]*\)\s*)?([A-Za-z_$][A-Za-z0-9_$]{2,59})`)

// defines are lines that give something its name.
var defines = regexp.MustCompile(`\b(?:class|def|func|fn|function|type|interface|struct|enum|record|trait|module|namespace|const|let|var|val|export)\b`)

func unite(to, from map[string]bool) {
	for n, c := range from {
		to[n] = to[n] || c
	}
}

// identities knows what all candidates speak of, and how rarely.
type identities struct {
	of     []identity // as the candidates
	count  map[string]int
	wide   map[string]int  // as count, where a name is part of a longer one too
	loose  map[string]bool // parts of the failure's names, and words of it side by side
	mean   float64         // names of a commit that has any
	failed map[string]bool // the failure's names: true for compound ones
	normal map[string]bool // names that normal operation speaks of too
	amount []string        // the failure's figures
	said   string          // the failure's words, spaced
	few    int             // see weights.Names
}

func (x *identities) rarity(has int) float64 {
	return math.Log((float64(max(x.few, len(x.of))) + 1) / (float64(has) + .5))
}

// newIdentities reads the candidates and the failure.
func (s *Scorer) newIdentities() identities {
	x := identities{few: s.by.Commit.Names.Few, count: map[string]int{}, wide: map[string]int{}, loose: map[string]bool{}, failed: map[string]bool{}, normal: map[string]bool{}}
	has := 0
	for i := range s.candidates {
		id := readIdentity(s.candidates[i].Commit)
		x.of = append(x.of, id)
		if len(id.names) > 0 {
			has++
			x.mean += float64(len(id.names))
		}
		for n := range id.names {
			x.count[n]++
			x.wide[n]++
		}
		for n := range id.parts {
			if _, whole := id.names[n]; !whole {
				x.wide[n]++
			}
		}
		for n := range id.figures {
			x.count["#"+n]++
		}
	}
	x.mean = max(1, x.mean/float64(max(1, has)))
	s.readSaid(&x)
	s.readNormal(&x)
	return x
}

// readSaid reads the names, the amounts and the words of the failure, those of
// its failing lines' own code included.
func (s *Scorer) readSaid(x *identities) {
	var said []string
	for _, t := range s.failure.texts {
		if t.weight < s.by.Commit.Reading.Fails {
			continue // new, but nothing that fails
		}
		for n, c := range saidIn(t.text) {
			if s.Reach.called(n) == "" {
				x.failed[n] = x.failed[n] || c
			}
		}
		unite(x.loose, partsIn(t.text))
		unite(x.loose, pairsIn(t.text))
		for _, n := range figuresIn(t.text) {
			if !slices.Contains(x.amount, n) {
				x.amount = append(x.amount, n)
			}
		}
		said = append(said, mechanism.Words(t.text)...)
		said = append(said, "|")
	}
	x.said = " " + strings.Join(said, " ") + " "
	read := 0
	for i := range s.Evidence.Frames {
		f := &s.Evidence.Frames[i]
		if !f.Failing || f.Blame == nil || read == s.by.Commit.Places.Said {
			continue
		}
		read++
		for _, l := range f.Blame.Lines {
			if l.Line != f.Blame.Ref.Line {
				continue
			}
			for n, made := range namesIn(l.Text) {
				if made { // single words are in every line of code
					x.failed[n] = true
				}
			}
		}
	}
}

// readNormal reads the names that the system speaks of when nothing fails.
func (s *Scorer) readNormal(x *identities) {
	const enough = 4000
	for i := range s.Evidence.Logs[:min(enough, len(s.Evidence.Logs))] {
		if l := &s.Evidence.Logs[i]; l.Baseline {
			for n := range namesIn(l.Text()) {
				x.normal[n] = true
			}
		}
	}
	for _, m := range s.Evidence.Metrics {
		if len(m.Baseline) == 0 {
			continue
		}
		for n := range namesIn(m.Name) {
			x.normal[n] = true
		}
		for _, w := range mechanism.Words(m.Name) {
			x.normal[w] = true
		}
	}
	for _, t := range s.Evidence.Traces {
		for j := range t.Spans {
			if sp := &t.Spans[j]; t.Baseline && !sp.Failed {
				for n := range namesIn(sp.Operation) {
					x.normal[n] = true
				}
			}
		}
	}
}

// misses reports whether the failure names something that a candidate moved,
// renamed or, where only what is generated from a manifest changed, a dependency
// of it: most of the time such a change does nothing, but what still looks under
// the old name breaks.
func (s *Scorer) misses(i int) bool {
	for n, made := range s.names.of[i].moved {
		if c, ok := s.names.failed[n]; ok && (made || c) && !s.names.normal[n] {
			return true
		}
	}
	at, _ := s.dependencyNamed(i)
	return at > 0
}
