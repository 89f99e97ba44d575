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

// undone finds a command that rolls back on Kubernetes.
var undone = regexp.MustCompile(`\bkubectl\b[^;|&\n]*\brollout undo\b[^;|&\n]*`)

// ofUndo are the flags of an undo that a history does not know.
var ofUndo = regexp.MustCompile(`\s--dry-run(?:=\S*)?`)

// goesBackTo says where a command leads that rolls back and names no revision:
// Kubernetes goes to the rollout before the present one, which is the good one only
// where nothing was rolled out since. good is the revision that ran before, empty
// when unknown; the note is empty for any other command.
func goesBackTo(command, good string) string {
	undo := undone.FindString(command)
	if undo == "" || strings.Contains(command, "--to-revision") {
		return ""
	}
	to := "the rollout before the present one"
	if good != "" {
		to += fmt.Sprintf(", %s if nothing was rolled out since", evidence.ShortRevision(good))
	}
	history := strings.Replace(ofUndo.ReplaceAllString(undo, ""), "rollout undo", "rollout history", 1)
	return wording.Say("action/undo", fmt.Sprintf("it goes to %s: %s lists them, --to-revision names one", to, strings.TrimSpace(history)))
}

// lastGood is the revision that ran before the release that the cause came with;
// empty when unknown.
func lastGood(c *gathered.Evidence, cause *report.Cause) string {
	if d := releaseOf(c, cause); d != nil {
		return d.From
	}
	return ""
}
