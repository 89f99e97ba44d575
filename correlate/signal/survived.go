package signal

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/view"
)

// survived reports whether whoever alerts answered a request well in which something
// failed: a failure that nobody who asks for an explanation felt. Where their part of
// the request is not known, it is not.
func survived(v *view.View, g failure) bool {
	if len(g.nodes) == 0 {
		return false
	}
	r := v.Traces.Ranges[v.Traces.Nodes[g.nodes[0]].Rng]
	seen := false
	for i := r.From; i < r.To; i++ {
		n := &v.Traces.Nodes[i]
		if n.Entity < 0 || !v.Alerting[n.Entity] {
			continue
		}
		if n.Failed {
			return false
		}
		seen = true
	}
	return seen
}

// felt is the part of an entity's failures that count where requests of whom alerts
// fail: those that they answered well all the same explain none of it, and keep no
// more than what is left of any claim that explains nothing.
func (b *blameCount) felt(v *view.View) float64 {
	if b.traces[1] == 0 {
		return 1
	}
	return 1 - (1-v.By.Signal.Asked.Least)*float64(b.survived)/float64(b.traces[1])
}

// survivedWords say how many of an entity's failures nobody who alerts felt.
func (b *blameCount) survivedWords() string {
	if b.survived == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of these requests were answered well all the same", b.survived)
}
