package signal

import (
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// slowAnyway is the part of the time that an operation takes longer which it would
// take longer without the other way that it takes, 0 to 1: how much slower each
// way got by itself, against how much slower all runs are. What remains is the
// change in the mix of ways (Kitagawa, Components of a difference between two
// rates, JASA 1955). A way that was not seen on both sides is taken to have got
// slower as the other one did. It is 0 where that cannot be told: then the other
// way may explain everything.
func slowAnyway(p *view.Patterns, g *region) float64 {
	v := p.V
	var took [2][2][]float64 // by side, then by way: as ever, new
	for _, j := range v.Traces.ByEntity[v.Traces.Ops[g.op].Entity] {
		n := &v.Traces.Nodes[j]
		if n.Op != g.op || n.Edge >= 0 || !v.Traces.Ranges[n.Rng].Timed {
			continue
		}
		sd := view.SideOf(v.Traces.Ranges[n.Rng].Baseline)
		way := b2i(p.Takes(j, g.own, g.a, g.instead))
		took[sd][way] = append(took[sd][way], view.Millis(n.Self))
	}
	all := stat.Mean(slices.Concat(took[1][0], took[1][1])) - stat.Mean(slices.Concat(took[0][0], took[0][1]))
	if all <= 0 {
		return 0
	}
	least := v.By.View.Calls.Least
	var slower [2]float64
	var known [2]bool
	for way := range slower {
		known[way] = len(took[0][way]) >= least && len(took[1][way]) >= least
		slower[way] = stat.Mean(took[1][way]) - stat.Mean(took[0][way])
	}
	switch {
	case !known[0] && !known[1]:
		return 0
	case !known[0]:
		slower[0] = slower[1]
	case !known[1]:
		slower[1] = slower[0]
	}
	share := float64(len(took[1][1])) / float64(len(took[1][0])+len(took[1][1]))
	return max(0, min(1, (share*slower[1]+(1-share)*slower[0])/all))
}
