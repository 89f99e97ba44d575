package main

import (
	"cmp"
	"fmt"
	"io"

	"github.com/jstemmer/go-junit-report/v2/junit" // the JUnit XML that CI systems read

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// checkFormats are what a check's result can be printed as.
var checkFormats = []string{"text", "json", "junit", "sarif"}

func (c *checking) print(out io.Writer, r casefile.CheckResult) error {
	switch c.format {
	case "json":
		return writeJSON(out, r)
	case "junit":
		return checkJUnit(r).WriteXML(out)
	case "sarif":
		return decision.WriteFindings(out, checkFindings(r), buildVersion())
	}
	p := &printer{w: out}
	if len(r.Checks) == 0 {
		p.line("%s %s (level %d)", r.Status, r.ID, r.Level)
		p.line("%s", plain(r.Message))
		p.line("%s", plain(r.Evidence))
		if len(r.Calls) > 0 {
			p.line("%s", callsText(r.Calls))
		}
	} else {
		p.line("%s level %d of %s: %s", r.Status, r.Level, plain(r.Service), plain(r.Message))
		for _, x := range r.Checks {
			p.line("  %-12s %-20s %s", x.Status, x.ID, plain(x.Message))
			for _, at := range x.Places {
				if at.Path != "" {
					p.line("  %-12s %-20s   %s:%d: %s", "", "", plain(at.Path), at.Line, plain(at.Message))
				}
			}
		}
	}
	if r.Reached != nil {
		p.line("%s has reached level %d", plain(r.Service), *r.Reached)
	}
	return p.err
}

// callsText counts what was asked of each source.
func callsText(calls []casefile.CheckCall) string {
	text := "asked:"
	for i, source := range []string{"traces", "logs", "metrics"} {
		n, answered := 0, 0
		for _, c := range calls {
			if c.Source == source {
				n++
				if c.Count > 0 {
					answered++
				}
			}
		}
		text += fmt.Sprintf("%s %s %d times, %d told something", map[bool]string{true: "", false: ","}[i == 0], source, n, answered)
	}
	return text
}

// single lists the checks of a result, itself where it is one.
func single(r casefile.CheckResult) []casefile.CheckResult {
	if len(r.Checks) > 0 {
		return r.Checks
	}
	return []casefile.CheckResult{r}
}

// checkJUnit makes a test case of each check. INCONCLUSIVE is a skipped one:
// JUnit has no word for it, and a failure would claim too much.
func checkJUnit(r casefile.CheckResult) *junit.Testsuites {
	suite := junit.Testsuite{Name: r.Name, Time: "0"}
	suite.SetTimestamp(r.ExecutedAt)
	suite.AddProperty("evidence", r.Evidence)
	suite.AddProperty("status", r.Status)
	for _, c := range single(r) {
		tc := junit.Testcase{Name: c.ID, Classname: fmt.Sprintf("wherefore.level%d", c.Level), SystemOut: &junit.Output{Data: plain(c.Message)}}
		result := &junit.Result{Message: plain(c.Message), Type: c.Status}
		switch c.Status {
		case maturity.Fail:
			tc.Failure = result
		case maturity.Inconclusive:
			tc.Skipped = result
		}
		suite.AddTestcase(tc)
	}
	all := &junit.Testsuites{Name: "wherefore maturity"}
	all.AddSuite(suite)
	return all
}

// checkFindings are the lines that results are about. A check that passes has
// none but the suspect line of a root cause, which is what a reader wants to see.
func checkFindings(r casefile.CheckResult) []decision.Finding {
	var out []decision.Finding
	for _, c := range single(r) {
		level := map[string]string{maturity.Fail: "error", maturity.Warn: "warning"}[c.Status]
		for _, at := range c.Places {
			if at.Path != "" {
				out = append(out, decision.Finding{Rule: "check/" + c.ID, About: c.Name, Level: cmp.Or(level, "note"), Message: at.Message, Path: at.Path, Line: max(at.Line, 1)})
			}
		}
	}
	return out
}
