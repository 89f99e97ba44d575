package evidence

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// LossKind says what is wrong with a record that cannot be used, for one of them
// and for many: "span ended before it began", "spans ended before they began".
type LossKind struct {
	One, Many string
	// Clock is how far the clock that dated an answer is ahead of ours, negative
	// behind it. Such an answer is in doubt and not left out. 0 for all that is.
	Clock time.Duration
}

// The kinds of record that several sources leave out.
var (
	LostBackwards = LossKind{One: "span ended before it began", Many: "spans ended before they began"}
	LostUndated   = LossKind{One: "span has no start or end time", Many: "spans have no start or end time"}
	LostRepeated  = LossKind{One: "span bears the ID of another one", Many: "spans bear the ID of another one"}
	LostNumbers   = LossKind{One: "sample is not a number", Many: "samples are not numbers"}
)

// Loss is how many records of one kind were left out.
type Loss struct {
	LossKind
	Count int
}

func (l Loss) String() string {
	if l.Count == 1 {
		return "1 " + l.One
	}
	return fmt.Sprintf("%d %s", l.Count, l.Many)
}

// Losses counts records that were left out since they cannot be used: a bad
// record costs itself and never the answer that it stands in. It may be used
// concurrently; the zero value counts from nothing.
type Losses struct {
	mu    sync.Mutex
	kinds map[LossKind]int
	seen  map[string]bool
	above *Losses // counts the same too
}

// mostSeen bounds the records that are known again when another answer holds
// them too.
const mostSeen = 100_000

// Add counts one record. Two with the same ID are one; without an ID each counts.
func (l *Losses) Add(kind LossKind, id string) {
	if l.above != nil {
		l.above.Add(kind, id)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if id != "" {
		id = kind.One + "\x00" + id
		if l.seen[id] {
			return
		}
		if l.seen == nil {
			l.seen = map[string]bool{}
		}
		if len(l.seen) < mostSeen {
			l.seen[id] = true
		}
	}
	if l.kinds == nil {
		l.kinds = map[LossKind]int{}
	}
	l.kinds[kind]++
}

// List is what was counted, most first, then by name.
func (l *Losses) List() []Loss {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Loss, 0, len(l.kinds))
	for k, n := range l.kinds {
		list = append(list, Loss{k, n})
	}
	slices.SortFunc(list, func(a, b Loss) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Many, b.Many)) })
	return list
}

// DescribeLosses is a list in words, and how many records it is about.
func DescribeLosses(list []Loss) (text string, count int) {
	words := make([]string, len(list))
	for i, l := range list {
		words[i] = l.String()
		count += l.Count
	}
	return strings.Join(words, ", "), count
}

type lossesKey struct{}

// WithLosses gives whoever answers a question a place to count what it leaves
// out.
func WithLosses(ctx context.Context, l *Losses) context.Context {
	return context.WithValue(ctx, lossesKey{}, l)
}

// OverhearLosses counts what one question's answer leaves out beside whoever counts
// already.
func OverhearLosses(ctx context.Context) (context.Context, *Losses) {
	l := &Losses{}
	l.above, _ = ctx.Value(lossesKey{}).(*Losses)
	return WithLosses(ctx, l), l
}

// Lose counts a record that an answer leaves out; nobody hears of it when nobody
// counts.
func Lose(ctx context.Context, kind LossKind, id string) {
	if l, ok := ctx.Value(lossesKey{}).(*Losses); ok {
		l.Add(kind, id)
	}
}

// DropRepeats removes spans recorded twice from a trace; the first in order
// stays. Client and server share an ID in some older systems, and are two spans.
// One that was not merely sent again, but says something else under the same ID,
// is told to lost.
func DropRepeats(spans []Span, lost func(Span)) []Span {
	type key struct {
		id, service string
		kind        SpanKind
	}
	seen := make(map[key]int, len(spans))
	kept := spans[:0]
	for _, s := range spans {
		k := key{s.SpanID, s.Service, s.Kind}
		if at, again := seen[k]; again {
			if first := kept[at]; !first.Start.Equal(s.Start) || first.Operation != s.Operation || first.Duration != s.Duration {
				lost(s)
			}
			continue
		}
		seen[k] = len(kept)
		kept = append(kept, s)
	}
	clear(spans[len(kept):])
	return kept
}

// lastSecond is the last that is taken for a time at which something was
// recorded, in the year 2242: clocks of nanoseconds end soon after.
const lastSecond = 1 << 33

// Unusable says what keeps a span's times from being used, if anything does.
func (s Span) Unusable() (kind LossKind, bad bool) {
	switch {
	case s.Duration < 0:
		return LostBackwards, true
	case s.Start.Unix() < 0 || s.Start.UnixNano() <= 0 || s.End().Unix() > lastSecond:
		return LostUndated, true
	}
	return kind, false
}
