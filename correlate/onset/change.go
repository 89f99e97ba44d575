package onset

import (
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// search finds the change in one track within the window in which an onset may
// lie.
func (v *Finder) search(t track) (shift, bool) {
	f, ok := v.change(t)
	for part := 1; !ok && t.hurt != 0 && part <= v.by().Parts; part++ {
		f, ok = v.change(t.since(v.Evidence.FiredAt.Add(-v.by().Recent / time.Duration(part))))
	}
	if !ok && t.hurt != 0 { // a rule may fire between two thresholds
		t.hurt = 0
		f, ok = v.change(t)
	}
	if ok && f.z > 0 {
		f = f.toMark(t)
	}
	f.earliest = f.earliest.Add(-t.looks)
	return f, ok
}

// change finds the first sample of a new level and the one before it.
func (v *Finder) change(t track) (shift, bool) {
	suspect := v.Suspect
	if len(t.normal) >= v.by().Normal {
		if f, ok := v.leaves(t, suspect); ok {
			return f, true
		}
	}
	values := make([]float64, len(t.samples))
	for i, s := range t.samples {
		values[i] = s.Value
	}
	ch, ok := stat.FindChange(values, t.least, v.by().Shift)
	if ok && (v.tooShort(t, ch.Index) || t.hurt != 0 && (ch.Z > 0) != (t.hurt > 0)) {
		// What came before is too short to be normal: a rate's first window, or
		// a process that had just started. Or what was bad got better. What
		// follows may still change.
		t.samples = t.samples[ch.Index:]
		return v.change(t)
	}
	if ok {
		if later, found := v.afterRecovery(t, ch); found {
			return later, true
		}
	}
	if !ok || t.samples[ch.Index].Time.Before(suspect.Start) {
		return shift{}, false
	}
	return shift{at: t.samples[ch.Index].Time, earliest: t.samples[ch.Index-1].Time, z: ch.Z}, true
}

// leaves finds the first sample of the suspect window from which on most
// values lie off the known normal ones, on one side.
func (v *Finder) leaves(t track, suspect evidence.Window) (shift, bool) {
	by := v.by()
	base := stat.NewBaseline(t.normal, by.Shift.Floor)
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
			if wording.Abs(z) >= by.Off && (z > 0) == (zs[i] > 0) {
				off++
			}
		}
		if wording.Abs(zs[i]) >= by.Off && stat.MoreThanHalf(off, len(zs[i:])) && off >= by.Lasting {
			earliest := suspect.Start
			if i > 0 {
				earliest = at[i-1]
			} else if gap := at[0].Add(-by.First); gap.After(earliest) {
				earliest = gap
			}
			return shift{at: at[i], earliest: earliest, z: stat.Median(zs[i:]), lasting: true}, true
		}
	}
	return shift{}, false
}

// since is a track without its samples before an instant: what an alert fired for
// crossed its threshold not long ago, however unsteady the series was before.
func (t track) since(start time.Time) track {
	at := slices.IndexFunc(t.samples, func(s evidence.Sample) bool { return !s.Time.Before(start) })
	t.samples = t.samples[max(0, at):]
	return t
}

// tooShort reports whether what lies before a sample is too little to be normal.
func (v *Finder) tooShort(t track, index int) bool {
	return t.samples[index].Time.Sub(t.samples[0].Time) < v.by().Before && !((t.state || t.recovered) && index >= v.by().Normal)
}

// afterRecovery is a change that came after the one found, and after what that had
// changed was as before again. A rule that fires has seen its condition false since
// the last time: an earlier trouble that is over is not what it fired for.
func (v *Finder) afterRecovery(t track, ch stat.Change) (shift, bool) {
	if t.hurt == 0 {
		return shift{}, false
	}
	well, end := v.lastWell(t.samples, ch)
	if end == 0 || t.samples[well].Time.After(v.lastPossible()) {
		return shift{}, false
	}
	t.samples, t.recovered = t.samples[well:], true
	f, ok := v.change(t)
	if !ok && end-well < len(t.samples) { // too little of it yet for a change of level
		left := t.samples[end-well]
		f, ok = shift{at: left.Time, earliest: t.samples[end-well-1].Time, z: ch.Z}, true
	}
	return f, ok && v.couldFire(f)
}

// lastWell is the last run of samples, up to its end, that were after a change as
// good as before it for a while; 0 and 0 where there is none. What follows may be
// milder, and still lie in it. A rate climbs and falls over its range, so that the
// levels on both sides of it tell little.
func (v *Finder) lastWell(samples []evidence.Sample, ch stat.Change) (start, end int) {
	run := -1
	for i := ch.Index; i <= len(samples); i++ {
		last := samples[min(i, len(samples)-1)]
		switch well := i < len(samples) && wording.Abs(last.Value-ch.Before) <= v.by().Recovered*wording.Abs(ch.After-ch.Before); {
		case well && run < 0:
			run = i
		case !well && run >= 0:
			if i-run >= v.by().Normal && last.Time.Sub(samples[run].Time) >= v.by().Rest {
				start, end = run, i
			}
			run = -1
		}
	}
	return start, end
}
