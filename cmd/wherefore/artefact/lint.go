package artefact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // reads and writes the format that all linters share

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// golangci is what golangci-lint writes as JSON.
type golangci struct {
	Issues *[]struct {
		FromLinter string
		Text       string
		Pos        struct {
			Filename string
			Line     int
		}
	}
	Report *struct{ Error string }
}

// Lint reads the findings of golangci-lint's JSON, or of any linter's SARIF.
func Lint(file string) (*maturity.Lint, error) {
	content, at, err := read(file)
	if err != nil {
		return nil, err
	}
	out := &maturity.Lint{At: at}
	var kind struct {
		Version string           `json:"version"`
		Runs    *json.RawMessage `json:"runs"`
	}
	if err := json.Unmarshal(content, &kind); err != nil {
		return nil, fmt.Errorf("%s:%d: neither golangci-lint's JSON nor SARIF: %w", file, lineOf(content, err), err)
	}
	if kind.Runs != nil {
		return out, readSARIF(out, file, content)
	}
	var g golangci
	if err := json.Unmarshal(content, &g); err != nil || g.Issues == nil && g.Report == nil {
		return nil, fmt.Errorf("%s:1: neither golangci-lint's JSON nor SARIF: it has neither Issues nor runs", file)
	}
	if g.Report != nil && g.Report.Error != "" {
		return nil, fmt.Errorf("%s:1: golangci-lint did not finish: %s", file, evidence.Excerpt(g.Report.Error, maxText))
	}
	out.Tool = "golangci-lint"
	if g.Issues != nil {
		for _, i := range *g.Issues {
			out.Found++
			add(&out.Places, casefile.CheckPlace{Path: i.Pos.Filename, Line: i.Pos.Line, Message: i.FromLinter + ": " + i.Text})
		}
	}
	return out, nil
}

func readSARIF(out *maturity.Lint, file string, content []byte) error {
	report, err := sarif.FromBytes(content)
	if err != nil {
		return fmt.Errorf("%s:%d: no SARIF: %w", file, lineOf(content, err), err)
	}
	// The library makes an empty list of none.
	var looked struct {
		Runs []struct {
			Results *json.RawMessage `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(content, &looked); err != nil {
		return fmt.Errorf("%s:%d: no SARIF: %w", file, lineOf(content, err), err)
	}
	tools := []string{}
	for i, run := range report.Runs {
		if run == nil {
			continue
		}
		tool := "a linter"
		if d := run.Tool; d != nil && d.Driver != nil && d.Driver.Name != nil {
			tool = *d.Driver.Name
		}
		if why := unfinished(run, looked.Runs[i].Results != nil); why != "" {
			return fmt.Errorf("%s:1: %s %s, so that nothing found does not mean nothing there", file, tool, why)
		}
		if !slices.Contains(tools, tool) {
			tools = append(tools, tool)
		}
		for _, r := range run.Results {
			if r == nil || !isFinding(r) {
				continue
			}
			out.Found++
			add(&out.Places, placeOf(r))
		}
	}
	if len(tools) == 0 {
		return fmt.Errorf("%s:1: the SARIF holds no run: no linter looked", file)
	}
	out.Tool = strings.Join(tools, ", ")
	return nil
}

// unfinished says why a run tells nothing: the tool failed (SARIF 2.1.0, 3.20.14), or
// did not look for results at all (3.14.23).
func unfinished(run *sarif.Run, looked bool) string {
	for _, i := range run.Invocations {
		if i != nil && i.ExecutionSuccessful != nil && !*i.ExecutionSuccessful {
			if d := i.ExitCodeDescription; d != nil && *d != "" {
				return "did not finish (" + evidence.Excerpt(*d, maxText) + ")"
			}
			return "did not finish"
		}
	}
	if !looked {
		return "has no results member: it did not look"
	}
	return ""
}

// isFinding tells a result that is wrong now: not one that passed or says something
// else (3.27.9), that is gone since the baseline (3.27.24), or that somebody
// suppressed and nobody objected to (3.27.23).
func isFinding(r *sarif.Result) bool {
	if slices.Contains([]string{"pass", "notApplicable", "informational"}, r.Kind) || r.Level == "none" {
		return false
	}
	if r.BaselineState != nil && *r.BaselineState == "absent" {
		return false
	}
	open := func(s *sarif.Suppression) bool { return s != nil && s.Status != nil && *s.Status != "accepted" }
	return len(r.Suppressions) == 0 || slices.ContainsFunc(r.Suppressions, open)
}

func placeOf(r *sarif.Result) casefile.CheckPlace {
	p := casefile.CheckPlace{}
	if r.Message != nil && r.Message.Text != nil {
		p.Message = *r.Message.Text
	}
	if len(r.Locations) > 0 && r.Locations[0] != nil && r.Locations[0].PhysicalLocation != nil {
		at := r.Locations[0].PhysicalLocation
		if at.ArtifactLocation != nil && at.ArtifactLocation.URI != nil {
			p.Path = *at.ArtifactLocation.URI
		}
		if at.Region != nil && at.Region.StartLine != nil {
			p.Line = *at.Region.StartLine
		}
	}
	return p
}

// lineOf is the line at which JSON is wrong, 1 when the error does not say.
func lineOf(content []byte, err error) int {
	offset := int64(0)
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = s.Offset
	}
	return 1 + bytes.Count(content[:min(int(offset), len(content))], []byte("\n"))
}
