package loki

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// What Loki says when it refuses a question for its size, as its limits put it: of
// the lines of one answer, and of the time that one is about. A smaller one is
// answered.
var (
	tooManyLines = []string{"max entries limit per query exceeded", "received message larger than max"}
	tooMuchTime  = []string{"query time range exceeds the limit", "query would read too many bytes"}
)

// lostTooLong is a line that is larger than an answer may be. When it was written
// is not known, so that what lies near it may go with it.
var lostTooLong = evidence.LossKind{One: "line is larger than max_bytes", Many: "lines are larger than max_bytes"}

// lostRest is what was not asked for any more, since too much was refused before.
var lostRest = evidence.LossKind{One: "rest of an answer is missing: Loki's answers were too large too often", Many: "rests of answers are missing: Loki's answers were too large too often"}

// Bounds of the smaller questions that one is asked in.
const (
	shortestPiece = time.Second
	mostRefusals  = 40
	// firstStep is how far after a line that cannot be read the next question
	// begins; each further one goes ten times as far.
	firstStep = time.Millisecond
	// smaller is how many times fewer lines are asked for after a refusal. Loki works
	// seconds on an answer with a line of 100 MB in it, so that halving would spend
	// the time that a question has.
	smaller = 8
	// pageBytes is what a page of lines should come to: half of the 4 MiB that a querier of
	// Loki may send its front end by default (grpc_server_max_recv_msg_size), since the
	// next lines may be longer than the last. Of more than that nobody is told: the front
	// end waits for an answer that cannot be sent (seen of 3.4.6), until the time is up.
	pageBytes = 2 << 20
	// firstPage is how many lines are asked for while their length is not known: what
	// fits where they have 4 KiB, as those with a stack have.
	firstPage = pageBytes / (4 << 10)
)

// pieces are the windows that are still to be asked about, in order of time, and
// how many lines to ask for at once.
type pieces struct {
	windows  []evidence.Window
	size     int
	refusals int
	step     time.Duration
	// pages were answered, most is the largest page, and hung is true once an answer did not come in time after
	// others had, and a smaller one was asked for.
	pages, most int
	hung        bool
	// before is the size before refusals made it smaller, good again behind a line
	// that was given up; 0 while nothing was refused.
	before int
	// read are the lines since the size changed. Grown is true until the first answer of
	// a size that grew back; where that is refused the source gives no more at once, and
	// the size is held.
	read        int
	grown, held bool
}

// newPieces are of one window, in pages of at most some lines.
func newPieces(w evidence.Window, most int) *pieces {
	return &pieces{windows: []evidence.Window{w}, size: min(most, firstPage), most: most, step: firstStep}
}

func (p *pieces) done() bool { return len(p.windows) == 0 }

func (p *pieces) window() evidence.Window { return p.windows[0] }

// next goes on with the window after the first.
func (p *pieces) next() { p.windows = p.windows[1:] }

// from goes on within the first window.
func (p *pieces) from(t time.Time) {
	if p.windows[0].Start = t.UTC(); !t.Before(p.windows[0].End) {
		p.next()
	}
}

// answered notes that a question was answered with some lines, of so many bytes
// together, which tell how many fit into the next. Behind a line that was
// given up, what was too large is behind, and so it is when as many lines were read as
// had been refused.
func (p *pieces) answered(lines, size int) {
	p.pages++
	p.grown = false
	if p.before == 0 && lines > 0 && p.step == firstStep {
		p.size = min(p.most, max(1, pageBytes/max(1, size/lines)))
		return
	}
	if p.step > firstStep {
		p.size, p.step, p.before, p.read, p.held = cmp.Or(p.before, p.size), firstStep, 0, 0, false
		return
	}
	if p.read += lines; p.size < p.before && !p.held && p.read >= p.size*smaller {
		p.size, p.read, p.grown = min(p.before, p.size*smaller), 0, true
	}
}

// lessAfter makes the next question smaller after one that was refused for its
// size: fewer lines, or half the time. It is false when a smaller one is of no
// use, or too many were refused, as tired tells. Given is true where one line alone was too large, and was given up; it is
// gone past in growing steps.
func (p *pieces) lessAfter(err error) (given, ok bool) {
	if p.refusals++; p.tired() {
		return false, false
	}
	w := p.windows[0]
	large := errors.Is(err, endpoint.ErrTooLarge) || says(err, tooManyLines)
	if !large && !p.hung && p.size > 1 && p.pages > 0 && errors.Is(err, endpoint.ErrTimeout) {
		p.hung, large = true, true
	}
	switch {
	case large && p.size > 1:
		p.before = cmp.Or(p.before, p.size)
		p.size = max(1, p.size/smaller)
		p.read, p.held, p.grown = 0, p.held || p.grown, false
		return false, true
	case large:
		given = p.step == firstStep
		p.from(w.Start.Add(p.step))
		p.step *= 10
		return given, true
	case says(err, tooMuchTime) && w.Duration() > shortestPiece:
		half := w.Start.Add(w.Duration() / 2)
		p.windows = slices.Insert(p.windows[1:], 0, evidence.Window{Start: w.Start, End: half}, evidence.Window{Start: half, End: w.End})
		return false, true
	}
	return false, false
}

// tired reports whether too many questions were refused to ask any more.
func (p *pieces) tired() bool { return p.refusals > mostRefusals }

func says(err error, any []string) bool {
	text := err.Error()
	return slices.ContainsFunc(any, func(s string) bool { return strings.Contains(text, s) })
}
