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

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// checking is one level that is checked.
type checking struct {
	server, config, tenant, bundle string
	asked                          bool // a server was named
	format, failOn                 string
	within, wait                   time.Duration
	from, to                       string
	every                          time.Duration // between two questions while waiting
	request                        maturity.Request
	files                          factFiles
	drill                          drilling
}

func checkCmd() *cobra.Command {
	c := checking{every: time.Second}
	cmd := &cobra.Command{
		Use:   "check --level N [--service S] [flags]",
		Short: "Judge a service by a level of maturity, or an incident by its root cause",
		Long: `Judges the checks of a level. The first two are about the code: name the files
that tests, linters and builds left. The third and fourth are about what runs: a
running wherefore is asked, or the sources of --config. The fifth is about
incidents: did one get its root cause, the right one, in time, from traces, logs
and metrics? A running wherefore is asked, or --bundle is investigated here. With
--server results of every level are kept there, see its page /services/S.

Exits with 0 for PASS and WARN, 1 for FAIL, 3 for INCONCLUSIVE.`,
		Example: `  go test -race -json ./... > tests.json; wherefore check --level 1 --service ad-server --tests tests.json --race --lint lint.json
  wherefore check --level 2 --service ad-server --coverage cover.out --source . --format sarif
  wherefore check --level 3 --service ad-server --config wherefore.yaml
  wherefore check --level 4 --service ad-server --drill http://127.0.0.1:8081/health --fault ./break-db
  wherefore check --level 5 --bundle incident.tgz --expect-entity ad-server --expect-trigger code
  wherefore check --level 5 --service ad-server --from 2024-08-01T02:00:00Z --to 2024-08-01T04:00:00Z --wait 2m --format junit`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.asked = cmd.Flags().Changed("server")
			return c.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.flags(cmd)
	return cmd
}

func (c *checking) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.server, "server", "http://127.0.0.1:8080", "address of the running wherefore")
	f.StringVar(&c.config, "config", "", "configuration with the sources to ask instead of a server")
	tenantFlag(cmd, &c.tenant)
	f.IntVar(&c.request.Level, "level", maturity.Levels, "level to check, 1 to 5")
	f.StringVar(&c.request.Service, "service", "", "service that is checked; of level 5 all its incidents from --from to --to")
	f.StringVar(&c.request.Revision, "revision", "", "revision that the facts should be of; results that are older are of another one")
	f.StringVar(&c.format, "format", "text", strings.Join(checkFormats, ", "))
	f.StringVar(&c.failOn, "fail-on", "fail", "exit with 1 for fail, or already for warn")
	f.DurationVar(&c.wait, "wait", 0, "how long to ask again while an incident is not there yet or not reported")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(checkFormats, cobra.ShellCompDirectiveNoFileComp))

	f.StringVar(&c.bundle, "bundle", "", "evidence bundle to investigate and judge here: an incident as a test")
	f.StringVar(&c.request.Incident, "incident", "", "incident to judge")
	f.StringVar(&c.from, "from", "", "start of the time range, RFC 3339")
	f.StringVar(&c.to, "to", "", "end of the time range, RFC 3339")
	f.StringVar(&c.request.Expect.Entity, "expect-entity", "", "entity that the first cause must name")
	f.StringVar(&c.request.Expect.Trigger, "expect-trigger", "", "trigger that the first cause must name")
	f.StringVar(&c.request.Expect.Commit, "expect-commit", "", "commit that the first cause must name; seven digits will do")
	f.StringVar(&c.request.Expect.Decision, "expect-decision", "", "decision that the first cause must name")
	f.DurationVar(&c.within, "within", maturity.DefaultWithin, "longest time from alert to report; 0 is not checked")

	f.StringVar(&c.files.tests, "tests", "", "what go test -json wrote")
	f.BoolVar(&c.files.race, "race", false, "the tests ran with -race")
	f.StringVar(&c.files.lint, "lint", "", "what golangci-lint wrote as JSON, or any linter as SARIF")
	f.StringVar(&c.files.decisions, "decisions", "", "folder of decision records")
	f.StringVar(&c.files.coverage, "coverage", "", "coverage profile of the module in --source")
	f.StringVar(&c.files.source, "source", "", "folder of the module's source")
	f.StringArrayVar(&c.files.builds, "build", nil, "a file built from the revision; twice, to compare")
	f.StringVar(&c.files.smoke, "smoke", "", "health address of the service that was just started")
	f.StringVar(&c.files.manifests, "manifests", "", "folder of Kubernetes manifests")

	f.StringVar(&c.drill.url, "drill", "", "health address to poll while --fault breaks something")
	f.StringVar(&c.drill.fault, "fault", "", "command that breaks something")
	f.StringVar(&c.drill.heal, "heal", "", "command that takes the fault back at the end")
	f.DurationVar(&c.drill.watch, "watch", time.Minute, "how long to wait for the service to get well by itself")
}

func (c *checking) run(ctx context.Context, out, errOut io.Writer) error {
	if err := c.settle(); err != nil {
		return err
	}
	if err := c.files.read(ctx, &c.request); err != nil {
		return codeError{exitUsage, err}
	}
	if err := c.drill.run(ctx, errOut, &c.request.Facts); err != nil {
		return err
	}
	result, err := c.judge(ctx, errOut)
	if err != nil {
		return err
	}
	if err := c.print(out, result); err != nil {
		return err
	}
	switch {
	case result.Status == maturity.Fail, result.Status == maturity.Warn && c.failOn == "warn":
		return codeError{exitFailed, errSilent}
	case result.Status == maturity.Inconclusive:
		return codeError{exitInconclusive, errSilent}
	}
	return nil
}

// settle reads the flags and says what is wrong with them.
func (c *checking) settle() error {
	if !slices.Contains(checkFormats, c.format) {
		return usageError("--format %q is not one of %s", c.format, strings.Join(checkFormats, ", "))
	}
	if c.failOn != "fail" && c.failOn != "warn" {
		return usageError("--fail-on %q is not one of fail, warn", c.failOn)
	}
	if c.bundle != "" && (c.request.Level != maturity.Levels || c.request.Incident != "") {
		return usageError("--bundle is an incident of its own: leave --incident out, and --level at %d", maturity.Levels)
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
	if c.bundle != "" {
		if err := maturity.ValidateExpect(c.request.Expect); err != nil {
			return codeError{exitUsage, err}
		}
		return nil
	}
	if err := maturity.Validate(&c.request); err != nil {
		return codeError{exitUsage, err}
	}
	return c.drill.settle()
}

// judge asks who can tell: nobody else about code and bundles, the sources or a
// server about what runs.
func (c *checking) judge(ctx context.Context, errOut io.Writer) (casefile.CheckResult, error) {
	switch {
	case c.bundle != "":
		return c.judgeBundle(ctx, errOut)
	case c.config != "" && c.request.Level < maturity.Levels:
		return c.judgeHere(ctx)
	case !c.asked && c.request.Level <= 2:
		return whole(&maturity.Input{Request: c.request, Now: time.Now().UTC()}), nil
	}
	end := time.Now().Add(c.wait)
	for {
		result, err := c.ask(ctx)
		if err != nil || !result.Pending || !time.Now().Add(c.every).Before(end) {
			return result, err
		}
		select {
		case <-ctx.Done():
			return result, ctx.Err()
		case <-time.After(c.every):
		}
	}
}

func whole(in *maturity.Input) casefile.CheckResult {
	return maturity.Whole(in.Level, in.Service, maturity.Run(in), in.Now)
}

// ask puts the check to the server.
func (c *checking) ask(ctx context.Context) (casefile.CheckResult, error) {
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
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4<<20)).Decode(&result); err != nil {
		return result, fmt.Errorf("check: the answer of %s does not fit: %w", c.server, err)
	}
	if strings.HasPrefix(result.Evidence, "/") {
		result.Evidence = base.JoinPath(result.Evidence).String()
	}
	return result, nil
}
