package artefact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // reads and writes the format that all linters share

	"github.com/wherefore-dev/wherefore/correlate/casefile"
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
	Report *json.RawMessage
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
	for _, run := range report.Runs {
		if run == nil {
			continue
		}
		if d := run.Tool; d != nil && d.Driver != nil && d.Driver.Name != nil {
			out.Tool = *d.Driver.Name
		}
		for _, r := range run.Results {
			if r == nil || r.Kind == "pass" || r.Level == "none" {
				continue
			}
			out.Found++
			add(&out.Places, placeOf(r))
		}
	}
	return nil
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
