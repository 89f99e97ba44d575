package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode" // the maintained decoder of byte order marks
	"golang.org/x/text/transform"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/suspect"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// suspectsFlags say which commits and which failure.
type suspectsFlags struct {
	repo, rev, log, format string
	limit                  int
}

func suspectsCmd() *cobra.Command {
	var f suspectsFlags
	cmd := &cobra.Command{
		Use:   "suspects --rev A..B --log FILE",
		Short: "Rank the commits between two revisions as suspects of a failure in a log",
		Long: `Rank the commits between two revisions as suspects of a failure, by a stack or
some lines of a log alone: no server, no configuration. FILE - reads standard
input. Exits 0 when a commit stands out, 3 when none does.`,
		Example: "  wherefore suspects --rev v1.4.0..v1.5.0 --log crash.txt\n" +
			"  kubectl logs deploy/cart --tail 200 | wherefore suspects --rev HEAD~30..HEAD --log -",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	cmd.Flags().StringVar(&f.repo, "repo", ".", "the repository")
	cmd.Flags().StringVar(&f.rev, "rev", "", "the commits, as `A..B`: those of B that A does not have")
	cmd.Flags().StringVar(&f.log, "log", "", "`FILE` with the failure's stack or lines, - for standard input")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
	cmd.Flags().IntVar(&f.limit, "limit", 200, "at most so many commits")
	return cmd
}

func (f suspectsFlags) run(cmd *cobra.Command) error {
	from, to, ok := strings.Cut(f.rev, "..")
	switch {
	case !ok || from == "" || to == "" || strings.HasPrefix(to, "."):
		return usageError("--rev wants A..B, two revisions, not %q", f.rev)
	case f.log == "":
		return usageError("--log wants a file with the failure's stack or lines, or - for standard input")
	case f.format != "text" && f.format != "json":
		return usageError("--format %q is not one of text, json", f.format)
	case f.limit < 1 || f.limit > 500:
		return usageError("--limit %d is not between 1 and 500", f.limit)
	}
	text, err := failureText(cmd.InOrStdin(), f.log)
	if err != nil {
		return err
	}
	commits, err := f.commits(cmd.Context(), from, to)
	if err != nil {
		return err
	}
	c := suspect.Text(commits, linesOf(text))
	if f.format == "json" {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetEscapeHTML(false)
		err = e.Encode(map[string]any{"commits": c.Commits, "suspicion": c.Suspicion})
	} else {
		err = writeSuspects(cmd.OutOrStdout(), c, len(commits))
	}
	if _, found := c.Commit(); err == nil && !found {
		return codeError{exitInconclusive, errSilent}
	}
	return err
}

// failureText reads what failed, at most a mebibyte of it.
func failureText(in io.Reader, name string) (string, error) {
	const most = 1 << 20
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", err
		}
		defer file.Close()
		in = file
	}
	// A redirect of PowerShell's writes UTF-16, with a mark of its order of bytes.
	in = transform.NewReader(in, unicode.BOMOverride(transform.Nop))
	b, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if strings.TrimSpace(string(b)) == "" {
		return "", fmt.Errorf("%s holds no text; give it the failure's stack or lines: %w", name, evidence.ErrInvalid)
	}
	return string(b), nil
}

// linesOf reads a text as the lines of one program, the pieces of a stack as one.
func linesOf(text string) []evidence.LogLine {
	var lines []evidence.LogLine
	for l := range strings.Lines(strings.ToValidUTF8(text, "\uFFFD")) {
		if l = strings.TrimRight(l, "\r\n"); strings.TrimSpace(l) != "" {
			lines = append(lines, evidence.LogLine{Body: l})
		}
	}
	lines = logline.Join(lines)
	for i := range lines {
		logline.Default.Read(&lines[i])
	}
	return lines
}

// commits reads the commits of to that from does not have, with their diffs.
func (f suspectsFlags) commits(ctx context.Context, from, to string) (list []evidence.Commit, err error) {
	dir, err := os.MkdirTemp("", "wherefore-suspects-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := blameindex.NewSource(ctx, []blameindex.Place{{Repository: f.repo, Database: filepath.Join(dir, "index.db")}}, blameindex.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	list, err = s.Commits(ctx, evidence.CommitQuery{From: from, To: to, Limit: f.limit})
	if err == nil && len(list) == 0 {
		return nil, fmt.Errorf("%s..%s holds no commit: %w", from, to, evidence.ErrNotFound)
	}
	return list, err
}

// writeSuspects prints the first suspects with what speaks for and against each.
func writeSuspects(w io.Writer, c report.Cause, of int) error {
	p := &printer{w: w}
	if c.Suspicion != nil {
		p.line("%s.", c.Suspicion.Sentence)
	}
	for i, k := range c.Commits {
		if i == 5 {
			p.line("")
			p.line("and %d of %d more", of-5, of)
			break
		}
		p.line("")
		name := "none"
		if k.IsCommit() {
			name = k.SHA[:min(12, len(k.SHA))]
		}
		p.line("%-12s %3d %%  %s", name, (k.Share+5)/10, k.Subject)
		for _, t := range k.Terms {
			p.line("   %+6d  %s  (%s)", t.Points, t.Why, t.ID)
			for _, r := range t.Refs {
				if r.Kind == evidence.RefCode && r.Text != "" {
					for line := range strings.Lines(r.Text) {
						p.line("           %s", strings.TrimRight(line, "\n"))
					}
				}
			}
		}
	}
	return p.err
}
