package compose

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// untold lists what no single question shows: sources that told nothing as a
// whole, names that nobody knows, flaws of the telemetry, and a normal time that
// there was none of.
func untold(c *gathered.Evidence) []report.Finding {
	var list []report.Finding
	add := func(source, format string, args ...any) {
		list = append(list, report.Finding{ID: "coverage/" + source, Text: wording.Say("coverage/"+source, source+": "+fmt.Sprintf(format, args...))})
	}
	for _, s := range c.Sources {
		switch s.State {
		case report.SourceSilent:
			add(s.Source, "silent: every question was answered with nothing, before and during the incident")
		case report.SourceNotRecorded:
			add(s.Source, "not recorded: the recording should hold them and does not")
		}
	}
	if c.NoNormal() {
		add("normal", "there is no normal period to compare with: no source has data from before the onset")
	}
	for _, u := range c.Unknown {
		text := fmt.Sprintf("no source knows “%s”", u.Name)
		if len(u.Near) > 0 {
			text += "; known are " + strings.Join(u.Near, ", ")
		}
		add("alert", "%s", text)
	}
	for _, f := range c.Flaws {
		text := fmt.Sprintf("%s, %d of %d", f.Flaw, f.Count, f.Total)
		if len(f.Entities) > 0 {
			text += ", between " + strings.Join(f.Entities, ", ")
		}
		if f.Said != "" {
			text += ": " + f.Said
		}
		add(f.Source, "%s", text)
	}
	return list
}
