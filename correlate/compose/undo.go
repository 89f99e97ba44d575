package compose

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// undone finds a command that rolls back on Kubernetes, and what, where that is
// spelled as "deployment/cart".
var undone = regexp.MustCompile(`\bkubectl\b[^;|&]*\brollout undo\b(?:[^;|&]*?\s([a-z]+/[a-z0-9][a-z0-9.-]*))?`)

// goesBackTo says where a command leads that rolls back and names no revision:
// Kubernetes goes to the rollout before the present one, which is the good one only
// where nothing was rolled out since. good is the revision that ran before, empty
// when unknown; the note is empty for any other command.
func goesBackTo(command, good string) string {
	m := undone.FindStringSubmatch(command)
	if m == nil || strings.Contains(command, "--to-revision") {
		return ""
	}
	to := "the rollout before the present one"
	if good != "" {
		to += fmt.Sprintf(", %s if nothing was rolled out since", evidence.ShortRevision(good))
	}
	return wording.Say("action/undo", fmt.Sprintf("it goes to %s: %s lists them, --to-revision names one", to, strings.TrimSpace("kubectl rollout history "+m[1])))
}

// lastGood is the revision that ran before the release that the cause came with;
// empty when unknown.
func lastGood(c *gathered.Evidence, cause *report.Cause) string {
	if d := releaseOf(c, cause); d != nil {
		return d.From
	}
	return ""
}
