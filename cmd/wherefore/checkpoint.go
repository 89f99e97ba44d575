package main

import (
	"errors"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/checkpoint"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
)

func checkpointCmd() *cobra.Command {
	var base, head, format, failOn, dir string
	cmd := &cobra.Command{
		Use:   "checkpoint --base REV",
		Short: "Hold a change to the decisions that govern the files it touches",
		Long: "Runs the checks of every decision whose scope covers a file changed between\n" +
			"the base and the head. Exits with 1 when a finding is as bad as --fail-on.",
		Example: "  wherefore checkpoint --base origin/main\n  wherefore checkpoint --base v1.8.1 --head v1.8.2 --format sarif",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if base == "" {
				return usageError("--base is needed: the revision that the change starts from")
			}
			if format != "text" && format != "sarif" && format != "json" {
				return usageError("--format %q is not one of text, sarif, json", format)
			}
			if !slices.Contains([]string{"error", "warning", "note"}, failOn) {
				return usageError("--fail-on %q is not one of error, warning, note", failOn)
			}
			ctx := cmd.Context()
			repo, err := git.Open(ctx, dir)
			if err != nil {
				return codeError{exitUsage, err}
			}
			from, err1 := repo.Resolve(ctx, base)
			to, err2 := repo.Resolve(ctx, head)
			if err := errors.Join(err1, err2); err != nil {
				return codeError{exitUsage, err}
			}
			res, err := blameindex.Review(ctx, repo, from, to, blameindex.Options{})
			if err != nil {
				return err
			}
			return reportReview(cmd.OutOrStdout(), cmd.ErrOrStderr(), res, format, failOn)
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "revision that the change starts from")
	cmd.Flags().StringVar(&head, "head", "HEAD", "revision that the change ends with")
	cmd.Flags().StringVar(&format, "format", "text", "text, sarif or json")
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "error, warning or note")
	cmd.Flags().StringVar(&dir, "repo", ".", "repository")
	return cmd
}

func reportReview(out, errOut io.Writer, res checkpoint.Result, format, failOn string) error {
	var err error
	switch format {
	case "sarif":
		err = decision.WriteFindings(out, res.Findings, buildVersion())
	case "json":
		err = writeJSON(out, struct {
			Covering map[string]int     `json:"covering"`
			Findings []decision.Finding `json:"findings"`
		}{res.Covering, append([]decision.Finding{}, res.Findings...)})
	default:
		p := &printer{w: out}
		for _, f := range res.Findings {
			p.line("%s:%d: %s: %s: %s  (%s)", f.Path, f.Line, f.Level, f.Rule, f.Message, f.Record)
		}
		err = p.err
	}
	if err != nil {
		return err
	}
	p := &printer{w: errOut}
	for _, id := range slices.Sorted(maps.Keys(res.Covering)) {
		p.line("%s covers %d changed files", id, res.Covering[id])
	}
	p.line("%d findings", len(res.Findings))
	if p.err != nil {
		return p.err
	}
	if checkpoint.Reaches(res.Level(), failOn) {
		return codeError{exitFailed, errSilent}
	}
	return nil
}
