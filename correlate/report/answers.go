package report

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Answers are the sources that were asked, by what came back over all questions
// put to each. Each source stands in one list, in the order of the coverage.
type Answers struct {
	Told   []string // at least one question brought something
	Empty  []string // every answer was empty, or told of nobody who is known
	Failed []string // nothing came back, and a question failed or was not recorded
}

// Asked is how many sources were asked.
func (a Answers) Asked() int { return len(a.Told) + len(a.Empty) + len(a.Failed) }

// Answers tells what the sources that are configured answered. That a source
// answered does not mean that it had anything: an empty answer is one too.
func (r *Report) Answers() Answers {
	var order []string
	brought, failed := map[string]bool{}, map[string]bool{}
	for i := range r.Coverage {
		c := &r.Coverage[i]
		if c.Status == evidence.CoverageNotConfigured || c.Source == "alert" ||
			c.Key == evidence.TopicUnusable || c.Key == evidence.TopicServerClock { // what was wrong with answers is none
			continue
		}
		if !slices.Contains(order, c.Source) {
			order = append(order, c.Source)
		}
		switch c.Status {
		case evidence.CoverageAnswered, evidence.CoverageTruncated:
			brought[c.Source] = true
		case evidence.CoverageFailed:
			failed[c.Source] = true
		}
	}
	for _, s := range r.Sources {
		if s.Missing() {
			brought[s.Source] = false
			failed[s.Source] = failed[s.Source] || s.State == SourceFailed || s.State == SourceNotRecorded
		}
	}
	var a Answers
	for _, s := range order {
		switch {
		case brought[s]:
			a.Told = append(a.Told, s)
		case failed[s]:
			a.Failed = append(a.Failed, s)
		default:
			a.Empty = append(a.Empty, s)
		}
	}
	return a
}
