package view

import (
	"iter"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// VersionTally is what the spans of one version of a service did, or of several.
type VersionTally struct {
	N, Failed int
	Durations []float64 // in nanoseconds
}

func (t *VersionTally) add(s *evidence.Span) {
	t.N++
	if s.Failed {
		t.Failed++
	}
	t.Durations = append(t.Durations, float64(s.Duration))
}

// TallyVersions counts the spans of the newest version and of all others, as
// far as they count and tell their version.
func TallyVersions(spans iter.Seq[*evidence.Span], newest string, counts func(version string, at time.Time) bool) (now, old VersionTally) {
	for s := range spans {
		version := s.Attribute("service.version")
		if version == "" || !counts(version, s.Start) {
			continue
		}
		if version == newest {
			now.add(s)
		} else {
			old.add(s)
		}
	}
	return now, old
}

// IncidentSpans are the spans of a service in the incident.
func IncidentSpans(c *gathered.Evidence, service string) iter.Seq[*evidence.Span] {
	return func(yield func(*evidence.Span) bool) {
		for i := range c.Traces {
			if c.Traces[i].Baseline {
				continue
			}
			for j := range c.Traces[i].Spans {
				if s := &c.Traces[i].Spans[j]; s.Service == service && !yield(s) {
					return
				}
			}
		}
	}
}
