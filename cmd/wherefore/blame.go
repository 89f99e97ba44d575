package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// lineFlags are the flags of the verbs that ask about one line.
type lineFlags struct {
	rev, db, key, format string
}

func (f *lineFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.rev, "rev", "", "revision that was running (default: HEAD, else the one indexed last)")
	cmd.Flags().StringVar(&f.db, "db", "", "database; the repository is then not looked at")
	cmd.Flags().StringVar(&f.key, "key-file", "", "age identities that open encrypted decisions")
	cmd.Flags().StringVar(&f.format, "format", "text", "text or json")
}

func blameCmd() *cobra.Command {
	var f lineFlags
	cmd := &cobra.Command{
		Use:     "blame FILE:LINE",
		Short:   "Name the commit that introduced a line",
		Example: "  wherefore blame internal/adserver/etcd.go:118 --rev v1.8.2",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := askLine(cmd.Context(), args[0], f)
			if err != nil {
				return asked(err)
			}
			if f.format == "json" {
				return writeAnswerJSON(cmd.OutOrStdout(), a, true)
			}
			p := &printer{w: cmd.OutOrStdout(), people: true}
			if a.Commit == "" {
				p.line("unknown  %s:%d  an object that the history needs is missing from the repository", a.Path, a.Line)
				return p.err
			}
			p.line("%s  %s:%d  %s <%s>  %s  %s", a.Commit, a.OrigPath, a.OrigLine, a.Author, a.Email, a.Time.Format(time.RFC3339), subject(a.Message))
			return p.err
		},
	}
	f.register(cmd)
	return cmd
}

func subject(message string) string {
	line, _, _ := strings.Cut(message, "\n")
	return line
}

// splitPlace reads FILE:LINE.
func splitPlace(s string) (file string, line int, err error) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return "", 0, usageError("%q is not FILE:LINE, as internal/adserver/etcd.go:118", s)
	}
	line, err = strconv.Atoi(s[i+1:])
	if err != nil || line < 1 {
		return "", 0, usageError("%q: %q is not a line number", s, s[i+1:])
	}
	return s[:i], line, nil
}

// askLine answers from the database alone when one is named. Else it finds the
// repository that it stands in and its index, and adds what the index has not.
func askLine(ctx context.Context, place string, f lineFlags) (a blameindex.Answer, err error) {
	if f.format != "text" && f.format != "json" {
		return a, usageError("--format %q is not one of text, json", f.format)
	}
	file, line, err := splitPlace(place)
	if err != nil {
		return a, err
	}
	if f.db != "" {
		return askDatabase(ctx, path.Clean(file), line, f)
	}
	return askHere(ctx, file, line, f)
}

func askDatabase(ctx context.Context, file string, line int, f lineFlags) (a blameindex.Answer, err error) {
	db, err := blameindex.Open(f.db, blameindex.Options{ReadOnly: true, KeyFile: f.key})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.Why(ctx, file, line, f.rev)
}

func askHere(ctx context.Context, file string, line int, f lineFlags) (a blameindex.Answer, err error) {
	repo, err := git.Open(ctx, ".")
	if err != nil {
		return a, fmt.Errorf("%s; go into the repository or name a database with --db", evidence.Sentence(err))
	}
	db, err := blameindex.Open(blameindex.DefaultPath(repo), blameindex.Options{KeyFile: f.key})
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rev := f.rev
	if rev == "" {
		rev = "HEAD"
	}
	sha, err := repo.Resolve(ctx, rev)
	if err != nil {
		return a, err
	}
	file, err = inRepository(repo, file)
	if err != nil {
		return a, err
	}
	return db.WhyIn(ctx, repo, file, line, sha)
}

// inRepository turns a path as it was typed into one from the repository's
// root: relative to where we stand, or to the root already.
func inRepository(repo *git.Repo, file string) (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the current directory: %w", err)
	}
	if wd, err = filepath.EvalSymlinks(wd); err != nil {
		return "", fmt.Errorf("find the current directory: %w", err)
	}
	abs := file
	if !filepath.IsAbs(file) {
		abs = filepath.Join(wd, file)
	}
	rel, err := filepath.Rel(repo.Top, abs)
	if err != nil || strings.HasPrefix(rel, "..") {
		return "", fmt.Errorf("%s is not inside the repository %s: %w", file, repo.Top, evidence.ErrInvalid)
	}
	if _, err := os.Lstat(abs); err != nil && !filepath.IsAbs(file) && wd != repo.Top {
		if _, err := os.Lstat(filepath.Join(repo.Top, file)); err == nil {
			return path.Clean(filepath.ToSlash(file)), nil
		}
	}
	return filepath.ToSlash(rel), nil
}

// answerJSON is the scripted form of an answer.
type answerJSON struct {
	Path      string         `json:"path"`
	Line      int            `json:"line"`
	Revision  string         `json:"revision"`
	Commit    string         `json:"commit"` // empty when unknown
	Author    string         `json:"author"`
	Email     string         `json:"email"`
	Time      time.Time      `json:"time"`
	Summary   string         `json:"summary"`
	Message   string         `json:"message,omitempty"`
	OrigPath  string         `json:"orig_path,omitempty"`
	OrigLine  int            `json:"orig_line,omitempty"`
	Decisions []decisionJSON `json:"decisions"`
	Owners    []string       `json:"owners,omitempty"`
	Shallow   bool           `json:"shallow,omitempty"`
}

type decisionJSON struct {
	ID           string             `json:"id"`
	Kind         string             `json:"kind"`
	Strength     int                `json:"strength"`
	SupersededBy string             `json:"superseded_by,omitempty"`
	ResponseTime string             `json:"response_time,omitempty"`
	Record       *evidence.Decision `json:"record,omitempty"`
}

func writeAnswerJSON(w io.Writer, a blameindex.Answer, short bool) error {
	out := answerJSON{Path: a.Path, Line: a.Line, Revision: a.Revision, Commit: a.Commit, Author: a.Author, Email: a.Email, Time: a.Time,
		Summary: subject(a.Message), OrigPath: a.OrigPath, OrigLine: a.OrigLine, Decisions: []decisionJSON{}, Owners: a.Owners, Shallow: a.Shallow}
	if !short {
		out.Message = a.Message
	}
	for _, d := range a.Decisions {
		j := decisionJSON{ID: d.DecisionID, Kind: d.Kind, Strength: d.Strength, SupersededBy: d.Current}
		if d.Record != nil && !short {
			j.Record = &d.Record.Decision
		}
		if took, ok := d.ResponseTime(); ok {
			j.ResponseTime = took.String()
		}
		out.Decisions = append(out.Decisions, j)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
