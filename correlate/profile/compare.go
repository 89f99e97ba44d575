package profile

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// Bounds of what a comparison tells.
const (
	mostPlaces  = 5
	mostCallers = 3
)

// Side says of a request, by the IDs of its trace and its span, whether it is among
// those that failed or were slow; known is false for one that nobody saw.
type Side func(traceID, spanID string) (bad, known bool)

// Compare says what of a service's code spends or holds more in the profile during
// an incident than in the one before it. Without one before, what requests that
// failed or were slow spent is held against what the others did, as far as samples
// carry their IDs; side may be nil. Where that tells nothing either, a function that
// most is spent in is named, and nothing is said of whether that is new.
//
// An amount belongs to the innermost frame of the service's own code: a loop that
// calls the runtime is the loop's cost. Functions are compared by name, since their
// lines move between builds; those that another build names otherwise count as the
// same, as far as that can be told.
func Compare(before, during *evidence.Profile, side Side, by *weights.Profile) report.ProfileView {
	v := report.ProfileView{
		Service: during.Service, Kind: during.Kind, Unit: unitOf(during.Kind),
		During: window(during), Now: amount(during, during.Total),
	}
	notes := notes(before, during, by)
	whose := origins{}
	before = whose.asNamedNow(alike(before, during), during)
	now := whose.tally(during, side)
	was := counts{}
	if before != nil {
		v.Before, v.Was = window(before), amount(before, before.Total)
		was = whose.tally(before, nil)
	}
	v.Traced, v.Bad = now.traced(during)
	v.Places = places(was, now, before, during, by)
	v.Flame = whose.flame(before, during)
	v.Notes = notes
	return v
}

// alike is a profile as if it were of as many processes as another.
func alike(p, as *evidence.Profile) *evidence.Profile {
	if p == nil || processes(p) == processes(as) {
		return p
	}
	out := *p
	scaled := func(v int64) int64 {
		return int64(math.Round(float64(v) / float64(processes(p)) * float64(processes(as))))
	}
	out.Total, out.Nameless = scaled(p.Total), scaled(p.Nameless)
	out.Samples = slices.Clone(p.Samples)
	for i := range out.Samples {
		out.Samples[i].Value = scaled(out.Samples[i].Value)
	}
	return &out
}

func processes(p *evidence.Profile) int { return max(1, p.Processes) }

func window(p *evidence.Profile) evidence.Window {
	return evidence.Window{Start: p.Start, End: p.End()}
}

func unitOf(k evidence.ProfileKind) string {
	switch k {
	case evidence.ProfileCPU:
		return "cores"
	case evidence.ProfileHeap:
		return "By"
	case evidence.ProfileWait:
		return "waiting"
	}
	return "goroutines"
}

// amount is a value of a profile in its unit: of time spent a second, else of what
// was held.
func amount(p *evidence.Profile, value int64) float64 {
	if p == nil {
		return 0
	}
	if p.Kind.Timed() {
		const shownDigits = 1e4
		return math.Round(shownDigits*float64(value)/float64(p.Duration)) / shownDigits
	}
	return float64(value)
}

// counts is a profile by function of the service's own code.
type counts struct {
	byFunction map[string]*count
	// bad and rest are what requests of either side spent in all.
	bad, rest int64
}

type count struct {
	value     int64
	lines     map[evidence.Frame]int64
	ways      map[string]*way
	bad, rest int64
	own       bool
}

// way is how a function came to be called.
type way struct {
	callers []evidence.Frame
	value   int64
}

// origins remember of frames whether they may be the service's own: a stack has the
// same ones again and again, and telling is slow.
type origins map[evidence.Frame]bool

func (o origins) own(f evidence.Frame) bool {
	own, known := o[f]
	if !known {
		own = f.File != "" && f.Line > 0 && f.Origin() == evidence.OriginUnknown
		o[f] = own
	}
	return own
}

// tally sums a profile up.
func (o origins) tally(p *evidence.Profile, side Side) counts {
	c := counts{byFunction: map[string]*count{}}
	for i := range p.Samples {
		s := &p.Samples[i]
		at, own := o.placeOf(s.Stack)
		f := c.byFunction[s.Stack[at].Function]
		if f == nil {
			f = &count{lines: map[evidence.Frame]int64{}, ways: map[string]*way{}, own: own}
			c.byFunction[s.Stack[at].Function] = f
		}
		f.value += s.Value
		f.lines[s.Stack[at]] += s.Value
		f.called(o.callers(s.Stack[at+1:]), s.Value)
		if side == nil || s.TraceID == "" && s.SpanID == "" {
			continue
		}
		switch bad, known := side(s.TraceID, s.SpanID); {
		case known && bad:
			c.bad += s.Value
			f.bad += s.Value
		case known:
			c.rest += s.Value
			f.rest += s.Value
		}
	}
	return c
}

// placeOf is the innermost frame that may be the service's own code, the innermost
// at all where none is.
func (o origins) placeOf(stack []evidence.Frame) (at int, own bool) {
	at = slices.IndexFunc(stack, o.own)
	return max(at, 0), at >= 0
}

func (o origins) callers(stack []evidence.Frame) []evidence.Frame {
	var list []evidence.Frame
	for _, f := range stack {
		if len(list) == mostCallers {
			break
		}
		if o.own(f) {
			list = append(list, f)
		}
	}
	return list
}

func (c *count) called(by []evidence.Frame, value int64) {
	key := ""
	for _, f := range by {
		key += f.Function + "\x00" + f.File + "\x00" + strconv.Itoa(f.Line) + "\x00"
	}
	w := c.ways[key]
	if w == nil {
		w = &way{callers: by}
		c.ways[key] = w
	}
	w.value += value
}

// traced are the samples of a profile of known requests, and of bad ones.
func (c *counts) traced(p *evidence.Profile) (known, bad int) {
	return samplesOf(p, c.bad+c.rest), samplesOf(p, c.bad)
}

// samplesOf is of how many samples a value is; processors are looked at a hundred
// times a second, as runtime/pprof does unless told otherwise.
// Waiting is no sampling, and a millisecond of it counts as one.
func samplesOf(p *evidence.Profile, value int64) int {
	const samplingStep, samplingWait = 10_000_000, 1_000_000 // nanoseconds
	switch p.Kind {
	case evidence.ProfileCPU:
		return int(value / samplingStep)
	case evidence.ProfileWait:
		return int(value / samplingWait)
	}
	return int(min(value, math.MaxInt32))
}

// places are the functions that grew, most first.
func places(was, now counts, before, during *evidence.Profile, by *weights.Profile) []report.ProfilePlace {
	var list []report.ProfilePlace
	grown := 0.0
	sameBuild := before != nil && before.Build == during.Build
	for _, name := range slices.Sorted(maps.Keys(now.byFunction)) {
		n, w := now.byFunction[name], was.byFunction[name]
		if w == nil {
			w = &count{}
		}
		p := report.ProfilePlace{Function: name, Was: amount(before, w.value), Now: amount(during, n.value), BadShare: part(n.bad, now.bad), RestShare: part(n.rest, now.rest)}
		if before != nil {
			grown += max(0, p.Now-p.Was)
		}
		if !n.own {
			continue
		}
		switch {
		case before != nil && !grew(&p, by, before, during):
			continue
		case before == nil && !apart(&p, n, &now, during, by):
			// What the others' requests spend is no news; what most is spent on may be.
			p.BadShare, p.RestShare = 0, 0
			if !dominates(&p, by, during) {
				continue
			}
		}
		p.Frame, p.Callers, p.Begins = lineOf(n, w, sameBuild), wayTo(n), during.Begins[name]
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b report.ProfilePlace) int {
		if before == nil {
			return cmp.Or(cmp.Compare(b.BadShare-b.RestShare, a.BadShare-a.RestShare), cmp.Compare(a.Function, b.Function))
		}
		return cmp.Or(cmp.Compare(b.Now-b.Was, a.Now-a.Was), cmp.Compare(a.Function, b.Function))
	})
	apart := slices.ContainsFunc(list, func(p report.ProfilePlace) bool { return p.BadShare > 0 })
	list = slices.DeleteFunc(list, func(p report.ProfilePlace) bool {
		return before != nil && p.Now-p.Was < by.Share*grown || before == nil && apart && p.BadShare == 0
	})
	return list[:min(len(list), mostPlaces)]
}

// grew reports whether a function spends or holds more than before, by an amount
// that matters and that is no chance of the sampling.
func grew(p *report.ProfilePlace, by *weights.Profile, before, during *evidence.Profile) bool {
	if p.Now < by.Times*p.Was || p.Now-p.Was < by.Least[string(during.Kind)] {
		return false
	}
	if during.Kind != evidence.ProfileCPU {
		return true
	}
	// Samples are counts: the variance of each is itself, scaled to one duration.
	const samplingRate = 100 // a second, as samplesOf has it
	t, b := during.Duration.Seconds(), before.Duration.Seconds()
	variance := p.Now*samplingRate/t + p.Was*samplingRate/b
	return (p.Now-p.Was)*samplingRate >= by.Sigma*math.Sqrt(variance)
}

// dominates reports whether a function spends or holds most of all, where there is
// nothing to compare it with.
func dominates(p *report.ProfilePlace, by *weights.Profile, during *evidence.Profile) bool {
	if during.Kind == evidence.ProfileWait {
		return false // whatever is idle waits
	}
	return p.Now >= by.Least[string(during.Kind)] && p.Now >= by.Alone*amount(during, during.Total)
}

// apart reports whether a function's part of what bad requests spent is larger than
// its part of what the others did by more than chance.
func apart(p *report.ProfilePlace, n *count, all *counts, during *evidence.Profile, by *weights.Profile) bool {
	bad, rest := samplesOf(during, all.bad), samplesOf(during, all.rest)
	if !during.Kind.Timed() || bad < by.Traced || rest < by.Traced || p.BadShare-p.RestShare < by.Share {
		return false
	}
	pooled := float64(n.bad+n.rest) / float64(all.bad+all.rest)
	return p.BadShare-p.RestShare >= by.Sigma*math.Sqrt(pooled*(1-pooled)*(1/float64(bad)+1/float64(rest)))
}

func part(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(1e3*float64(n)/float64(of)) / 1e3
}

// lineOf is the line of a function that grew most. Lines of two builds are not
// compared.
func lineOf(now, was *count, sameBuild bool) evidence.Frame {
	var best evidence.Frame
	most := int64(math.MinInt64)
	for _, f := range slices.SortedFunc(maps.Keys(now.lines), compareFrames) {
		grown := now.lines[f]
		if sameBuild {
			grown -= was.lines[f]
		}
		if grown > most {
			best, most = f, grown
		}
	}
	return best
}

// wayTo are the callers on the way by which most of a function's cost came.
func wayTo(c *count) []evidence.Frame {
	var best *way
	for _, key := range slices.Sorted(maps.Keys(c.ways)) {
		if w := c.ways[key]; best == nil || w.value > best.value {
			best = w
		}
	}
	return best.callers
}

func compareFrames(a, b evidence.Frame) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Function, b.Function))
}
