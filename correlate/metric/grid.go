package metric

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// OnGrid is the distance between samples over a window, longer over one that
// would hold too many of them, and the window begun so that its end lies on the
// grid.
func OnGrid(w evidence.Window, step time.Duration) (evidence.Window, time.Duration) {
	step = StepOver(w, step)
	if n := w.Duration() / step; n > 0 {
		w.Start = w.End.Add(-n * step)
	}
	return w, step
}

func StepOver(w evidence.Window, step time.Duration) time.Duration {
	const mostPoints = 2000
	if most := w.Duration() / mostPoints; step < most {
		const whole = time.Second
		return most.Truncate(whole) + whole
	}
	return step
}
