package rank

import (
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/view"
)

// TestAStatementAtAnotherLevelIsAnotherStatement: an error that differs from its
// good twin by a word, or an access log's status, has the twin's template.
func TestAStatementAtAnotherLevelIsAnotherStatement(t *testing.T) {
	for name, grave := range map[string]evidence.Severity{"error": evidence.SeverityError, "as ever": evidence.SeverityInfo} {
		c := &gathered.Evidence{Entities: casetest.Entities("front", "ledger"), Alerting: []string{"front"}}
		casetest.AddLines(c, "ledger", true, 40, "payment <*> <*>")
		casetest.AddLines(c, "ledger", false, 20, "payment <*> <*>")
		for i := range c.Logs {
			if c.Logs[i].Severity = evidence.SeverityInfo; !c.Logs[i].Baseline && i%2 == 0 {
				c.Logs[i].Severity = grave
			}
		}
		told := false
		for _, x := range Causes(view.New(c)) {
			for _, term := range x.Terms {
				told = told || term.ID == "error/novel-template" && strings.Contains(term.Why, "never before")
			}
		}
		if want := grave == evidence.SeverityError; told != want {
			t.Errorf("%s: a new statement: got %v, want %v", name, told, want)
		}
	}
}
