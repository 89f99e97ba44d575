package gather

import (
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// apart are the sources whose servers' clocks are far from ours: what they say of the
// incident's time may be of another. Which of the clocks is wrong is not known, and so
// nothing is asked of another time instead. Of a recording it is what was said then.
func (v *Investigation) apart() []gathered.Flawed {
	var list []gathered.Flawed
	for _, source := range []string{"traces", "logs", "metrics"} {
		n := v.Ledger.Dated(source, v.sources.Recorded)
		if n > 0 {
			list = append(list, gathered.Flawed{Flaw: report.FlawSourceClock, Source: source, Count: n, Total: n})
		}
	}
	return list
}
