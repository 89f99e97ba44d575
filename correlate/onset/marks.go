package onset

import "time"

// mark is an event that showed the trouble, or did not.
type mark struct {
	at  time.Time
	set bool
}

// toMark is a change of counted events narrowed to the first event that showed
// the trouble: it began after the last that did not before it. Where some showed it
// all along, the first within the bin says nothing, and the change stays as wide as
// its bins.
func (f shift) toMark(t track) shift {
	last := f.earliest
	for _, m := range t.marks {
		switch {
		case m.at.After(f.at):
			return f
		case m.set && m.at.Before(f.earliest):
			return f
		case m.set:
			f.earliest, f.at = last, m.at
			return f
		case m.at.After(last):
			last = m.at
		}
	}
	return f
}
