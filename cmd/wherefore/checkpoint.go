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
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

func checkpointCmd() *cobra.Command {
	var base, head, format, failOn, dir string
	var staged, strict, mechanisms bool
	var forms []string
	cmd := &cobra.Command{
		Use:   "checkpoint (--base REV | --staged)",
		Short: "Hold a change to the decisions that govern the files it touches",
		Long: "Runs the checks of every decision whose scope covers a file changed between\n" +
			"the base and the head. A record that would govern the change and is refused, a\n" +
			"rule over its own files that it retires or weakens, and a tag that names no\n" +
			"record are findings, too. --mechanisms adds the ways in which a diff is known\n" +
			"to hurt, as notes. Exits with 1 when a finding is as bad as --fail-on.",
		Example: "  wherefore checkpoint --staged --mechanisms\n  wherefore checkpoint --base origin/main\n  wherefore checkpoint --base v1.8.1 --head v1.8.2 --format sarif",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (base == "") == !staged {
				return usageError("name one of --base, the revision that the change starts from, and --staged")
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
			forms, err := decision.ParseFolderForms(forms)
			if err != nil {
				return usageError("--form: %v", err)
			}
			o := blameindex.Options{Vocabulary: decision.Vocabulary{Forms: forms}}
			var res checkpoint.Result
			var diff []byte
			if staged {
				res, diff, err = blameindex.ReviewStaged(ctx, repo, o, strict)
			} else {
				from, err1 := repo.Resolve(ctx, base)
				to, err2 := repo.Resolve(ctx, head)
				if err := errors.Join(err1, err2); err != nil {
					return codeError{exitUsage, err}
				}
				res, diff, err = blameindex.Review(ctx, repo, from, to, o, strict)
			}
			if err != nil {
				return err
			}
			if mechanisms {
				res = res.Merge(harms(string(diff)))
			}
			return reportReview(cmd.OutOrStdout(), cmd.ErrOrStderr(), res, format, failOn)
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "revision that the change starts from")
	cmd.Flags().BoolVar(&staged, "staged", false, "review what is staged upon HEAD")
	cmd.Flags().BoolVar(&strict, "strict", false, "make the weakening of a rule by a change that it governs an error")
	cmd.Flags().BoolVar(&mechanisms, "mechanisms", false, "add how the diff is known to hurt")
	cmd.Flags().StringArrayVar(&forms, "form", nil, "GLOB=FORM, the form that a folder's records are held to")
	cmd.Flags().StringVar(&head, "head", "HEAD", "revision that the change ends with")
	cmd.Flags().StringVar(&format, "format", "text", "text, sarif or json")
	cmd.Flags().StringVar(&failOn, "fail-on", "error", "error, warning or note")
	cmd.Flags().StringVar(&dir, "repo", ".", "repository")
	return cmd
}

// harms are what the rules about diffs, by which an incident's commits are
// ranked, see in a change before it is merged.
func harms(diff string) []decision.Finding {
	const sure = 600 // of 1000: what is known to hurt by itself
	var out []decision.Finding
	for _, m := range mechanism.Scan(&weights.Or(nil).Mechanism, diff) {
		level := "note"
		if m.Strength >= sure {
			level = "warning"
		}
		out = append(out, decision.Finding{Rule: "mechanism/" + m.Rule, About: "The change does not bring about a fault of this kind.", Level: level, Message: m.Why, Path: m.File, Line: max(m.Line, 1)})
	}
	return out
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
			if f.Record == "" {
				p.line("%s:%d: %s: %s: %s", f.Path, f.Line, f.Level, f.Rule, f.Message)
				continue
			}
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
