package view

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/metric"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Moved says what a measure of an entity did, the way a person would tell a
// colleague: by what is measured, not by the series' name, with two digits.
func Moved(f *Metric, entity string) string {
	from, to := gathered.AmountOf(f.Series, f.Median), gathered.AmountOf(f.Series, f.Peak)
	if from == to {
		from, to = wording.Quantity(f.Median, f.Series.Unit), wording.Quantity(f.Peak, f.Series.Unit)
	}
	instead := "instead of " + from
	if unlike := wording.Below(f.Median, f.Peak, f.Series.Unit); unlike != "" {
		instead, from = "instead of "+unlike, unlike
	}
	if f.Median == 0 {
		instead = "where there was none before"
	}
	thing := gathered.Spoken(f.Series)
	switch {
	case f.Class == metric.ClassSaturation && f.Series.Unit == "s":
		return fmt.Sprintf("%s waits %s for its %s %s", entity, to, wording.WithoutWords(thing, "wait", "waiting"), instead)
	case f.Class == metric.ClassLatency && f.Series.Unit == "s" && strings.Contains(thing, "request"):
		return fmt.Sprintf("%s takes %s a request %s", entity, to, instead)
	case f.Class == metric.ClassLatency && f.Series.Unit == "s":
		return fmt.Sprintf("%s takes %s for %s %s", entity, to, wording.WithoutWords(thing, "duration", "latency", "time"), instead)
	case f.Class == metric.ClassCPU && f.Series.Stat == "rate": // seconds a second
		return fmt.Sprintf("%s uses %s %s", entity, strings.Replace(to, "cores", "CPU cores", 1), strings.Replace(instead, " cores", "", 1))
	case f.Class == metric.ClassCPU:
		return fmt.Sprintf("%s uses %s of CPU %s", entity, to, instead)
	case f.Class == metric.ClassGC && f.Series.Unit == "By": // as the size at which the collector runs next, which no heap has had
		return fmt.Sprintf("the %s of %s %s from %s to %s", thing, entity, cmp.Or(direction(f), "went"), from, to)
	case f.Class == metric.ClassMemory:
		return fmt.Sprintf("memory of %s %s from %s to %s", entity, cmp.Or(direction(f), "went"), from, to)
	case f.Class == metric.ClassThreads || f.Class == metric.ClassSockets:
		return fmt.Sprintf("%s holds %s %s %s", entity, to, thing, instead)
	}
	return fmt.Sprintf("%s of %s %s from %s to %s", thing, entity, cmp.Or(direction(f), "went"), from, to)
}

func direction(f *Metric) string {
	switch {
	case f.Peak > f.Median:
		return "rose"
	case f.Peak < f.Median:
		return "fell"
	}
	return ""
}
