package onset

import (
	"math"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// track is one quantity over time in which an onset may show.
type track struct {
	from    report.OnsetBasis // as in Onset.From
	samples []evidence.Sample
	// looks is how far back a sample looks: the range of a rate, a bin's width.
	looks time.Duration
	// least is the least spread of normal values, in the samples' unit.
	least float64
	// normal are values from windows known to be fault-free, if there are any.
	normal []float64
	// hurt is the side on which a change counts, 0 for either.
	hurt int
	// state is true for samples of a state, which is known from the first on.
	state bool
	// recovered is true for what is left of samples after a trouble that was over.
	recovered bool
	// marks are the events that were counted into the samples, in order of time,
	// where each of them did or did not show the trouble.
	marks []mark
}

// shift is an onset that a track shows.
type shift struct {
	at       time.Time // first sample of the new level
	earliest time.Time // the sample before it
	z        float64
	// lasting is set where the level is off the known normal one from here to
	// the end of the data.
	lasting bool
}

// Finder looks for the onset in what was gathered.
type Finder struct {
	// Evidence holds traces and lines under their entities' names; its windows are not
	// settled yet.
	Evidence *gathered.Evidence
	Suspect  evidence.Window // where an onset may lie
	Hold     time.Duration   // how long the condition held before the alert fired
	Exprs    []Expr
	Series   []Series
}

// Expr is one series of an alert's expression.
type Expr struct {
	Labels  map[string]string
	Samples []evidence.Sample
	Looks   time.Duration // how far back a sample looks
	// Failures is true where it counts failures: no sample means that there were none.
	Failures bool
	// Hurt is on which side of the threshold it hurts: 1 above, -1 below, 0 for
	// either.
	Hurt int
}

// Series is one series of one entity.
type Series struct {
	Entity  string
	Alert   bool          // the alert's rule looks at it
	Looks   time.Duration // how far back a sample looks
	Samples []evidence.Sample
}

// Find settles when the trouble began: as given, else in the alerting
// series, else in traces, else in logs, else in all metrics together, else by
// the alert itself.
func (v *Finder) Find() report.Onset {
	c := v.Evidence
	if at := v.Evidence.Request.Onset; !at.IsZero() {
		return report.Onset{At: at.UTC(), Earliest: at.UTC(), Latest: at.UTC(), From: report.OnsetGiven}
	}
	if w := v.Evidence.Request.Window; !w.IsZero() {
		return report.Onset{At: w.Start.UTC(), Earliest: w.Start.UTC(), Latest: w.Start.UTC(), From: report.OnsetGiven}
	}
	for _, tracks := range [][]track{v.exprTracks(), v.alertingTracks(), v.traceTracks(c, c.Alerting), v.logTracks(c)} {
		if o, ok := v.strongest(tracks); ok {
			return v.narrowed(o)
		}
	}
	if o, ok := v.strongest(v.traceTracks(c, v.others(c))); ok && o.Score >= stat.Milli(stat.Squash(v.by().Unnamed, v.by().Half)) {
		return o
	}
	if o, ok := v.consensus(v.ceased(c)); ok {
		return o
	}
	// An alert needs a few samples to fire, and its rule may ask it to hold.
	at := v.Evidence.FiredAt.Add(-max(v.Hold, v.by().Hold, time.Duration(v.by().Steps)*v.Evidence.Step)).UTC()
	return report.Onset{At: at, Earliest: at.Add(-v.by().Doubt), Latest: v.Evidence.FiredAt.UTC(), From: report.OnsetAlert}
}

// strongest is the onset of the track that departs furthest from normal. The
// strongest is taken, not the earliest: of many tracks one always twitches
// first. Where normal is known and tracks leave it clearly and for good, it is
// the earliest of these: what a fault does worst it seldom does first.
func (v *Finder) strongest(tracks []track) (report.Onset, bool) {
	var best shift
	from, ok := report.OnsetBasis(""), false
	for _, t := range tracks {
		if f, has := v.search(t); has && v.couldFire(f) && (!ok || f.outdoes(best, v.by().Vote)) {
			best, from, ok = f, t.from, true
		}
	}
	if !ok {
		return report.Onset{}, false
	}
	return v.found(best.earliest, best.at, from, stat.Milli(stat.Squash(wording.Abs(best.z), v.by().Half))), true
}

// by is what an onset is found by.
func (v *Finder) by() *weights.Onset { return &v.Evidence.By().Onset }

// outdoes reports whether f is the better onset of the two; vote is from which
// deviation on a change is clear.
func (f shift) outdoes(g shift, vote float64) bool {
	clear := func(s shift) bool { return s.lasting && wording.Abs(s.z) >= vote }
	switch {
	case clear(f) != clear(g):
		return clear(f)
	case clear(f) && !f.at.Equal(g.at):
		return f.at.Before(g.at)
	case wording.Abs(f.z) != wording.Abs(g.z):
		return wording.Abs(f.z) > wording.Abs(g.z)
	}
	return f.at.Before(g.at)
}

// couldFire reports whether a change came early enough for the rule to fire on
// it: its condition held for as long as the rule asks before it fired.
func (v *Finder) couldFire(f shift) bool { return !f.earliest.After(v.lastPossible()) }

// lastPossible is the latest instant at which what the alert fired on can have
// begun.
func (v *Finder) lastPossible() time.Time { return v.Evidence.FiredAt.Add(-v.Hold).UTC() }

// found is the onset that a change shows: in the last part of its interval, which
// ends before the rule's condition began to hold.
func (v *Finder) found(earliest, latest time.Time, from report.OnsetBasis, score int) report.Onset {
	if last := v.lastPossible(); latest.After(last) && !earliest.After(last) {
		latest = last
	}
	// A clear change shows in a rate long before its range is over.
	at := latest.Add(-time.Duration(v.by().Last * float64(latest.Sub(earliest)))).UTC()
	return report.Onset{At: at, Earliest: earliest, Latest: latest, From: from, Score: score}
}

// narrowed is an onset narrowed to when requests, lines and raw samples within its
// interval changed: a rate over a minute tells only that something began within
// that minute. What agrees with nothing is left as it is.
func (v *Finder) narrowed(o report.Onset) report.Onset {
	if o.Latest.Sub(o.Earliest) <= time.Duration(v.by().Near)*max(v.Evidence.Step, v.by().Bin) {
		return o
	}
	for _, tracks := range [][]track{v.traceTracks(v.Evidence, slices.Concat(v.Evidence.Alerting, v.others(v.Evidence))), v.logTracks(v.Evidence), v.rawTracks()} {
		if f, ok := v.within(tracks, o); ok {
			o.At, o.Earliest, o.Latest = middle(f.earliest, f.at), f.earliest.Add(-v.Evidence.Step), f.at
			return o
		}
	}
	return o
}

// within is the change that outdoes all others of those that lie in an onset's
// interval and are as clear as a vote must be.
func (v *Finder) within(tracks []track, o report.Onset) (best shift, ok bool) {
	for _, t := range tracks {
		f, has := v.search(t)
		if !has || f.at.After(o.Latest) || f.earliest.Before(o.Earliest) || wording.Abs(f.z) < v.by().Vote {
			continue
		}
		if !ok || f.outdoes(best, v.by().Vote) {
			best, ok = f, true
		}
	}
	return best, ok
}

// rawTracks are the series whose samples look back no further than their own
// spacing.
func (v *Finder) rawTracks() []track {
	var tracks []track
	for _, m := range v.Series {
		if m.Looks <= time.Duration(v.by().Near)*v.Evidence.Step {
			tracks = append(tracks, v.trackOf(report.OnsetMetrics, m.Samples))
		}
	}
	return tracks
}

// middle is the instant half-way: a change seen between two samples happened
// anywhere between them.
func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2).UTC() }

// exprTracks are what the alerts' expressions measure: what fired.
func (v *Finder) exprTracks() []track {
	var tracks []track
	for _, s := range v.Exprs {
		if IsAlertingSeries(v.Evidence.Request.Alert, s.Labels) {
			t := v.trackOf(report.OnsetAlerting, s.Samples)
			t.least = v.leastWhereSteady(s.Samples)
			if s.Failures {
				t = v.trackOf(report.OnsetAlerting, v.zeroBefore(s.Samples))
				t.least = v.leastFailures(s.Samples)
			}
			t.looks, t.hurt = s.Looks, s.Hurt
			t.state = s.Looks == 0 && v.leastWhereSteady(s.Samples) > 0
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// alertingTracks are the alerting entities' series that the rules look at. They
// may move for a reason of their own and the other way.
func (v *Finder) alertingTracks() []track {
	var tracks []track
	for _, m := range v.Series {
		if m.Alert && slices.Contains(v.Evidence.Alerting, m.Entity) {
			t := v.trackOf(report.OnsetAlerting, m.Samples)
			t.looks = m.Looks
			tracks = append(tracks, t)
		}
	}
	return tracks
}

// leastFailures is the least spread of a rate or a share of failures: where there
// were none there is no spread, and a twentieth of the worst is no onset.
func (v *Finder) leastFailures(samples []evidence.Sample) float64 {
	most := 0.0
	for _, s := range samples {
		most = max(most, s.Value)
	}
	return most * v.by().Twentieth
}

// leastWhereSteady is the least spread of a series that mostly has one value, as a
// state does, or that has a few whole values alone, in which any step is one; 0 for
// every other.
func (v *Finder) leastWhereSteady(samples []evidence.Sample) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.Value
	}
	if len(values) == 0 || stat.NewBaseline(values, 0).IQR > 0 && !v.fewWhole(values) {
		return 0
	}
	return v.leastFailures(samples)
}

// fewWhole reports whether values are whole numbers and few of them.
func (v *Finder) fewWhole(values []float64) bool {
	var seen []float64
	for _, x := range values {
		if x != math.Trunc(x) {
			return false
		}
		if !slices.Contains(seen, x) {
			if seen = append(seen, x); len(seen) > v.by().States {
				return false
			}
		}
	}
	return true
}

// zeroBefore puts zeros before the first sample of failures, at the instants at
// which anything was collected from what alerts: none were counted then, since
// none had happened.
func (v *Finder) zeroBefore(samples []evidence.Sample) []evidence.Sample {
	if len(samples) == 0 {
		return samples
	}
	at := map[int64]evidence.Sample{}
	for _, m := range v.Series {
		if !slices.Contains(v.Evidence.Alerting, m.Entity) {
			continue
		}
		for _, s := range m.Samples {
			if s.Time.Before(samples[0].Time) {
				at[s.Time.UnixNano()] = evidence.Sample{Time: s.Time}
			}
		}
	}
	zeros := make([]evidence.Sample, 0, len(at)+len(samples))
	for _, s := range at { // sorted below
		zeros = append(zeros, s)
	}
	slices.SortFunc(zeros, func(a, b evidence.Sample) int { return a.Time.Compare(b.Time) })
	return append(zeros, samples...)
}

// IsAlertingSeries reports whether a series of an alert's expression is one
// that fired: what labels it shares with an alert agree.
func IsAlertingSeries(a evidence.Alert, labels map[string]string) bool {
	return slices.ContainsFunc(a.Instances, func(i evidence.AlertInstance) bool {
		for name, value := range labels {
			if want, ok := i.Labels[name]; ok && want != value {
				return false
			}
		}
		return true
	})
}

// trackOf splits samples into those of the survey and those known as normal.
func (v *Finder) trackOf(from report.OnsetBasis, samples []evidence.Sample) track {
	t := track{from: from}
	for _, s := range samples {
		if v.faultFree(s.Time) {
			t.normal = append(t.normal, s.Value)
		} else if !s.Time.After(v.Evidence.Survey.End) {
			t.samples = append(t.samples, s)
		}
	}
	return t
}
