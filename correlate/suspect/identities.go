package suspect

import (
	"math"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
)

// identities knows what all candidates speak of, and how rarely.
type identities struct {
	of     []identity // as the candidates
	count  map[string]int
	wide   map[string]int            // as count, where a name is part of a longer one too
	loose  map[string]bool           // parts of the failure's names, and words of it side by side
	mean   float64                   // names of a commit that has any
	beside map[string]int            // as count, of names in or beside changed lines
	begun  map[string]int            // as count, of functions that changed lines stand in
	gone   map[string]int            // as count, of names that candidates take away
	missed map[string][]evidence.Ref // names that the failure says are not there, with where it first does
	calls  map[string]bool           // functions that the failing lines' own code calls, plain
	failed map[string]bool           // the failure's names: true for compound ones
	normal map[string]bool           // names that normal operation speaks of too
	amount []string                  // the failure's figures
	said   string                    // the failure's words, spaced
	few    int                       // see weights.Names
}

func (x *identities) rarity(has int) float64 {
	return math.Log((float64(max(x.few, len(x.of))) + 1) / (float64(has) + .5))
}

// newIdentities reads the candidates and the failure.
func (s *Scorer) newIdentities() identities {
	x := identities{few: s.by.Commit.Names.Few, count: map[string]int{}, beside: map[string]int{}, gone: map[string]int{}, missed: map[string][]evidence.Ref{}, begun: map[string]int{}, calls: map[string]bool{}, wide: map[string]int{}, loose: map[string]bool{}, failed: map[string]bool{}, normal: map[string]bool{}}
	has := 0
	for i := range s.candidates {
		id := s.letters().readIdentity(s.candidates[i].Commit)
		x.of = append(x.of, id)
		if len(id.names) > 0 {
			has++
			x.mean += float64(len(id.names))
		}
		for n := range id.names {
			x.count[n]++
			x.wide[n]++
			x.beside[n]++
		}
		for n := range id.beside {
			x.beside[n]++
		}
		for n := range id.gone {
			x.gone[n]++
		}
		for n := range id.functions() {
			x.begun[n]++
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
		for n, c := range s.letters().saidIn(t.text) {
			if s.Reach.called(n) == "" {
				x.failed[n] = x.failed[n] || c
			}
		}
		for n := range missedIn(t.text) {
			if _, known := x.missed[n]; !known {
				x.missed[n] = []evidence.Ref{t.ref}
			}
		}
		for _, line := range stacktrace.Source(t.text) {
			x.readCalls(line)
		}
		unite(x.loose, s.letters().partsIn(t.text))
		unite(x.loose, s.letters().pairsIn(t.text))
		for _, n := range s.letters().figuresIn(t.text) {
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
			x.readCalls(l.Text)
			for n, made := range s.letters().namesIn(l.Text) {
				if made { // single words are in every line of code
					x.failed[n] = true
				}
			}
		}
	}
	for i := range s.Evidence.Frames { // whose lines call one another anyway
		delete(x.calls, plain(functionName(s.Evidence.Frames[i].Frame.Function)))
	}
}

// readNormal reads the names that the system speaks of when nothing fails.
func (s *Scorer) readNormal(x *identities) {
	const most = 4000
	for i := range s.Evidence.Logs[:min(most, len(s.Evidence.Logs))] {
		if l := &s.Evidence.Logs[i]; l.Baseline {
			for n := range s.letters().namesIn(l.Text()) {
				x.normal[n] = true
			}
		}
	}
	for _, m := range s.Evidence.Metrics {
		if len(m.Baseline) == 0 {
			continue
		}
		for n := range s.letters().namesIn(m.Name) {
			x.normal[n] = true
		}
		for _, w := range mechanism.Words(m.Name) {
			x.normal[w] = true
		}
	}
	for _, t := range s.Evidence.Traces {
		for j := range t.Spans {
			if sp := &t.Spans[j]; t.Baseline && !sp.Failed {
				for n := range s.letters().namesIn(sp.Operation) {
					x.normal[n] = true
				}
			}
		}
	}
}

// misses reports whether the failure names something that a candidate moved,
// renamed or, where only what is generated from a manifest changed, a dependency
// of it: most of the time such a change does nothing, but what still looks under
// the old name breaks. So does a failure that stands in a file itself which is
// kept or generated and runs.
func (s *Scorer) misses(i int) bool {
	cm := &s.candidates[i].Commit
	for k := range s.Evidence.Frames {
		f := &s.Evidence.Frames[k]
		if kind := mechanism.KindOf(f.Frame.Slashed()); f.Failing && (kind == mechanism.Vendored || kind == mechanism.Generated) && f.Frame.ChangedBy(cm) {
			return true
		}
	}
	for n, made := range s.names.of[i].moved {
		if c, ok := s.names.failed[n]; ok && (made || c) && !s.names.normal[n] {
			return true
		}
	}
	at, _ := s.dependencyNamed(i)
	return at > 0
}
