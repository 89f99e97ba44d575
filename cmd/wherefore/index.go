package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3" // a progress bar that knows what a terminal is
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// asked gives an error the exit code of a question: 2 when the question made
// no sense, 1 when it has no answer.
func asked(err error) error {
	if errors.Is(err, evidence.ErrInvalid) {
		return codeError{exitUsage, err}
	}
	return err
}

type indexFlags struct {
	revs, globs []string
	db, key     string
	maxFile     int64
	asJSON      bool
	moves       bool
	copies      bool
	detect      *git.Detection // nil when neither flag was given
}

func indexCmd() *cobra.Command {
	var f indexFlags
	cmd := &cobra.Command{
		Use:   "index [REPOSITORY]",
		Short: "Build or update the index from lines to commits and decisions",
		Long: "Finds which commit owns each line of every text file at the given revisions,\n" +
			"and the decisions recorded at them, and stores both in SQLite. It may be\n" +
			"interrupted and called again; a second call does what is new.",
		Example: "  wherefore index\n  wherefore index ~/src/shop --rev v1.8.2 --path '*.go'",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			if cmd.Flags().Changed("moves") || cmd.Flags().Changed("copies") {
				f.detect = detection(f)
			}
			return asked(runIndex(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), dir, f))
		},
	}
	cmd.Flags().StringArrayVar(&f.revs, "rev", nil, "revision to index; again for more (default: all tags and HEAD)")
	cmd.Flags().StringArrayVar(&f.globs, "path", nil, "glob or folder of the files to index; again for more (default: all)")
	cmd.Flags().StringVar(&f.db, "db", "", "database (default: wherefore.db in the git directory)")
	cmd.Flags().StringVar(&f.key, "key-file", "", "age identities; decisions are stored encrypted for the first")
	cmd.Flags().Int64Var(&f.maxFile, "max-file", blameindex.DefaultMaxFile, "skip files larger than this many bytes")
	cmd.Flags().BoolVarP(&f.moves, "moves", "M", false, "follow lines that were moved within a file, as git blame -M; kept for this index")
	cmd.Flags().BoolVarP(&f.copies, "copies", "C", false, "and lines from other files of the same commit, as git blame -C; kept for this index")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print what was done as JSON")
	return cmd
}

func detection(f indexFlags) *git.Detection {
	d := git.Detection("")
	switch {
	case f.copies:
		d = git.CopiedLines
	case f.moves:
		d = git.MovedLines
	}
	return &d
}

func runIndex(ctx context.Context, out, errOut io.Writer, dir string, f indexFlags) (err error) {
	repo, err := git.Open(ctx, dir)
	if err != nil {
		return codeError{exitUsage, err}
	}
	if f.db == "" {
		f.db = blameindex.DefaultPath(repo)
	}
	db, err := blameindex.Open(f.db, blameindex.Options{KeyFile: f.key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	start := time.Now()
	bar := newBar(errOut)
	stats, err := db.Index(ctx, repo, blameindex.IndexOptions{Revs: f.revs, Globs: f.globs, MaxFile: f.maxFile, Detect: f.detect, Progress: bar.show})
	bar.end()
	if err != nil {
		return err
	}
	if f.asJSON {
		return json.NewEncoder(out).Encode(stats)
	}
	return writeStats(out, f.db, stats, time.Since(start))
}

func writeStats(out io.Writer, path string, st blameindex.IndexStats, took time.Duration) error {
	p := &printer{w: out}
	p.line("indexed %d revisions (%d known before) in %s: %d files, %d of them worked out now; %d decisions", st.Revisions, st.Known, took.Round(time.Millisecond), st.Files, st.Computed, st.Records)
	var reasons []string
	for reason, n := range st.Skipped {
		reasons = append(reasons, fmt.Sprintf("%d %s", n, reason))
	}
	slices.Sort(reasons)
	if len(reasons) > 0 {
		p.line("skipped: %s", strings.Join(reasons, ", "))
	}
	if st.Refused > 0 {
		p.line("%d decision records have faults and were left out; see 'wherefore decisions lint'", st.Refused)
	}
	if st.Unread > 0 {
		p.line("%d revisions were left out: an object that names their files is missing", st.Unread)
	}
	if st.Unknown > 0 {
		p.line("%d files have lines that are answered with \"unknown\": an object that their history needs is missing", st.Unknown)
	}
	if st.Detect != "" {
		p.line("lines are followed as 'git blame -%s' does; --moves=false goes back to plain blame", st.Detect)
	}
	if st.Shallow {
		p.line("the clone is shallow: lines older than its beginning are given to the commits where it begins; 'git fetch --unshallow' gets the rest")
	}
	if st.Partial {
		p.line("the clone is partial: files whose history misses an object are answered with \"unknown\"")
	}
	p.line("database: %s", path)
	return p.err
}

// bar shows progress on a terminal and nothing elsewhere.
type bar struct {
	w     io.Writer
	on    bool
	stage string
	bar   *progressbar.ProgressBar
}

func newBar(w io.Writer) *bar {
	f, ok := w.(*os.File)
	return &bar{w: w, on: ok && term.IsTerminal(int(f.Fd()))}
}

func (b *bar) show(stage string, done, total int) {
	if !b.on {
		return
	}
	if stage != b.stage {
		b.end()
		b.stage = stage
		b.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetDescription(stage), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = b.bar.Set(done) // a bar that cannot be drawn is no reason to stop
}

func (b *bar) end() {
	if b.bar != nil {
		_ = b.bar.Finish()
		b.bar = nil
	}
}
