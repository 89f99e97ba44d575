package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jstemmer/go-junit-report/v2/junit" // the JUnit XML that CI systems read
	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// checkFormats are what a check's result can be printed as.
var checkFormats = []string{"text", "json", "junit"}

// checking is one maturity check asked of a running server.
type checking struct {
	server, format string
	within         time.Duration
	from, to       string
	request        casefile.CheckRequest
}

func checkCmd() *cobra.Command {
	var c checking
	cmd := &cobra.Command{
		Use:   "check --level 5 (--incident ID | --service S --from T --to T)",
		Short: "Judge whether an incident got its root cause, the right one, in time",
		Long: `Judge whether an incident got its root cause, the right one, in time. The
answer comes from a running wherefore; time runs from receipt of the alert to
the report's first revision. Exits with 0 for PASS and WARN, 1 for FAIL, 3 for
INCONCLUSIVE.`,
		Example: `  wherefore check --level 5 --incident INC-0123456789 --expect-entity ad-server --within 60s
  wherefore check --level 5 --service ad-server --from 2024-08-01T02:00:00Z --to 2024-08-01T04:00:00Z --format junit`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context(), cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&c.server, "server", "http://127.0.0.1:8080", "address of the running wherefore")
	f.IntVar(&c.request.Level, "level", maturity.Level, "maturity level to check")
	f.StringVar(&c.request.Incident, "incident", "", "incident to judge")
	f.StringVar(&c.request.Service, "service", "", "judge all incidents of this service from --from to --to")
	f.StringVar(&c.from, "from", "", "start of the time range, RFC 3339")
	f.StringVar(&c.to, "to", "", "end of the time range, RFC 3339")
	f.StringVar(&c.request.Expect.Entity, "expect-entity", "", "entity that the first cause must name")
	f.StringVar(&c.request.Expect.Trigger, "expect-trigger", "", "trigger that the first cause must name")
	f.StringVar(&c.request.Expect.Commit, "expect-commit", "", "commit that the first cause must name; seven digits will do")
	f.StringVar(&c.request.Expect.Decision, "expect-decision", "", "decision that the first cause must name")
	f.DurationVar(&c.within, "within", 0, "longest time from alert to report; 0 is not checked")
	f.StringVar(&c.format, "format", "text", strings.Join(checkFormats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(checkFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (c checking) run(ctx context.Context, out io.Writer) error {
	if !slices.Contains(checkFormats, c.format) {
		return usageError("--format %q is not one of %s", c.format, strings.Join(checkFormats, ", "))
	}
	for _, t := range []struct {
		flag, value string
		into        *time.Time
	}{{"--from", c.from, &c.request.From}, {"--to", c.to, &c.request.To}} {
		if t.value == "" {
			continue
		}
		var err error
		if *t.into, err = time.Parse(time.RFC3339, t.value); err != nil {
			return usageError("%s %q is not a time such as 2024-08-01T02:51:00Z", t.flag, t.value)
		}
	}
	c.request.Within = c.within.Seconds()
	if err := maturity.Validate(c.request); err != nil {
		return codeError{exitUsage, err}
	}
	result, err := c.ask(ctx)
	if err != nil {
		return err
	}
	if err := c.print(out, result); err != nil {
		return err
	}
	switch result.Status {
	case maturity.Fail:
		return codeError{exitFailed, errSilent}
	case maturity.Inconclusive:
		return codeError{exitInconclusive, errSilent}
	}
	return nil
}

// ask puts the check to the server.
func (c checking) ask(ctx context.Context) (casefile.CheckResult, error) {
	var result casefile.CheckResult
	base, err := url.Parse(c.server)
	if err != nil || base.Host == "" {
		return result, usageError("--server %q is not a URL such as http://127.0.0.1:8080", c.server)
	}
	body, err := json.Marshal(c.request)
	if err != nil {
		return result, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("api/v1/checks").String(), bytes.NewReader(body))
	if err != nil {
		return result, err
	}
	req.Header.Set("Content-Type", "application/json")
	showToken(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return result, noAnswer(c.server, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return result, fmt.Errorf("check: %s", problem(resp))
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&result); err != nil {
		return result, fmt.Errorf("check: the answer of %s does not fit: %w", c.server, err)
	}
	if result.Evidence != "" {
		result.Evidence = base.JoinPath(result.Evidence).String()
	}
	return result, nil
}

func (c checking) print(out io.Writer, r casefile.CheckResult) error {
	switch c.format {
	case "json":
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case "junit":
		return checkJUnit(r).WriteXML(out)
	}
	_, err := fmt.Fprintf(out, "%s %s (level %d)\n%s\n%s\n", r.Status, r.ID, r.Level, plain(r.Message), plain(r.Evidence))
	return err
}

// checkJUnit makes one test case of a check. INCONCLUSIVE is a skipped one:
// JUnit has no word for it, and a failure would claim too much.
func checkJUnit(r casefile.CheckResult) *junit.Testsuites {
	tc := junit.Testcase{Name: r.ID, Classname: fmt.Sprintf("wherefore.level%d", r.Level), SystemOut: &junit.Output{Data: plain(r.Message)}}
	result := &junit.Result{Message: plain(r.Message), Type: r.Status}
	switch r.Status {
	case maturity.Fail:
		tc.Failure = result
	case maturity.Inconclusive:
		tc.Skipped = result
	}
	suite := junit.Testsuite{Name: r.Name, Time: "0"}
	suite.SetTimestamp(r.ExecutedAt)
	suite.AddProperty("evidence", r.Evidence)
	suite.AddProperty("status", r.Status)
	suite.AddTestcase(tc)
	all := &junit.Testsuites{Name: "wherefore maturity"}
	all.AddSuite(suite)
	return all
}
