package maturity

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/wording"
)

var selfHealing = Check{ID: "self-healing", Name: "The service gets well by itself", Level: 4, judge: judgeHealing}

func judgeHealing(in *Input) Outcome {
	d, o, ok := in.drill()
	if !ok {
		return o
	}
	switch {
	case d.Before != "ok" || d.Degraded < 0:
		return missing("health did not go from ok to degraded, so that there was nothing to heal from")
	case d.ByHand && d.Healed >= 0:
		return missing(fmt.Sprintf("the service got well after %s, but somebody took the fault back or deployed before", wording.Duration(d.Healed)))
	case d.Healed < 0:
		return Outcome{Status: Fail, Message: "the service stayed degraded as long as it was watched", Evidence: d.URL}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("the service was well again %s after the fault, without a deployment or a hand", wording.Duration(d.Healed)), Evidence: d.URL}
}
