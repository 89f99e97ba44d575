package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/artefact"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/observe"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// factFiles are what builds, tests and linters left behind.
type factFiles struct {
	tests, lint, decisions, coverage, source, smoke, manifests string
	race                                                       bool
	builds                                                     []string
}

// read turns files into facts.
func (f *factFiles) read(ctx context.Context, r *maturity.Request) error {
	facts := &r.Facts
	for _, step := range []struct {
		given bool
		read  func() error
	}{
		{f.tests != "", func() (err error) {
			if facts.Tests, err = artefact.Tests(f.tests); err == nil {
				facts.Tests.Race = facts.Tests.Race || f.race
			}
			return err
		}},
		{f.lint != "", func() (err error) { facts.Lint, err = artefact.Lint(f.lint); return err }},
		{f.decisions != "", func() (err error) { facts.Decisions, err = decisionFacts(f.decisions); return err }},
		{f.coverage != "", func() (err error) {
			facts.Coverage, err = artefact.Coverage(f.coverage, cmp.Or(f.source, "."))
			return err
		}},
		{f.source != "", func() (err error) { facts.Source, err = artefact.Source(f.source); return err }},
		{len(f.builds) > 0, func() (err error) { facts.Builds, err = artefact.Builds(f.builds); return err }},
		{f.manifests != "", func() (err error) {
			facts.Disruption, err = artefact.Manifests(f.manifests, r.Service)
			return err
		}},
		{f.smoke != "", func() error { facts.Smoke = smokeFacts(ctx, f.smoke); return nil }},
		{r.Revision != "", func() error { return resolveRevision(ctx, cmp.Or(f.source, "."), r) }},
	} {
		if !step.given {
			continue
		}
		if err := step.read(); err != nil {
			return err
		}
	}
	return nil
}

// decisionFacts reads the records of a folder as decisions lint does.
func decisionFacts(dir string) (*maturity.Decisions, error) {
	records, faults, err := lint([]string{dir}, decision.DefaultVocabulary())
	if err != nil {
		return nil, err
	}
	out := &maturity.Decisions{Records: len(records)}
	const most = 20
	for _, f := range faults {
		if f.Note {
			continue
		}
		if out.Refused++; out.Refused <= most {
			out.Places = append(out.Places, casefile.CheckPlace{Path: f.Path, Line: f.Line, Message: f.Message})
		}
	}
	return out, nil
}

// smokeFacts asks a service once. The limit is above the one that it is held to,
// so that how late it was can be said.
func smokeFacts(ctx context.Context, url string) *maturity.Smoke {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	started := time.Now()
	out := &maturity.Smoke{At: started.UTC(), URL: url}
	resp, err := get(ctx, url)
	out.Took = time.Since(started)
	if err != nil {
		out.Detail = err.Error()
		return out
	}
	out.Status = resp.StatusCode
	_ = resp.Body.Close()
	return out
}

func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

// resolveRevision finds when a revision was made, so that older results are told.
func resolveRevision(ctx context.Context, dir string, r *maturity.Request) error {
	repo, err := git.Open(ctx, dir)
	if err != nil {
		return fmt.Errorf("--revision: %w", err)
	}
	sha, err := repo.Resolve(ctx, r.Revision)
	if err != nil {
		return fmt.Errorf("--revision: %w", err)
	}
	commits, err := repo.Commits(ctx, []string{sha})
	if err != nil || len(commits) != 1 {
		return fmt.Errorf("--revision %s: %w", r.Revision, err)
	}
	r.Revision, r.RevisionAt = sha, commits[0].Time
	return nil
}

// judgeHere asks the configured sources what a server would ask.
func (c *checking) judgeHere(ctx context.Context) (casefile.CheckResult, error) {
	cfg, err := loadTenant(c.config, c.tenant)
	if err != nil {
		return casefile.CheckResult{}, err
	}
	cfg.Repositories = nil // nothing is asked of code
	s, err := backend.Dial(ctx, cfg)
	if err != nil {
		return casefile.CheckResult{}, err
	}
	defer func() { _ = s.Close() }() // nothing was written
	in := &maturity.Input{Request: c.request, Now: time.Now().UTC()}
	observe.Observer{Sources: s.Sources, SLOs: cfg.SLO.Specs(), Conditions: cfg.Engine.Conditions}.Observe(ctx, in)
	return whole(in), nil
}

// judgeBundle investigates a recorded incident and judges what comes out. When it
// was there after the alert is not known: nobody waited for it.
func (c *checking) judgeBundle(ctx context.Context, errOut io.Writer) (casefile.CheckResult, error) {
	cfg, err := loadTenant(c.config, c.tenant)
	if err != nil {
		return casefile.CheckResult{}, err
	}
	say, done := progressOn(errOut)
	rep, err := replayBundle(ctx, c.bundle, cfg, say)
	done()
	if err != nil {
		return casefile.CheckResult{}, err
	}
	o := maturity.JudgeReport(c.request.Expect, &rep, 0)
	checks := maturity.Checks()
	last := checks[len(checks)-1]
	return casefile.CheckResult{ID: last.ID, Name: last.Name, Level: last.Level, Service: cmp.Or(c.request.Service, rep.Service), Status: o.Status, Message: o.Message,
		Evidence: c.bundle, Places: o.Places, Calls: o.Calls, ExecutedAt: time.Now().UTC()}, nil
}
