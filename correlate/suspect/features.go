package suspect

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// feature is one thing that speaks for or against a hypothesis. Its value is in
// thousandths of the unit that its function names; times its weight it is a
// term.
type feature struct {
	id    string // of the weight
	more  string // of a second weight, and its value
	also  int
	term  string // of the term, where that is another one
	value int
	why   string
	does  string // what the diff does, where that is the reason
	refs  []evidence.Ref
	// names are what its lines share with the failure, to find the lines by.
	names []string
	// seen of total is the "n of m" behind it; total 0 means none.
	seen, total int
}

func (s *Scorer) scored(f feature) report.Term {
	return report.Term{ID: cmp.Or(f.term, f.id), Points: (s.by.OfCommit(f.id)*f.value + s.by.OfCommit(f.more)*f.also) / 1000, Why: wording.Say(f.id, f.why), Does: f.does, Refs: f.refs, Seen: f.seen, Total: f.total}
}

// shared is a name that commit and failure have in common.
type shared struct {
	name   string
	rarity float64
	word   bool // of the language, rather than made up
}

// sharedNames are the names that a commit and the failure share, rarest first. A
// name that normal operation speaks of as well tells less, and so do a single word
// of the language, a name that stands in changed lines before and after, and one
// in a commit or in a failure that speaks of so much that it would have had it by
// chance.
func (s *Scorer) sharedNames(names, kept, defined map[string]bool, of func(string) int) []shared {
	var out []shared
	chance := s.chance(len(names))
	for n, c := range s.names.failed {
		made, has := names[n]
		if !has {
			continue
		}
		r, word := s.names.rarity(of(n)), !c && !made
		if word { // how rare a word of the language is among few commits says little
			part := s.by.Commit.Names.Word
			if defined[n] {
				part = s.by.Commit.Names.Defined
			}
			r = part * math.Log((float64(len(s.candidates))+1)/(float64(of(n))+.5))
		}
		r -= chance
		if s.names.normal[n] {
			r *= s.by.Commit.Names.Normal
		}
		if kept[n] {
			r *= s.by.Commit.Names.Kept
		}
		if r > 0 {
			out = append(out, shared{n, r, word && !defined[n]})
		}
	}
	slices.SortFunc(out, func(a, b shared) int { return cmp.Or(cmp.Compare(b.rarity, a.rarity), cmp.Compare(a.name, b.name)) })
	return out
}

// looseNames are made-up names that either side has only as part of a longer one,
// or the failure in words: worth half. What is part of a name that both have whole
// says nothing more.
func (s *Scorer) looseNames(id identity, whole []shared) []shared {
	var out []shared
	chance := s.chance(len(id.names))
	add := func(n string) {
		r := s.by.Commit.Names.Part * (s.names.rarity(s.names.wide[n]) - chance)
		if s.names.normal[n] {
			r *= s.by.Commit.Names.Normal
		}
		if r > 0 && !slices.ContainsFunc(whole, func(x shared) bool { return strings.Contains(x.name, n) || strings.Contains(n, x.name) }) {
			out = append(out, shared{name: n, rarity: r})
		}
	}
	for n, made := range s.names.failed {
		if _, has := id.names[n]; made && !has && id.parts[n] {
			add(n)
		}
	}
	for n := range s.names.loose {
		if _, has := s.names.failed[n]; !has && id.names[n] {
			add(n)
		}
	}
	slices.SortFunc(out, func(a, b shared) int { return cmp.Or(cmp.Compare(b.rarity, a.rarity), cmp.Compare(a.name, b.name)) })
	return out
}

// chance is how much likelier than usual it is, in nats, that a commit with so many
// names and the failure share one by chance.
func (s *Scorer) chance(names int) float64 {
	return math.Log(max(1, float64(names)/s.names.mean)) + math.Log(max(1, float64(len(s.names.failed))/float64(s.by.Commit.Names.Failing)))
}

// sumOf adds the rarest up, in thousandths of the logarithm of one more than their
// nats: names that stand in one statement come together, so that each says less
// than the one before.
func sumOf(list []shared, most int) (int, []string) {
	sum, names := 0.0, []string(nil)
	for _, x := range list[:min(most, len(list))] {
		sum += x.rarity
		names = append(names, x.name)
	}
	return int(math.Log1p(sum)*1000 + .5), names
}

// namesFeatures hold what the commit's changed lines speak of against what the
// failure speaks of, in nats of surprise: the rarest made-up names, and the rarest
// single words.
func (s *Scorer) namesFeatures(i int, cd *Candidate) []feature {
	id := s.names.of[i]
	whole := s.sharedNames(id.names, id.kept, id.defined, func(n string) int { return s.names.count[n] })
	var made, words []shared
	for _, x := range whole {
		if x.word {
			words = append(words, x)
		} else {
			made = append(made, x)
		}
	}
	made = append(made, s.looseNames(id, whole)...)
	slices.SortStableFunc(made, func(a, b shared) int { return cmp.Compare(b.rarity, a.rarity) })
	refs := []evidence.Ref{commitRef(cd.Commit)}
	value, names := sumOf(made, s.by.Commit.Names.Lines)
	plain, said := sumOf(words, s.by.Commit.Names.Lines)
	return []feature{
		{id: "commit/names", value: value, why: "its lines and the failure both speak of " + strings.Join(names, ", "), refs: refs, names: names},
		{id: "commit/plain", value: plain, why: "its lines and the failure share the words " + strings.Join(said, ", "), refs: refs, names: said},
	}
}

// messageFeature does the same with the commit's message.
func (s *Scorer) messageFeature(i int, cd *Candidate) feature {
	value, names := sumOf(s.sharedNames(s.names.of[i].message, nil, nil, func(n string) int {
		has := 0
		for j := range s.names.of {
			if _, ok := s.names.of[j].message[n]; ok {
				has++
			}
		}
		return has
	}), s.by.Commit.Names.Message)
	return feature{id: "commit/message", value: value, why: "its message and the failure both speak of " + strings.Join(names, ", "), refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// numbersFeature looks for the failure's amounts among those that it changes, in
// nats of surprise.
func (s *Scorer) numbersFeature(i int, cd *Candidate) feature {
	best, at := 0.0, ""
	for _, n := range s.names.amount {
		if r := s.names.rarity(s.names.count["#"+n]); s.names.of[i].figures[n] && r > best {
			best, at = r, n
		}
	}
	return feature{id: "commit/numbers", value: int(best*1000 + .5), why: "it changes " + at + ", which the failure names", refs: []evidence.Ref{commitRef(cd.Commit)}, names: []string{at}}
}

// literalFeature looks for a text that it adds in what the failure says: 1000
// for enough words that no other commit adds.
func (s *Scorer) literalFeature(i int, cd *Candidate) feature {
	best, at := 0, ""
	for _, l := range s.names.of[i].literals {
		n := len(strings.Fields(l))
		if n > best && strings.Contains(s.names.said, " "+l+" ") {
			best, at = n, l
		}
	}
	return feature{id: "commit/literal", value: min(1000, best*1000/s.by.Commit.Names.LiteralWords), why: "it brought the text that the failure says: “" + at + "”", refs: []evidence.Ref{commitRef(cd.Commit)}}
}

// fileFeature asks whether it touches the file of a failing place: nats of
// surprise that a commit does, less for every place further out.
func (s *Scorer) fileFeature(cd *Candidate, frames []*gathered.Frame) feature {
	best := feature{id: "commit/file"}
	for rank, f := range frames {
		if !touchesFile(cd.Commit, f.Frame.File) {
			continue
		}
		touching := 0
		for i := range s.candidates {
			if touchesFile(s.candidates[i].Commit, f.Frame.File) {
				touching++
			}
		}
		if v := s.furtherOut(s.names.rarity(touching), rank); v > best.value {
			best.value, best.why, best.refs = v, "it touches "+f.Frame.File+", which the failure names", f.Refs
		}
	}
	return best
}

// furtherOut are a place's nats in thousandths, less the further out it stands.
func (s *Scorer) furtherOut(nats float64, rank int) int {
	half := s.by.Commit.Places.Further
	return int(nats * float64(1000*half) / float64(half+rank))
}

// functionName is a function without its package, type and arguments.
func functionName(f string) string {
	f, _, _ = strings.Cut(f, "(0x")
	f = strings.TrimSuffix(f, "(...)")
	for strings.HasSuffix(f, ">") || strings.Contains(f, ".func") && strings.TrimLeft(f[strings.LastIndex(f, ".func")+len(".func"):], "0123456789.") == "" {
		cut := max(strings.LastIndexAny(f, "<"), strings.LastIndex(f, ".func"))
		if cut <= 0 {
			break
		}
		f = strings.TrimRight(f[:cut], ".$")
	}
	if i := strings.LastIndexAny(f, "./:#$ "); i >= 0 {
		f = f[i+1:]
	}
	return f
}

// blameFeature is the votes of suspect lines: each place named by the failure
// votes 1/rank, with rank from the order of the places, and shares its vote among
// the commits that made the line what it is, older ones discounted (Fonte,
// ICSE'23). 1000 is all votes.
func (s *Scorer) blameFeature(cd *Candidate, frames []*gathered.Frame) feature {
	vote, total := 0.0, 0.0
	out := feature{id: "commit/blame", why: "lines that the failure names were written or changed by it"}
	for rank, f := range frames {
		share := 1 / float64(rank+1)
		total += share
		if v := f.Vote(cd.Commit.SHA); v > 0 {
			vote += share * v
			out.refs = append(out.refs, evidence.Ref{Kind: evidence.RefCode, ID: fmt.Sprintf("%s:%d", f.Blame.Ref.Path, f.Blame.Ref.Line), Service: f.Service})
		}
	}
	if vote > 0 {
		out.value = int(vote/total*1000 + .5)
	}
	out.refs = out.refs[:min(4, len(out.refs))]
	return out
}

// mechanismFeature holds what the diff can produce against what is seen, 1000
// for the surest rule and sign. A rule that fires on innocent commits all the
// time counts less, one at a place that the failure speaks of more.
func (s *Scorer) mechanismFeature(cd *Candidate, seen signs, frames []*gathered.Frame) feature {
	best, value, near := -1, 0, false
	var produced, found mechanism.Signature
	for k, m := range cd.matches {
		close := s.near(m, frames)
		for rank, sig := range m.Signatures {
			fit, at := s.fit(seen, sig)
			fit -= fit * rank / s.by.Commit.RankParts // the likeliest signature of a rule stands first
			v := m.Strength * fit / 1000 * s.by.Telling(m.Rule) / 1000
			if v > 0 && (best < 0 || s.weigh(v, close) > s.weigh(value, near)) {
				best, value, produced, found, near = k, v, sig, at, close
			}
		}
	}
	if best < 0 {
		return feature{id: "commit/mechanism"}
	}
	m := cd.matches[best]
	why := m.Why + "; this shows as " + string(found) + ", which is seen"
	if produced == found {
		why = m.Why + "; " + string(found) + " is what is seen"
	}
	refs := []evidence.Ref{{Kind: evidence.RefCommit, ID: cd.Commit.SHA, Text: m.Hunk, Time: cd.Commit.Time}}
	if m.File != "" {
		id := m.File
		if m.Line > 0 {
			id = fmt.Sprintf("%s:%d", m.File, m.Line)
		}
		refs = append(refs, evidence.Ref{Kind: evidence.RefCode, ID: id, Text: m.Hunk})
	}
	more := ""
	if near {
		more = mechanismNear
	}
	return feature{id: "commit/mechanism", more: more, also: value, term: report.MechanismTerm(m.Rule), value: value, why: why, does: m.Why, refs: append(refs, seen.refs[found]...)}
}

// mechanismNear is the weight that a rule has besides where it fired near the
// failure.
const mechanismNear = "commit/mechanism-near"

func (s *Scorer) weigh(value int, near bool) int {
	if near {
		return value * (s.by.OfCommit("commit/mechanism") + s.by.OfCommit(mechanismNear))
	}
	return value * s.by.OfCommit("commit/mechanism")
}

// near reports whether a rule fired where the failure is: in the file or folder
// of a failing place, or in a hunk that shares a made-up name with the failure.
func (s *Scorer) near(m mechanism.Match, frames []*gathered.Frame) bool {
	for _, f := range frames {
		if m.File == "" || f.Frame.File == "" {
			continue
		}
		a, b := path.Dir(m.File), path.Dir(f.Frame.Slashed())
		if touchesFile(evidence.Commit{Files: []string{m.File}}, f.Frame.File) || a != "." && (a == b || strings.HasSuffix(b, "/"+a)) {
			return true
		}
	}
	for n, made := range s.letters().namesIn(m.Hunk) {
		if c, ok := s.names.failed[n]; ok && (made || c) && !s.names.normal[n] && s.names.count[n]*s.by.Commit.Places.NearRare <= max(s.by.Commit.Names.Few, len(s.candidates)) {
			return true
		}
	}
	return false
}
