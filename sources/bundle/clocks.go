package bundle

import (
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// mostCompared bounds the names of traces times those of lines that are compared by how
// they are spelled, which takes a second: a thousand of each is more than one system has.
const mostCompared = 1_000_000

// Clocks tells by traces how far ahead of the others' the clocks of services are,
// negative behind, by the names that the services have there. A service of which
// nothing is known is left out. The traces are shared and must not be changed.
type Clocks func([]evidence.Trace) (ahead map[string]time.Duration)

// dates reports whether what Until hides goes by clocks that are off.
func (b *Bundle) dates() bool { return b.clocks != nil && !b.until.IsZero() }

// aheadOf is how far ahead the clocks are of those who wrote lines, by their names
// there: traces may have others for them, which are found as for a question. A name of
// lines that stands for no name of traces has no clock that is known to be off.
func (b *Bundle) aheadOf(names []string) map[string]time.Duration {
	x, err := b.traces()
	if err != nil || len(x.ahead) == 0 {
		return nil // whoever asks for traces is told of the error
	}
	services := slices.AppendSeq(slices.Collect(maps.Keys(x.byService)), maps.Keys(x.ahead))
	slices.Sort(services)
	if services = slices.Compact(services); len(services)*len(names) > mostCompared {
		return x.ahead
	}
	ahead := map[string]time.Duration{}
	for name, service := range called(services, names) {
		if off := x.ahead[service]; off != 0 {
			ahead[name] = off
		}
	}
	return ahead
}

// services are the names of whoever wrote lines, in order, those included whose lines
// are no more kept.
func (s *streams) services() []string {
	names := map[string]bool{}
	for service := range s.over {
		names[service] = true
	}
	for _, lines := range s.lines {
		if len(lines) > 0 {
			names[lines[0].Service] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// over counts by service the records that are too late by the clock that dated them
// and for which there is no room. It is nil while there is. Records that are in time go
// before them: what is seen without knowing of clocks is seen with it.
type over map[string]int

// keeps reports whether a late record is kept until clocks are known, and counts it
// where there is no room.
func (o over) keeps(dates bool, service string) bool {
	if o != nil {
		o[service]++
	}
	return dates && o == nil
}

// add counts one that was kept so far.
func (o *over) add(service string) bool {
	if *o == nil {
		*o = over{}
	}
	(*o)[service]++
	return true
}

// tell counts those of some services as lost: whose clock is ahead, they may have been
// in time. Of all others the limit costs nothing, since they were hidden anyway.
func (o over) tell(lost *tally, kind evidence.LossKind, ahead func(service string) bool) {
	for service, n := range o {
		if ahead(service) {
			for range n {
				lost.Add(kind, "")
			}
		}
	}
}
