package onset

import (
	"cmp"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// track is one quantity over time in which an onset may show.
type track struct {
	from    string // as in Onset.From
	samples []evidence.Sample
	// least is the least spread of normal values, in the samples' unit.
	least float64
	// normal are values from windows known to be fault-free, if there are any.
	normal []float64
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
	Exprs    []evidence.Series
	Series   []Series
}

// Series is one series of one entity.
type Series struct {
	Entity  string
	Alert   bool // the alert's rule looks at it
	Samples []evidence.Sample
}

// Find settles when the trouble began: as given, else in the alerting
// series, else in traces, else in logs, else in all metrics together, else by
// the alert itself.
func (v *Finder) Find() report.Onset {
	c := v.Evidence
	if at := v.Evidence.Request.Onset; !at.IsZero() {
		return report.Onset{At: at.UTC(), Earliest: at.UTC(), Latest: at.UTC(), From: "given"}
	}
	if w := v.Evidence.Request.Window; !w.IsZero() {
		return report.Onset{At: w.Start.UTC(), Earliest: w.Start.UTC(), Latest: w.Start.UTC(), From: "given"}
	}
	for _, tracks := range [][]track{v.alertingTracks(), v.traceTracks(c, c.Alerting), v.logTracks(c)} {
		if o, ok := v.strongest(tracks); ok {
			return o
		}
	}
	if o, ok := v.strongest(v.traceTracks(c, v.others(c))); ok && o.Score >= stat.Milli(stat.Squash(othersZ, onsetHalf)) {
		return o
	}
	if o, ok := v.consensus(v.ceased(c)); ok {
		return o
	}
	// An alert needs a few samples to fire, and its rule may ask it to hold.
	at := v.Evidence.FiredAt.Add(-max(v.Hold, 3*time.Minute, 4*v.Evidence.Step)).UTC()
	return report.Onset{At: at, Earliest: at.Add(-2 * time.Minute), Latest: v.Evidence.FiredAt.UTC(), From: "alert"}
}

// strongest is the onset of the track that departs furthest from normal. The
// strongest is taken, not the earliest: of many tracks one always twitches
// first. Where normal is known and tracks leave it clearly and for good, it is
// the earliest of these: what a fault does worst it seldom does first.
func (v *Finder) strongest(tracks []track) (report.Onset, bool) {
	var best shift
	from, ok := "", false
	for _, t := range tracks {
		if f, has := v.search(t); has && (!ok || f.outdoes(best)) {
			best, from, ok = f, t.from, true
		}
	}
	if !ok {
		return report.Onset{}, false
	}
	o := report.Onset{At: middle(best.earliest, best.at), Earliest: best.earliest, Latest: best.at, From: from,
		Score: stat.Milli(stat.Squash(wording.Abs(best.z), onsetHalf))}
	return v.notTooLate(o), true
}

// outdoes reports whether f is the better onset of the two.
func (f shift) outdoes(g shift) bool {
	clear := func(s shift) bool { return s.lasting && wording.Abs(s.z) >= consensusZ }
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

// notTooLate moves an onset that lies so close to the alert that no rule could
// have fired on it: no rule fires on less than a few samples, and what is seen
// to change later than that began before.
func (v *Finder) notTooLate(o report.Onset) report.Onset {
	last := v.Evidence.FiredAt.Add(-max(soonest, 2*v.Evidence.Step)).UTC()
	if o.At.After(last) {
		o.At = last
	}
	if o.Earliest.After(last) {
		o.Earliest = last
	}
	return o
}

// soonest is how soon after the onset an alert fires at best: scrape, rate
// window, evaluation and group wait add up to no less.
const soonest = 90 * time.Second

// onsetHalf is the robust deviation at which an onset has half strength.
const onsetHalf = 10

// middle is the instant half-way: a change seen between two samples happened
// anywhere between them.
func middle(a, b time.Time) time.Time { return a.Add(b.Sub(a) / 2).UTC() }

// search finds the change in one track within the window in which an onset may
// lie.
func (v *Finder) search(t track) (shift, bool) {
	suspect := v.Suspect
	if len(t.normal) >= minNormal {
		if f, ok := leaves(t, suspect); ok {
			return f, true
		}
	}
	values := make([]float64, len(t.samples))
	for i, s := range t.samples {
		values[i] = s.Value
	}
	ch, ok := stat.FindChange(values, t.least)
	if ok && t.samples[ch.Index].Time.Sub(t.samples[0].Time) < leastBefore {
		// What came before is too short to be normal: a rate's first window, or
		// a process that had just started. What follows may still change.
		t.samples = t.samples[ch.Index:]
		return v.search(t)
	}
	if !ok || t.samples[ch.Index].Time.Before(suspect.Start) {
		return shift{}, false
	}
	return shift{at: t.samples[ch.Index].Time, earliest: t.samples[ch.Index-1].Time, z: ch.Z}, true
}

// leastBefore is how much of a track must lie before a change in it.
const leastBefore = 2 * time.Minute

// minNormal is how many fault-free values make a baseline.
const minNormal = 4

// leaves finds the first sample of the suspect window from which on most
// values lie off the known normal ones, on one side.
func leaves(t track, suspect evidence.Window) (shift, bool) {
	base := stat.NewBaseline(t.normal)
	var zs []float64
	var at []time.Time
	for _, s := range t.samples {
		if !s.Time.Before(suspect.Start) {
			zs = append(zs, base.Z(s.Value, t.least))
			at = append(at, s.Time)
		}
	}
	for i := range zs {
		off := 0
		for _, z := range zs[i:] {
			if wording.Abs(z) >= 3 && (z > 0) == (zs[i] > 0) {
				off++
			}
		}
		if wording.Abs(zs[i]) >= 3 && 2*off > len(zs[i:]) && off >= 2 {
			earliest := suspect.Start
			if i > 0 {
				earliest = at[i-1]
			} else if gap := at[0].Add(-time.Minute); gap.After(earliest) {
				earliest = gap
			}
			return shift{at: at[i], earliest: earliest, z: stat.Median(zs[i:]), lasting: true}, true
		}
	}
	return shift{}, false
}

// alertingTracks are the alerts' expressions, and the alerting entities' series
// that the rules look at.
func (v *Finder) alertingTracks() []track {
	var tracks []track
	for _, s := range v.Exprs {
		if IsAlertingSeries(v.Evidence.Request.Alert, s.Labels) {
			tracks = append(tracks, v.trackOf("alerting series", s.Samples))
		}
	}
	for _, m := range v.Series {
		if m.Alert && slices.Contains(v.Evidence.Alerting, m.Entity) {
			tracks = append(tracks, v.trackOf("alerting series", m.Samples))
		}
	}
	return tracks
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
func (v *Finder) trackOf(from string, samples []evidence.Sample) track {
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

// consensus takes the onset from all metrics together: where the most of them
// change within a minute and a half. A lone metric that changes proves nothing,
// and what changed only after all spans and lines had ceased is an aftermath.
func (v *Finder) consensus(ceased time.Time) (report.Onset, bool) {
	var all []shift
	for _, m := range v.Series {
		t := v.trackOf("metrics", m.Samples)
		t.normal = nil // the survey's own look-back suits a vote better
		if f, ok := v.search(t); ok && wording.Abs(f.z) >= consensusZ && !f.earliest.After(ceased) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b shift) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.z, a.z)) })
	const wide = 90 * time.Second
	best, from, votes := 0.0, 0, 0
	for i := range all {
		sum, n := 0.0, 0
		for _, f := range all[i:] {
			if f.at.Sub(all[i].at) > wide {
				break
			}
			sum += stat.Squash(wording.Abs(f.z), onsetHalf)
			n++
		}
		if sum *= v.nearness(all[i].at); sum > best {
			best, from, votes = sum, i, n
		}
	}
	if votes < consensusVotes {
		return report.Onset{}, false
	}
	o := report.Onset{At: middle(all[from].earliest, all[from].at), Earliest: all[from].earliest, Latest: all[from+votes-1].at, From: "metrics"}
	o.Score = stat.Milli(best / float64(votes))
	return v.notTooLate(o), true
}

// ceased is the last instant at which any span or line was seen, when that is
// well before the alert, else the alert.
func (v *Finder) ceased(c *gathered.Evidence) time.Time {
	var last time.Time
	for _, t := range c.Traces {
		for i := range t.Spans {
			if end := t.Spans[i].End(); end.After(last) && v.Evidence.Survey.Contains(end) {
				last = end
			}
		}
	}
	for i := range c.Logs {
		if at := c.Logs[i].Time; at.After(last) && v.Evidence.Survey.Contains(at) {
			last = at
		}
	}
	if last.IsZero() || v.Evidence.Survey.End.Sub(last) < 2*time.Minute {
		return v.Evidence.Survey.End
	}
	return last
}

// nearness weighs an onset by how long before the alert it would have been:
// half at five minutes. Rules look at a few minutes and hold for a few more;
// what shifted a quarter of an hour earlier is seldom what they fired for.
func (v *Finder) nearness(at time.Time) float64 {
	age := max(0, v.Evidence.FiredAt.Sub(at)-2*time.Minute)
	return float64(5*time.Minute) / float64(5*time.Minute+age)
}

const (
	consensusZ     = 6 // twice the three scales of a single track: hundreds are looked at
	consensusVotes = 2
	// othersZ is how clear a change in the spans of a service must be that nobody
	// alerted on: there are many of them.
	othersZ = 4 * consensusZ
)
