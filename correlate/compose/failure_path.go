package compose

import (
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// mostSteps bounds the entities of a failure's path.
const mostSteps = 12

// failurePath is how a failure gets from the first cause to who alerts, each called
// by the next, see [topology.Graph.Way]. It is nil where the one is the other or no
// chain of calls is known.
func failurePath(c *gathered.Evidence, causes []report.Cause, alerting string) []string {
	if len(causes) == 0 || causes[0].Entity.Name == alerting || alerting == "" {
		return nil
	}
	way := topology.NewGraph(c.Edges).Way([]string{alerting}, causes[0].Entity.Name)
	if len(way) > mostSteps {
		return nil
	}
	return way
}
