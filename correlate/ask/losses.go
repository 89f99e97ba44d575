package ask

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/port"
)

// lossesOf is where answers of a source count what they leave out.
func (l *Ledger) lossesOf(source string) *evidence.Losses {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.losses[source] == nil {
		l.losses[source] = &evidence.Losses{}
	}
	return l.losses[source]
}

// Losses are the records of a source that were left out, and of how many: by the
// answers, or by a recording as a whole.
func (l *Ledger) Losses(source string, recorded port.CoverageSource) (list []evidence.Loss, of int) {
	if all, ok := recorded.(port.LossSource); ok {
		return all.Lost(source)
	}
	list = l.lossesOf(source).List()
	_, of = evidence.DescribeLosses(list)
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.entries {
		if k.source == source {
			of += e.count
		}
	}
	return list, of
}

// lostRows is one row for each source that records were left out of. What the
// recording says of those that it never held is said again.
func (l *Ledger) lostRows(recorded port.CoverageSource) []evidence.Coverage {
	var rows []evidence.Coverage
	for _, source := range l.sources() {
		list, _ := l.Losses(source, recorded)
		if text, count := evidence.DescribeLosses(list); count > 0 {
			rows = append(rows, evidence.Coverage{Source: source, Key: evidence.TopicUnusable, Query: evidence.TopicUnusable.Sentence(), Status: evidence.CoverageTruncated, Detail: text, Lost: count})
			continue
		}
		if recorded != nil {
			if was, ok := recordedRow(recorded, source, evidence.TopicUnusable, evidence.TopicUnusable.Sentence()); ok && was.Lost > 0 {
				rows = append(rows, was)
			}
		}
	}
	return rows
}

// sources are all that were asked, in order of name.
func (l *Ledger) sources() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []string
	for k := range l.entries {
		list = append(list, k.source)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
