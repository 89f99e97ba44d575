package export

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// errorsSaid are the report's errors in the words of the programs, one line
// each, with where and how often.
func errorsSaid(r report.Report) []string {
	const most = 5
	var items []string
	for _, f := range r.Failures[:min(len(r.Failures), most)] {
		said := f.Service + ": " + f.Message
		if f.Type != "" && !strings.Contains(f.Message, f.Type) {
			said = f.Service + ": " + f.Type + ": " + f.Message
		}
		var facts []string
		if p := f.Place; p != nil {
			place := p.Path
			if p.Line > 0 {
				place += ":" + strconv.Itoa(p.Line)
			}
			facts = append(facts, "at "+place)
		}
		if f.Status != "" {
			facts = append(facts, "status "+f.Status)
		}
		if f.Class != "" {
			facts = append(facts, f.Class)
		}
		facts = append(facts, f.Endpoints...)
		facts = append(facts, fmt.Sprintf("%s, %d before", seenIn(f), f.Before), "first "+clock(f.First))
		if f.Last.After(f.First) {
			facts = append(facts, "last "+clock(f.Last))
		}
		for _, ref := range f.Refs {
			if ref.TraceID != "" {
				facts = append(facts, "trace "+ref.TraceID)
				break
			}
		}
		items = append(items, said+" ("+strings.Join(facts, "; ")+")")
	}
	return items
}

// lasted is a duration as people write it: tenths of a second below two, seconds below
// two minutes, then minutes and seconds, from an hour on to the minute.
func lasted(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch r := d.Round(time.Second); {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 2*time.Second:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	case r < 2*time.Minute:
		return fmt.Sprintf("%d s", int(r.Seconds()))
	case r < time.Hour:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", int(r.Minutes()), int(r.Seconds())%60), " 0 s")
	}
	d = d.Round(time.Minute)
	return strings.TrimSuffix(fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60), " 0 min")
}

// seenIn says of what the count of an error is.
func seenIn(f report.Failure) string {
	requests, lines, known := f.SeenIn()
	if !known {
		return fmt.Sprintf("seen %d times", f.Seen)
	}
	return "seen " + wording.SeenIn(requests, lines)
}
