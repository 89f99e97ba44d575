package gather

import (
	"cmp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/port"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// standings say what came of traces, logs and metrics as a whole: a source that
// answers every question with nothing has told as little as one that is down.
func (v *Investigation) standings(c *gathered.Evidence) []report.Standing {
	of := func(source string, configured, told bool) report.Standing {
		return report.Standing{Source: source, State: v.stateOf(c, source, configured, told)}
	}
	return []report.Standing{
		of("traces", v.sources.Traces != nil, v.tracesTell()),
		of("logs", v.sources.Logs != nil, v.linesTell()),
		of("metrics", v.sources.Metrics != nil, v.seriesTell()),
	}
}

func (v *Investigation) stateOf(c *gathered.Evidence, source string, configured, told bool) report.SourceState {
	failed := slices.ContainsFunc(c.Coverage, func(r evidence.Coverage) bool {
		return r.Source == source && r.Status == evidence.CoverageFailed && !r.Key.OfImpact()
	})
	held, known := v.sources.Recorded.(port.MemberSource)
	switch {
	case !configured:
		return report.SourceNotConfigured
	case known && !held.Keeps(source):
		return report.SourceNotRecorded
	case failed && told:
		return report.SourcePartly
	case failed:
		return report.SourceFailed
	case told:
		return report.SourceSpeaks
	}
	return report.SourceSilent
}

func (v *Investigation) known(name string) bool {
	_, ok := v.names.Find(name)
	return ok
}

func (v *Investigation) tracesTell() bool {
	return slices.ContainsFunc(v.answers.traces, func(t sampledTrace) bool {
		return slices.ContainsFunc(t.Spans, func(s evidence.Span) bool { return v.known(s.Service) })
	})
}

func (v *Investigation) linesTell() bool {
	return slices.ContainsFunc(v.answers.logs, func(l evidence.LogLine) bool { return v.known(l.Service) })
}

func (v *Investigation) seriesTell() bool {
	return slices.ContainsFunc(v.answers.metrics, func(m measuredSeries) bool { return len(m.samples) > 0 })
}

// unknownNames are the names on the alert of which no source has told anything,
// with the known names that they may stand for.
func (v *Investigation) unknownNames(c *gathered.Evidence) []report.UnknownName {
	seen := v.seen(c)
	var list []report.UnknownName
	for _, s := range v.symptom.services {
		if name, ok := v.names.Find(s); !ok || !seen[name] {
			list = append(list, report.UnknownName{Name: s, Near: near(v.by(), s, seen)})
		}
	}
	return list
}

// seen are the entities of which a source other than the alert has told, and
// those that were given as candidates.
func (v *Investigation) seen(c *gathered.Evidence) map[string]bool {
	seen := map[string]bool{}
	for _, name := range v.req.Candidates {
		seen[name] = true
	}
	for _, name := range v.answers.services {
		seen[v.names.Name(name)] = true
	}
	for _, t := range c.Traces {
		for i := range t.Spans {
			seen[t.Spans[i].Service] = true
		}
	}
	for _, l := range v.answers.logs {
		seen[v.names.Name(l.Service)] = true
	}
	for _, m := range v.answers.metrics {
		seen[m.entity] = true
	}
	for _, e := range c.Edges {
		seen[e.Caller], seen[e.Callee] = true, true
	}
	for _, ch := range c.Changes {
		seen[ch.Service] = true
	}
	delete(seen, "")
	return seen
}

// mostNear is how many names are offered for one that nobody knows.
const mostNear = 3

// near are the names that differ from one in few of its letters, or hold it or are
// held by it; nearest first, then by name.
func near(by *weights.Gather, name string, known map[string]bool) []string {
	type candidate struct {
		name  string
		apart int
	}
	separators := strings.NewReplacer("-", "", "_", "", ".", "", "/", "", " ", "")
	plain := func(s string) string { return separators.Replace(strings.ToLower(s)) }
	want := plain(name)
	var list []candidate
	for k := range known { // sorted below
		have := plain(k)
		apart := distance(want, have)
		contained := min(len(want), len(have)) >= by.Within && (strings.Contains(have, want) || strings.Contains(want, have))
		if apart <= max(1, len(want)/by.Alike) || contained {
			list = append(list, candidate{k, apart})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.apart, b.apart), cmp.Compare(a.name, b.name)) })
	var names []string
	for _, c := range list[:min(len(list), mostNear)] {
		names = append(names, c.name)
	}
	return names
}

// distance is how many bytes must be put in, taken out or changed to make one
// name of another (Levenshtein 1966); names longer than any service's are as far
// apart as they are long.
func distance(a, b string) int {
	const most = 128
	if len(a) > most || len(b) > most {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
