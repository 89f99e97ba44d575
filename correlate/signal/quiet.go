package signal

import (
	"fmt"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/spoken"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// stream are the lines of one entity, in order of time.
type stream struct {
	lines []int
	// normal is how many of them are of normal time, gap the longest time between two
	// of those.
	normal int
	gap    time.Duration
}

// quiet are the entities whose lines stop while others write on, by number, and where
// something says that they are gone: their last words, or a caller that does not get
// through to them. Silence alone may be that nobody asks for anything. Of whom series
// or late spans tell that he is there nothing is said, nor of anybody where lines were
// cut or not read.
func quiet(v *view.View) map[int]Finding {
	out := map[int]Finding{}
	if !whole(v, "logs", evidence.TopicLines) {
		return out
	}
	streams := streamsOf(v)
	silent := map[int]int{}
	wrote, goOn := 0, 0
	for e := range v.Names {
		if streams[e].normal < v.By.View.Measure.Baseline || streams[e].endedBefore(v) {
			continue // too few to tell, or a job that was done in normal time
		}
		wrote++
		switch {
		case !streams[e].ended(v):
			goOn++
		case !answers(v, e) && !slices.ContainsFunc(targetsOf(v, e), func(t target) bool { return t.reached || t.series > t.silent }):
			silent[e] = 1
		}
	}
	for e := range silent { // one finding each
		s := streams[e]
		words, ends := lastWords(v, s)
		tells, cut := cutOff(v, e)
		if !ends && !cut || !alone(v, e, silent) || float64(goOn) <= v.By.Signal.Stopped.Live*float64(wrote-1) {
			continue
		}
		last := s.lines[len(s.lines)-1]
		witnesses := b2i(ends) + b2i(cut)
		f := Finding{
			Entity: e, Mechanism: report.MechanismAbsence, Strength: stat.Squash(float64(witnesses), v.By.Signal.Stopped.TargetsHalf), Source: "logs",
			Said: v.Names[e] + " writes nothing any more",
			Why: fmt.Sprintf("%s writes nothing for the last %s, before at least every %s, while %d of %d others write on; its last words are %q",
				v.Names[e], wording.Amount(v.Evidence.Incident.End.Sub(v.Evidence.Logs[last].Time).Seconds(), "s"), wording.Amount(s.gap.Seconds(), "s"), goOn, wrote-1, wording.Excerpt(v.Evidence.Logs[words].Said())),
			Refs: []evidence.Ref{lineRef(v, words)},
		}
		if cut {
			f.Refs = append(f.Refs, lineRef(v, tells))
		}
		if v.Logs.Line[words] >= 0 {
			f.Loci = []report.Locus{templateLocus(v, v.Logs.Line[words])}
		}
		if slices.ContainsFunc(v.Evidence.Sources, func(s report.Standing) bool { return s.Source != "logs" && s.Missing() }) {
			f.Unchecked = f.Strength // series or spans might have told that it is there
		}
		out[e] = f
	}
	return out
}

// streamsOf are the streams of all entities, by number.
func streamsOf(v *view.View) []stream {
	out := make([]stream, len(v.Names))
	for i := range v.Evidence.Logs {
		if e := v.Entity(v.Evidence.Logs[i].Service); e >= 0 {
			out[e].lines = append(out[e].lines, i)
		}
	}
	for e := range out {
		s := &out[e]
		slices.SortStableFunc(s.lines, func(a, b int) int { return v.Evidence.Logs[a].Time.Compare(v.Evidence.Logs[b].Time) })
		var before *gathered.Line
		for _, i := range s.lines {
			ln := &v.Evidence.Logs[i]
			if !ln.Baseline {
				continue
			}
			if before != nil {
				s.gap = max(s.gap, ln.Time.Sub(before.Time))
			}
			before = ln
			s.normal++
		}
	}
	return out
}

// ended reports whether a stream has no line at the end of the incident, by more than
// some times the longest gap that it had before.
func (s *stream) ended(v *view.View) bool {
	return v.Evidence.Incident.End.Sub(s.last(v)) > s.long(v)
}

// endedBefore reports whether a stream was at its end, as at that of the incident,
// when the incident had not begun, nor the onset where it is known to be earlier.
func (s *stream) endedBefore(v *view.View) bool {
	begin := v.Evidence.Incident.Start
	if o := v.Evidence.Onset.Earliest; !o.IsZero() && o.Before(begin) {
		begin = o
	}
	return begin.Sub(s.last(v)) > s.long(v)
}

func (s *stream) last(v *view.View) time.Time { return v.Evidence.Logs[s.lines[len(s.lines)-1]].Time }

// long is for how long a stream must have no line to have ended.
func (s *stream) long(v *view.View) time.Duration {
	return time.Duration(v.By.Signal.Stopped.Gaps) * max(s.gap, v.Evidence.Step, v.By.Signal.Stopped.Shipped)
}

// lastWords is the last line of a stream that tells of an end, if one of those does
// that came within one gap of the last, else the last.
func lastWords(v *view.View, s stream) (line int, ends bool) {
	last := s.lines[len(s.lines)-1]
	for _, i := range slices.Backward(s.lines) {
		ln := &v.Evidence.Logs[i]
		if v.Evidence.Logs[last].Time.Sub(ln.Time) > s.gap {
			break
		}
		if ln.Severity >= evidence.SeverityFatal || spoken.Says(ln.Text()+" "+ln.Error).Any(spoken.Ends) {
			return i, true
		}
	}
	return last, false
}

// cutOff is a line of the incident in which somebody who names an entity says that he
// does not get through.
func cutOff(v *view.View, e int) (line int, ok bool) {
	for t := range v.Logs.Templates {
		f := &v.Logs.Templates[t]
		if f.Names == e && f.Entity != e && f.Says.Any(spoken.NoWay) && rateGain(v, t) > v.By.Signal.External.Fails {
			return f.Line, true
		}
	}
	return 0, false
}
