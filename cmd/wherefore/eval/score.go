package eval

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// noCommit is the answer that no commit is guilty.
const noCommit = "none"

// score fills a case with what a report answers and how it compares with the
// label.
func score(c *Case, l bundle.Label, r report.Report) {
	ask(c, l)
	culprits := l.Culprits()
	c.Ranked = ranking(r)
	c.Rank = rankOf(culprits, c.Ranked)
	if c.AllToBlame {
		for _, x := range c.Ranked[:min(len(culprits), len(c.Ranked))] {
			c.Found += one(slices.Contains(culprits, x.Entity))
		}
	}
	c.CommitsRanked = commitRanking(r)
	c.believed(r)
	c.Verdict = string(r.Verdict.Word)
	if len(r.Causes) > 0 {
		first := r.Causes[0]
		c.Mechanism, c.Trigger = string(first.Mechanism), string(first.Trigger)
		for _, x := range first.Loci[:min(2, len(first.Loci))] {
			c.Loci = append(c.Loci, string(x.Kind)+" "+x.Name)
		}
		c.LocusHit = len(l.Locus) > 0 && slices.Contains(culprits, first.Entity.Name) && lociHold(first.Loci[:min(2, len(first.Loci))], l.Locus)
		c.BlastRadius = slices.DeleteFunc(slices.Clone(r.Impact.Services), func(s string) bool { return s == first.Entity.Name })
	}
	if len(r.Actions) > 0 {
		c.Remediation = r.Actions[0].Kind
	}
	c.Decoy = len(c.CommitsRanked) > 0 && slices.Contains(l.Decoys, c.CommitsRanked[0])
}

// ranking is each entity once, by its best score, best first.
func ranking(r report.Report) []Ranked {
	best := map[string]int{}
	take := func(entity string, score int) {
		if s, ok := best[entity]; !ok || score > s {
			best[entity] = score
		}
	}
	for _, e := range r.Ranked {
		take(e.Entity, e.Score)
	}
	for _, c := range r.Causes {
		take(c.Entity.Name, c.Score)
	}
	out := make([]Ranked, 0, len(best))
	for e, s := range best {
		out = append(out, Ranked{e, s})
	}
	slices.SortFunc(out, func(a, b Ranked) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Entity, b.Entity)) })
	return out
}

// ask fills in what was asked for.
func ask(c *Case, l bundle.Label) {
	culprits := l.Culprits()
	c.Truth, c.LocusTruth, c.CommitTruth = strings.Join(culprits, ", "), l.Locus, l.Commit
	c.abstain = l.Abstain
	if len(culprits) > 1 {
		c.Culprits, c.AllToBlame = culprits, len(l.AnyOf) == 0
	}
}

// rankOf counts the entities with a score of at least the best culprit's, so
// that ties count against us; 0 when none is among them.
func rankOf(culprits []string, ranked []Ranked) int {
	i := slices.IndexFunc(ranked, func(r Ranked) bool { return slices.Contains(culprits, r.Entity) })
	if i < 0 {
		return 0
	}
	n := 1
	for _, r := range ranked {
		if r.Score >= ranked[i].Score && !slices.Contains(culprits, r.Entity) {
			n++
		}
	}
	return n
}

// commitRanking is the report's answer to "which commit", best first: the
// commits of causes that blame code, and "none" where a cause is known to be
// something else. What a cause of unknown trigger suspects comes last.
func commitRanking(r report.Report) []string {
	var out, weak []string
	add := func(list *[]string, s string) {
		if s == "" {
			s = noCommit // a change without a commit
		}
		if !slices.Contains(out, s) && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for i, c := range r.Causes {
		if i == 0 && slices.ContainsFunc(c.Commits, func(x report.CommitScore) bool { return x.SHA == noCommit }) {
			// Where "none" was scored, the first cause's list is the answer.
			for _, x := range c.Commits {
				add(&out, x.SHA)
			}
		}
		switch c.Trigger {
		case report.TriggerCode:
			for _, x := range c.Commits {
				add(&out, x.SHA)
			}
		case report.TriggerNone, "":
			for _, x := range c.Commits {
				add(&weak, x.SHA)
			}
		default:
			add(&out, noCommit)
		}
	}
	for _, s := range weak {
		add(&out, s)
	}
	return out
}

// lociHold reports whether the loci contain all that is labelled.
func lociHold(loci []report.Locus, labelled []string) bool {
	for _, want := range labelled {
		if !slices.ContainsFunc(loci, func(l report.Locus) bool { return locusIs(l, want) }) {
			return false
		}
	}
	return true
}

// locusIs reports whether a locus is the labelled one. An event (a log statement
// or a span) is named by a part of the locus' name or text; a metric by its
// name, or by naming the same resource.
func locusIs(l report.Locus, want string) bool {
	has := func(s string) bool {
		s = strings.ToLower(s)
		return s != "" && (strings.Contains(strings.ToLower(l.Name), s) || strings.Contains(strings.ToLower(l.Text), s))
	}
	if has(want) || has(strings.TrimSuffix(strings.TrimSuffix(want, " start"), " end")) {
		return true
	}
	if l.Kind != report.LocusMetric && l.Kind != report.LocusSpan {
		return false
	}
	if bundle.MetricName(want) == l.Name {
		return true
	}
	r := resourceOf(want)
	return r != "" && r == resourceOf(l.Name)
}

// resourceWords are what people call the same resource.
var resourceWords = []struct{ resource, word string }{
	{"cpu", "cpu"}, {"memory", "memory"}, {"memory", "heap"}, {"memory", "mem"}, {"network", "network"},
	{"disk", "disk"}, {"disk", "filesystem"}, {"disk", "diskio"}, {"socket", "socket"}, {"descriptor", "fds"},
}

// resourceOf is the resource that a metric's name speaks of, empty when it
// speaks of none.
func resourceOf(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for _, x := range resourceWords {
		if slices.Contains(parts, x.word) {
			return x.resource
		}
	}
	return ""
}

// jaccard is the share of two sets that both have; 1 of two empty sets.
func jaccard(a, b []string) float64 {
	set := map[string]bool{}
	for _, x := range a {
		set[x] = true
	}
	both, all := 0, len(set)
	for _, x := range slices.Compact(slices.Sorted(slices.Values(b))) {
		if set[x] {
			both++
		} else {
			all++
		}
	}
	if all == 0 {
		return 1
	}
	return float64(both) / float64(all)
}
