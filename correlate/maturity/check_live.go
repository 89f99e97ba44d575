package maturity

import (
	"fmt"
	"strings"
)

var indicatorsLive = Check{ID: "sli-live", Name: "Every objective is measured now", Level: 4, judge: judgeLive}

func judgeLive(in *Input) Outcome {
	i := in.Facts.Indicators
	switch {
	case i == nil:
		return missing("nobody asked whether the objectives are measured")
	case len(i.Dead) > 0:
		return Outcome{Status: Fail, Message: fmt.Sprintf("%d of %d objectives are not measured: %s", len(i.Dead), len(i.Dead)+len(i.Live), strings.Join(i.Dead, "; "))}
	case len(i.Live) == 0:
		return Outcome{Status: Fail, Message: "no objective of " + in.Service + " is written down, see docs/slo.md"}
	}
	return Outcome{Status: Pass, Message: "measured now: " + strings.Join(i.Live, ", ")}
}
