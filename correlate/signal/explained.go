package signal

import (
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// ask is what the traces of whom alerts ask an explanation for.
type ask struct {
	// added is the time in milliseconds that the incident added to the requests of
	// whom alerts, over all of them; 0 where they are as fast as ever or that is
	// not known.
	added float64
	// failing is true where more of these requests fail than before.
	failing bool
}

// asked measures the requests of the alerting entities: the first span of each in
// a trace, as their callers see it.
func asked(v *view.View) ask {
	var took [2][]float64
	var failed [2]int
	for e := range v.Names {
		if !v.Alerting[e] {
			continue
		}
		for _, i := range v.Traces.ByEntity[e] {
			n := &v.Traces.Nodes[i]
			if n.Parent >= 0 && v.Traces.Nodes[n.Parent].Entity == e || !v.Traces.Ranges[n.Rng].Timed {
				continue
			}
			sd := view.SideOf(v.Evidence.Traces[n.Trace].Baseline)
			took[sd] = append(took[sd], view.Millis(n.Span.Duration))
			if n.Failed {
				failed[sd]++
			}
		}
	}
	a := ask{}
	if c, ok := v.ContrastOf(took); ok && c.Z >= v.By.Scale.Noise {
		a.added = c.Excess * float64(c.N[1])
	}
	if len(took[0]) > 0 && len(took[1]) > 0 {
		rise := float64(failed[1])/float64(len(took[1])) - float64(failed[0])/float64(len(took[0]))
		a.failing = rise >= v.By.Signal.Asked.Failing
	}
	return a
}

// explains is what a claim about so many milliseconds, over all requests, is worth
// beside what is asked: the share of the added time that it can account for. Where
// requests fail and are as fast as ever, time is not what anybody asks about.
func (a ask) explains(v *view.View, own float64) float64 {
	by := v.By.Signal.Asked
	switch {
	case a.added > 0:
		return atLeast(by.Least, min(1, own/a.added))
	case a.failing:
		return by.NotTime
	}
	return 1
}
