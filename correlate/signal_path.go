package correlate

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// topologyPath speaks against entities that the alerting one does not depend
// on, where the calls are known: what is not called cannot fail the caller.
func topologyPath(v *view) []finding {
	if !v.linked || len(v.alerting) == 0 {
		return nil
	}
	onPath := 0
	for _, d := range v.distance {
		if d > 0 {
			onPath++
		}
	}
	if onPath == 0 {
		return nil
	}
	var out []finding
	for e := range v.names {
		if v.distance[e] < 0 && v.kinds[e] != evidence.KindWorkload {
			out = append(out, finding{entity: e, strength: -1, why: fmt.Sprintf("nothing that alerts is known to call %s", v.names[e])})
		}
	}
	return out
}
