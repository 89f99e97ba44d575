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
	list, _ = evidence.Clocks(l.lossesOf(source).List())
	_, of = evidence.DescribeLosses(list)
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, e := range l.entries {
		if k.source == source && !k.topic.OfImpact() {
			of += e.count
		}
	}
	return list, of
}

// Left is how many records of a source were left out, and of how many. A recording
// says it of those too that it never held.
func (l *Ledger) Left(source string, recorded port.CoverageSource) (n, of int) {
	list, of := l.Losses(source, recorded)
	_, n = evidence.DescribeLosses(list)
	if row, ok := l.lostRow(source, evidence.TopicUnusable, recorded); ok && row.Lost > n {
		return row.Lost, of + row.Lost - n
	}
	return n, of
}

// Dated is how many answers of a source were dated by a clock far from ours. Of a
// recording it is what was said then: whoever reads it asks no server.
func (l *Ledger) Dated(source string, recorded port.CoverageSource) int {
	if row, ok := l.lostRow(source, evidence.TopicServerClock, recorded); ok {
		return row.Lost
	}
	return 0
}

// lostRows are the rows of each source that records were left out of, or that
// another clock dated answers of.
func (l *Ledger) lostRows(recorded port.CoverageSource) []evidence.Coverage {
	var rows []evidence.Coverage
	for _, source := range l.sources() {
		for _, topic := range []evidence.Topic{evidence.TopicUnusable, evidence.TopicServerClock} {
			if row, ok := l.lostRow(source, topic, recorded); ok {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// lostRow is one of them. What a recording says of records that it never held, and
// of whose clock dated them, is said again.
func (l *Ledger) lostRow(source string, topic evidence.Topic, recorded port.CoverageSource) (evidence.Coverage, bool) {
	var list []evidence.Loss
	if topic == evidence.TopicServerClock {
		_, list = evidence.Clocks(l.lossesOf(source).List())
	} else {
		list, _ = l.Losses(source, recorded)
	}
	if text, count := evidence.DescribeLosses(list); count > 0 {
		return evidence.Coverage{Source: source, Key: topic, Query: topic.Sentence(), Status: evidence.CoverageTruncated, Detail: text, Lost: count}, true
	}
	if recorded == nil {
		return evidence.Coverage{}, false
	}
	was, ok := recordedRow(recorded, source, topic, topic.Sentence())
	return was, ok && was.Lost > 0
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
