package maturity

import (
	"fmt"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// longestDegrade is how soon health has to say that something is wrong.
const longestDegrade = 1200 * time.Millisecond

var healthDegrades = Check{ID: "health-degrades", Name: "Health says what is wrong within 1.2 s", Level: 4, judge: judgeHealth}

func judgeHealth(in *Input) Outcome {
	d, o, ok := in.drill()
	if !ok {
		return o
	}
	switch {
	case d.Before != "ok":
		return missing(fmt.Sprintf("%s said %q before the fault, so that nothing can be told from it", d.URL, d.Before))
	case d.Degraded < 0:
		return Outcome{Status: Fail, Message: d.URL + " said ok all through the fault", Evidence: d.URL}
	case len(d.Reasons) == 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s degraded after %s and gave no reason", d.URL, wording.Duration(d.Degraded)), Evidence: d.URL}
	case d.Degraded <= longestDegrade && d.Making > longestDegrade-d.Degraded:
		return missing(fmt.Sprintf("%s degraded %s after the end of a command that ran for %s, and nobody knows when in it the fault was there: take one that ends at once", d.URL, wording.Duration(d.Degraded), wording.Duration(d.Making)))
	case d.Degraded > longestDegrade:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%s degraded after %s, %s are allowed: %s", d.URL, wording.Beyond(d.Degraded, longestDegrade), wording.Duration(longestDegrade), strings.Join(d.Reasons, ", ")), Evidence: d.URL}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%s degraded after %s: %s", d.URL, wording.Duration(d.Degraded), strings.Join(d.Reasons, ", ")), Evidence: d.URL}
}
