package suspect

import (
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
	literals []string // spaced words of strings that it adds
}

// readIdentity reads a commit. Its size does not count: each name counts once.
func readIdentity(cm evidence.Commit) identity {
	id := identity{names: map[string]bool{}, kept: map[string]bool{}, message: namesIn(cm.Message), figures: map[string]bool{}}
	added, removed := map[string]bool{}, map[string]bool{}
	before := map[string]bool{} // texts that it takes away
	for _, f := range mechanism.Parse(cm.Diff, cm.Files...).Files {
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
				switch {
				case !l.Net:
					continue
				case l.Op == '+':
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

func unite(to, from map[string]bool) {
	for n, c := range from {
		to[n] = to[n] || c
	}
}

// identities knows what all candidates speak of, and how rarely.
type identities struct {
	of     []identity // as the candidates
	count  map[string]int
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
	x := identities{few: s.by.Commit.Names.Few, count: map[string]int{}, failed: map[string]bool{}, normal: map[string]bool{}}
	for i := range s.candidates {
		id := readIdentity(s.candidates[i].Commit)
		x.of = append(x.of, id)
		for n := range id.names {
			x.count[n]++
		}
		for n := range id.figures {
			x.count["#"+n]++
		}
	}
	var said []string
	for _, t := range s.failure.texts {
		if t.weight < s.by.Commit.Reading.Fails {
			continue // new, but nothing that fails
		}
		for n, c := range namesIn(t.text) {
			if s.Reach.called(n) == "" {
				x.failed[n] = x.failed[n] || c
			}
		}
		for _, n := range figuresIn(t.text) {
			if !slices.Contains(x.amount, n) {
				x.amount = append(x.amount, n)
			}
		}
		said = append(said, mechanism.Words(t.text)...)
		said = append(said, "|")
	}
	x.said = " " + strings.Join(said, " ") + " "
	const enough = 4000
	for i := range s.Evidence.Logs[:min(enough, len(s.Evidence.Logs))] {
		if l := &s.Evidence.Logs[i]; l.Baseline {
			for n := range namesIn(l.Body) {
				x.normal[n] = true
			}
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
	return x
}
