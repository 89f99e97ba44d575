package export

import (
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
	"github.com/wherefore-dev/wherefore/ui/chart"
)

// picture is a chart with its caption.
type picture struct {
	caption string
	svg     string // markup that chart.SVG made
}

// pictures are the golden signals as charts; a document without pictures has
// their captions.
func pictures(r report.Report) []picture {
	marks := chart.MarksOf(&r)
	var out []picture
	for _, s := range r.Signals {
		for _, c := range s.Charts {
			pic, ok := chart.Of(c.Chart, marks, wording.Quantity)
			if !ok || chart.Titles[c.Signal] == "" {
				continue
			}
			svg, err := pic.SVG()
			if err != nil {
				continue // the caption without a picture would say nothing new
			}
			last := pic.Samples[len(pic.Samples)-1]
			caption := fmt.Sprintf("%s of %s (%s): %s at %s", chart.Titles[c.Signal], s.Service, c.Chart.Name, wording.Quantity(last.Value, c.Chart.Unit), clock(last.Time))
			if usual, ok := pic.Usual(); ok {
				caption += ", usually " + wording.Quantity(usual, c.Chart.Unit)
			}
			out = append(out, picture{caption, svg})
		}
	}
	return out
}
