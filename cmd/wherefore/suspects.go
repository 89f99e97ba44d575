package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	log, err := openLog(cmd.InOrStdin(), f.log)
	if err != nil {
		return err
	}
	defer log.Close()
	commits, err := f.commits(cmd.Context(), from, to)
	if err != nil {
		return err
	}
	c := suspect.Text(commits, log.lines)
	if err := log.failed(); err != nil {
		return err
	}
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

// failureLog is the log of a failure, read line by line however long it is.
type failureLog struct {
	name string
	in   io.Reader
	file *os.File // nil for standard input
	some bool     // a line was read that is not blank
	err  error
}

func openLog(in io.Reader, name string) (*failureLog, error) {
	if name == "-" {
		return &failureLog{name: "standard input", in: in}, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return &failureLog{name: name, in: file, file: file}, nil
}

// Close closes the file.
func (f *failureLog) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}

// lines yields the lines of one program, the pieces of a stack as one. A line longer
// than maxLine goes on as another.
func (f *failureLog) lines(yield func(evidence.LogLine) bool) {
	const maxLine = 64 << 10
	give := func(l evidence.LogLine, whole bool) bool {
		if !whole {
			return true
		}
		logline.Default.Read(&l)
		return yield(l)
	}
	// A redirect of PowerShell's writes UTF-16, with a mark of its order of bytes.
	in := bufio.NewReaderSize(transform.NewReader(f.in, unicode.BOMOverride(transform.Nop)), maxLine)
	var join logline.Joiner
	for {
		b, err := in.ReadSlice('\n')
		text := strings.TrimRight(strings.ToValidUTF8(string(b), "\uFFFD"), "\r\n")
		if strings.TrimSpace(text) != "" {
			f.some = true
			if !give(join.Add(evidence.LogLine{Body: text})) {
				return
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			give(join.Rest())
			return
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			f.err = fmt.Errorf("%s: %w", f.name, err)
			return
		}
	}
}

// failed says why the log could not be read, or that it holds nothing.
func (f *failureLog) failed() error {
	if f.err == nil && !f.some {
		return fmt.Errorf("%s holds no text; give it the failure's stack or lines: %w", f.name, evidence.ErrInvalid)
	}
	return f.err
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

// What of a ranking is printed: so many suspects, of each so many of the strongest
// terms, and of a term so many lines of code. JSON has all.
const (
	saidSuspects = 5
	saidTerms    = 4
	saidLines    = 4
)

// writeSuspects prints the first suspects with what speaks most for and against each,
// the lines of code behind it for the first of them.
func writeSuspects(w io.Writer, c report.Cause, of int) error {
	p := &printer{w: w}
	if c.Suspicion != nil && len(c.Commits) > 0 {
		p.line("%s", suspectName(&c.Commits[0]))
		p.line("%s.", c.Suspicion.Sentence)
	}
	for i := range c.Commits {
		k := &c.Commits[i]
		if i == saidSuspects {
			p.line("")
			p.line("and %d of %d more", max(0, of-saidSuspects), of)
			break
		}
		p.line("")
		p.line("%3d %%  %s", (k.Share+5)/10, suspectName(k))
		writeTerms(p, k.Terms, i == 0)
	}
	p.line("")
	p.line("A term of 700 points makes a commit about twice as likely, one of 2300 ten times")
	p.line("(1000 times the natural logarithm); --format json has every term of every commit.")
	return p.err
}

func suspectName(k *report.CommitScore) string {
	if !k.IsCommit() {
		return k.Subject
	}
	return k.SHA[:min(12, len(k.SHA))] + "  " + k.Subject
}

// writeTerms prints the strongest terms, with the lines of code they point at where
// they are to be shown.
func writeTerms(p *printer, terms []report.Term, code bool) {
	terms = slices.Clone(terms)
	slices.SortStableFunc(terms, func(a, b report.Term) int { return cmp.Compare(max(b.Points, -b.Points), max(a.Points, -a.Points)) })
	shown := map[string]bool{} // the same hunk is behind several terms
	for _, t := range terms[:min(saidTerms, len(terms))] {
		p.line("   %+6d  %s", t.Points, t.Why)
		for _, r := range t.Refs {
			if code && r.Kind == evidence.RefCode && r.Text != "" && !shown[r.ID] {
				shown[r.ID] = true
				writeCode(p, r)
			}
		}
	}
	if rest := len(terms) - saidTerms; rest > 0 {
		p.line("           and %d that count less", rest)
	}
}

// writeCode prints where code stands and its first lines.
func writeCode(p *printer, r evidence.Ref) {
	p.line("             %s", r.ID)
	n := 0
	for line := range strings.Lines(r.Text) {
		if n++; n > saidLines {
			p.line("             …")
			return
		}
		p.line("             %s", strings.TrimRight(line, "\n"))
	}
}
