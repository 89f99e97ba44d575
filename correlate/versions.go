package correlate

import (
	"iter"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// versionTally is what the spans of one version of a service did, or of several.
type versionTally struct {
	n, failed int
	durations []float64 // in nanoseconds
}

func (t *versionTally) add(s *evidence.Span) {
	t.n++
	if spanFailed(s) {
		t.failed++
	}
	t.durations = append(t.durations, float64(s.Duration))
}

// tallyVersions counts the spans of the newest version and of all others, as
// far as they count and tell their version.
func tallyVersions(spans iter.Seq[*evidence.Span], newest string, counts func(version string, at time.Time) bool) (now, old versionTally) {
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

// incidentSpans are the spans of a service in the incident.
func (c *Case) incidentSpans(service string) iter.Seq[*evidence.Span] {
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
