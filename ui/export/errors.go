package export

import (
	"fmt"
	"strconv"
	"strings"

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

// seenIn says of what the count of an error is.
func seenIn(f report.Failure) string {
	requests, lines, known := f.SeenIn()
	if !known {
		return fmt.Sprintf("seen %d times", f.Seen)
	}
	return "seen " + wording.SeenIn(requests, lines)
}
