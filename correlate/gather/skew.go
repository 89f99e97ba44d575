package gather

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// pair is a call as both of its ends tell it.
type pair struct{ Caller, Callee *evidence.Span }

// pairsOf are the calls of the traces of which both ends are there, in order. Of spans
// that share an ID the first counts.
func pairsOf(c *gathered.Evidence) []pair {
	var list []pair
	for i := range c.Traces {
		spans := c.Traces[i].Spans
		byID := make(map[string]*evidence.Span, len(spans))
		for j := range spans {
			if s := &spans[j]; byID[s.SpanID] == nil {
				byID[s.SpanID] = s
			}
		}
		for j := range spans {
			if p := byID[spans[j].ParentID]; p != nil && p.Service != spans[j].Service {
				list = append(list, pair{p, &spans[j]})
			}
		}
	}
	return list
}

// apart reports whether the ends of a call cannot have kept the same time: the
// callee's seems to begin before the call was made, or after the answer to it had
// come. What is merely handed over is taken up whenever.
func (p pair) apart(clocks time.Duration) bool {
	if p.Caller.Start.Sub(p.Callee.Start) > clocks {
		return true
	}
	answered := p.Caller.Kind == evidence.SpanClient && p.Callee.Kind == evidence.SpanServer
	return answered && p.outside(clocks)
}

// outside reports whether the callee's work seems to begin after the caller had waited
// for it to end. A wait is at least as long as the work that it waits for: who was done
// in less has handed it over, to a queue, to be tried again or to be done at a set time,
// and it began later by every clock. A call that failed may have been given up before
// the callee took it up.
func (p pair) outside(clocks time.Duration) bool {
	waits := !p.handedOver() && !p.Caller.Failed && p.Callee.Duration <= p.Caller.Duration
	return waits && p.Callee.Start.Sub(p.Caller.End()) > clocks
}

// handedOver reports whether the spans themselves say that nobody waited, however short
// the work and however regular the delay: one of them is of a message, the caller spoke
// to a database that the work was fetched from, or neither end is that of a remote call,
// as a method that puts a job off beside the one that does it.
func (p pair) handedOver() bool {
	if p.Caller.Kind == evidence.SpanProducer || p.Callee.Kind == evidence.SpanConsumer || has(p.Caller, "messaging.system") || has(p.Callee, "messaging.system") {
		return true
	}
	if p.Callee.Kind == evidence.SpanServer {
		return false
	}
	local := p.Callee.Kind == evidence.SpanInternal && (p.Caller.Kind == evidence.SpanInternal || p.Caller.Kind == evidence.SpanServer)
	return local || p.Callee.Kind == evidence.SpanInternal && (has(p.Caller, "db.system") || has(p.Caller, "db.system.name"))
}

func has(s *evidence.Span, attribute string) bool { return s.Attributes[attribute] != "" }

// ahead is by how much the callee's clock is ahead of the caller's, as far as the
// call tells: its middle is taken for that of the callee's work (NTP, RFC 5905).
func (p pair) ahead() time.Duration {
	return p.Callee.Start.Add(p.Callee.Duration / 2).Sub(p.Caller.Start.Add(p.Caller.Duration / 2))
}

// ClocksAhead is by how much the clocks of services are ahead of most others', negative
// behind them, by the calls of traces: what [gathered.Clocks] says of them, for whoever
// must know it before anything is asked. It goes by the default weights, whatever those
// of an investigation are. A service whose clock is right is not among them, nor is one
// of which nobody can tell, as of two that call none but each other.
func ClocksAhead(traces []evidence.Trace) map[string]time.Duration {
	c := &gathered.Evidence{Traces: make([]gathered.Trace, len(traces))}
	for i, t := range traces {
		c.Traces[i].Trace = t
	}
	return readClocks(pairsOf(c), &weights.Or(nil).Flaws).Ahead
}

// readClocks tells whose clocks are off. Two services disagree where the ends of most
// of their calls cannot have kept the same time; who of them is wrong, the others
// tell that calls join to them, if most of these agree.
func readClocks(pairs []pair, by *weights.Flaws) gathered.Clocks {
	between := map[[2]string][]pair{}
	for _, p := range pairs {
		k := [2]string{p.Caller.Service, p.Callee.Service}
		between[k] = append(between[k], p)
	}
	ahead := map[string]map[string]time.Duration{} // of the other, by service
	note := func(a, b string, off time.Duration) {
		if ahead[a] == nil {
			ahead[a] = map[string]time.Duration{}
		}
		if old, known := ahead[a][b]; !known || old.Abs() < off.Abs() {
			ahead[a][b] = off
		}
	}
	read := gathered.Clocks{Ahead: map[string]time.Duration{}, Unclear: map[string]time.Duration{}, Between: map[[2]string]time.Duration{}}
	for _, k := range slices.SortedFunc(maps.Keys(between), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		off := offBetween(between[k], by)
		if off.Abs() > by.Skew {
			read.Between[k] = off
		}
		note(k[0], k[1], off)
		note(k[1], k[0], -off)
	}
	seen := map[string]bool{}
	for _, first := range slices.Sorted(maps.Keys(ahead)) {
		if !seen[first] {
			judgeClocks(&read, offsets(first, ahead, seen), by.Skew)
		}
	}
	return read
}

// offBetween is by how much the callee's clock is ahead of the caller's by some calls
// of theirs, 0 where these leave it open. A caller that does not say that it waits may
// not have; but a clock is off by the same for all calls, and who takes up what was
// handed over does so sooner now and later then.
func offBetween(list []pair, by *weights.Flaws) time.Duration {
	inTwo, outside := 0, 0
	ahead := make([]float64, len(list))
	for i, p := range list {
		ahead[i] = float64(p.ahead())
		if p.apart(by.Skew) {
			inTwo++
		}
		if p.outside(by.Skew) {
			outside++
		}
	}
	b := stat.NewBaseline(ahead, 0)
	if stat.MoreThanHalf(inTwo, len(list)) || len(list) >= by.Least && stat.MoreThanHalf(outside, len(list)) && b.IQR*by.Same < b.Median {
		return time.Duration(b.Median)
	}
	return 0
}

// offsets are how far the clocks of all services that calls join to one are ahead
// of its clock.
func offsets(first string, ahead map[string]map[string]time.Duration, seen map[string]bool) map[string]time.Duration {
	list := map[string]time.Duration{first: 0}
	seen[first] = true
	for queue := []string{first}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, next := range slices.Sorted(maps.Keys(ahead[at])) {
			if !seen[next] {
				seen[next] = true
				list[next] = list[at] + ahead[at][next]
				queue = append(queue, next)
			}
		}
	}
	return list
}

// judgeClocks adds the services whose clocks differ from that of most of them.
func judgeClocks(c *gathered.Clocks, all map[string]time.Duration, clocks time.Duration) {
	order := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(cmp.Compare(all[a], all[b]), cmp.Compare(a, b)) })
	right, most := time.Duration(0), 0
	from, to := 0, 0 // those whose clocks agree with one's
	for _, s := range order {
		for all[s]-all[order[from]] > clocks {
			from++
		}
		for to < len(order) && all[order[to]]-all[s] <= clocks {
			to++
		}
		if to-from > most {
			right, most = all[s], to-from
		}
	}
	for _, s := range order {
		switch by := all[s] - right; {
		case !stat.MoreThanHalf(most, len(order)):
			c.Unclear[s] = all[order[len(order)-1]] - all[order[0]]
		case by.Abs() > clocks:
			c.Ahead[s] = by
		}
	}
}
