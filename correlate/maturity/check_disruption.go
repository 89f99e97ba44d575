package maturity

import (
	"fmt"
	"math"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

var disruptionBudget = Check{ID: "disruption-budget", Name: "Maintenance leaves enough of the service running", Level: 4, judge: judgeDisruption}

// LeastAvailable is how many of a workload's pods maintenance has to leave: all
// but one in a hundred times as many as may fail at once, and at most one less
// than there are, or nothing could ever be maintained. Where 99.9 % are promised
// a tenth may go, where 99 % are promised, or nothing is, half.
func LeastAvailable(replicas int, target float64) int {
	may := .5
	if target > 0 {
		may = min(.5, 100*(1-target))
	}
	return max(1, min(replicas-1, int(math.Ceil(float64(replicas)*(1-may)-1e-9))))
}

func judgeDisruption(in *Input) Outcome {
	d := in.Facts.Disruption
	if d == nil {
		return missing("no manifests were looked at: name them with --manifests")
	}
	at := []casefile.CheckPlace{{Path: d.Path, Line: d.Line}}
	say := func(status, format string, args ...any) Outcome {
		o := Outcome{Status: status, Message: fmt.Sprintf(format, args...)}
		if d.Path != "" && status != Pass {
			at[0].Message = o.Message
			o.Places = at
		}
		return o
	}
	least := LeastAvailable(d.Replicas, d.Target)
	switch {
	case d.Workload == "":
		return missing("the manifests hold no workload of " + in.Service)
	case d.Replicas < 2:
		return say(Fail, "%s has %d replica: any maintenance is an outage", d.Workload, d.Replicas)
	case !d.Budget:
		return say(Fail, "no PodDisruptionBudget selects the pods of %s", d.Workload)
	case d.Beside > 0:
		return say(Fail, "%d PodDisruptionBudgets select the pods of %s, and Kubernetes evicts no pod that has more than one: no node can ever be drained", 1+d.Beside, d.Workload)
	case d.Available >= d.Replicas:
		return say(Fail, "the PodDisruptionBudget keeps %d of %d pods of %s, so that no node can ever be drained", d.Available, d.Replicas, d.Workload)
	case d.Available < least:
		return say(Fail, "the PodDisruptionBudget keeps %d of %d pods of %s; a target of %.6g %% needs %d", d.Available, d.Replicas, d.Workload, 100*d.Target, least)
	case d.Target == 0:
		return say(Warn, "the PodDisruptionBudget keeps %d of %d pods of %s; no objective says how many are needed", d.Available, d.Replicas, d.Workload)
	}
	return say(Pass, "the PodDisruptionBudget keeps %d of %d pods of %s, %d are needed", d.Available, d.Replicas, d.Workload, least)
}
