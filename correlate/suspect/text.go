package suspect

import (
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stacktrace"
)

// mostSaid bounds how much of a text is read, in bytes.
const mostSaid = 1 << 20

// Text ranks commits as suspects of a failure of which nothing is known but a
// piece of text: a stack, some lines of a log. They are taken to have gone live
// together just before. The cause that comes back has its commits, best first,
// and the margin of the first; no commit has a place in time or in a graph.
func Text(commits []evidence.Commit, text string) report.Cause {
	const here = "here"
	at := time.Unix(1, 0).UTC()
	if len(text) > mostSaid {
		text = strings.ToValidUTF8(text[:mostSaid], "")
	}
	ch := evidence.Change{ID: "release", Kind: evidence.ChangeDeploy, Service: here, Time: at}
	e := &gathered.Evidence{
		Entities:    []evidence.Entity{{Name: here, Kind: evidence.KindService}},
		Onset:       report.Onset{At: at, Earliest: at, Latest: at},
		Changes:     []evidence.Change{ch},
		Deployments: []gathered.Deployment{{Change: ch, Service: here, CommitsKnown: true}},
		Commits:     commits,
	}
	for _, c := range commits {
		c.Services = nil // all of them, whatever the repository is divided into
		e.Deployments[0].Commits = append(e.Deployments[0].Commits, c)
	}
	e.Commits = e.Deployments[0].Commits
	e.Logs = []gathered.Line{{Template: "text", LogLine: evidence.LogLine{Time: at, Service: here, Severity: evidence.SeverityError, Body: text}}}
	frames, _ := stacktrace.Parse(text)
	for _, f := range frames {
		if stacktrace.Own(f) {
			f.Rung = evidence.LocationStack
			e.Frames = append(e.Frames, gathered.Frame{Service: here, Frame: f, Seen: 1, Failing: true, Time: at, Depth: len(e.Frames)})
		}
	}
	cause := report.Cause{Rank: 1, Entity: evidence.Entity{Name: here, Kind: evidence.KindService}, Mechanism: report.MechanismError}
	New(e).settle(&cause)
	return cause
}
