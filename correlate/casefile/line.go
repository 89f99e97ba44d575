package casefile

import (
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Line is what stands behind a line of code: the commit that made it what it is, and
// the decisions behind that, strongest link first. The first fields are those of
// the command's JSON.
type Line struct {
	Commit    string                  `json:"commit"`
	Author    string                  `json:"author"`
	Time      time.Time               `json:"time"`
	Line      int                     `json:"line"`
	Decisions []string                `json:"decisions"`
	Ref       evidence.CodeRef        `json:"ref"`
	Links     []evidence.DecisionLink `json:"links"`
	Records   []evidence.Decision     `json:"records"`
}
