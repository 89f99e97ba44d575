package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock" // advisory locks between processes, on every system
	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// hookMark tells our hook from somebody else's.
const hookMark = "# Installed by 'wherefore hook install'"

// hookScript never blocks or fails a commit: it works in the background, ends
// by itself and says nothing. The program is the one in PATH, else the one that
// installed the hook, where that still is.
func hookScript(program, keyFile string) string {
	args := "hook run"
	if keyFile != "" {
		args += " --key-file " + shellQuote(keyFile)
	}
	return `#!/bin/sh
` + hookMark + `; safe to delete.
# Keeps the index from lines to decisions, and its ledger, current.
program=$(command -v wherefore) || program=` + shellQuote(program) + `
[ -x "$program" ] || exit 0
("$program" ` + args + ` >/dev/null 2>&1 </dev/null &)
exit 0
`
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func hookCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Keep the index current on every commit",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var key string
	install := &cobra.Command{
		Use:   "install",
		Short: "Put a post-commit hook into the repository",
		Long: "Puts in a post-commit hook that brings the index and its ledger,\n" +
			"wherefore-ledger.csv in the git directory, up to date in the background. A hook\n" +
			"of somebody else is left alone.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			file, err := installHook(cmd.Context(), key)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "installed %s\n", file)
			return err
		},
	}
	run := &cobra.Command{
		Use:    "run",
		Short:  "What the hook does",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return runHook(cmd.Context(), key) },
	}
	for _, c := range []*cobra.Command{install, run} {
		c.Flags().StringVar(&key, "key-file", "", "age identities; decisions are stored encrypted for the first")
	}
	cmd.AddCommand(install, run)
	return cmd
}

// installHook writes the hook unless somebody has one of their own.
func installHook(ctx context.Context, key string) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("install the hook: %w", err)
	}
	if key != "" {
		if key, err = filepath.Abs(key); err != nil {
			return "", fmt.Errorf("install the hook: %w", err)
		}
		if _, err := os.Stat(key); err != nil {
			return "", usageError("--key-file: %v", err)
		}
	}
	repo, err := git.Open(ctx, ".")
	if err != nil {
		return "", codeError{exitUsage, err}
	}
	dir, shared, err := repo.Hooks(ctx)
	if err != nil {
		return "", err
	}
	if shared {
		return "", fmt.Errorf("git runs the hooks in %s for more than this repository (core.hooksPath), so none was put there; add this line to its post-commit: (wherefore hook run >/dev/null 2>&1 </dev/null &)", dir)
	}
	file := filepath.Join(dir, "post-commit")
	have, err := os.ReadFile(file)
	switch {
	case err == nil && !strings.Contains(string(have), hookMark):
		return "", fmt.Errorf("%s is somebody's hook and was left alone; add this line to it: (wherefore hook run >/dev/null 2>&1 </dev/null &)", file)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("install the hook: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("install the hook: %w", err)
	}
	if err := os.WriteFile(file, []byte(hookScript(program, key)), 0o755); err != nil {
		return "", fmt.Errorf("install the hook: %w", err)
	}
	return file, nil
}

// hookLimit is how long one hook may wait for another and work.
const hookLimit = 5 * time.Minute

// runHook brings index and ledger up to date. One hook works at a time, so that
// no older ledger replaces a newer one, and one waits for it: it will see every
// commit that was made until it begins, so that others, as in a rebase of many
// commits, have nothing to do.
func runHook(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, hookLimit)
	defer cancel()
	repo, err := git.Open(ctx, ".")
	if err != nil {
		return err
	}
	next := flock.New(filepath.Join(repo.Common, "wherefore-hook-next.lock"))
	first, err := next.TryLock()
	if err != nil || !first {
		return err
	}
	const again = 20 * time.Millisecond
	now := flock.New(filepath.Join(repo.Common, "wherefore-hook.lock"))
	_, err = now.TryLockContext(ctx, again)
	if err := errors.Join(err, next.Unlock()); err != nil {
		return fmt.Errorf("wait for another hook: %w", err)
	}
	return errors.Join(refresh(ctx, repo, key), now.Unlock())
}

// refresh indexes HEAD as far as the index goes already, and rewrites the
// ledger beside it.
func refresh(ctx context.Context, repo *git.Repo, key string) error {
	db, err := blameindex.Open(blameindex.DefaultPath(repo), blameindex.Options{KeyFile: key})
	if err != nil {
		return err
	}
	return errors.Join(refreshIn(ctx, repo, db), db.Close())
}

func refreshIn(ctx context.Context, repo *git.Repo, db *blameindex.DB) error {
	globs, err := db.Globs(ctx)
	if err != nil && !errors.Is(err, evidence.ErrNotFound) {
		return err
	}
	if _, err := db.Index(ctx, repo, blameindex.IndexOptions{Revs: []string{"HEAD"}, Globs: globs}); err != nil {
		return err
	}
	sha, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return err
	}
	rows, err := db.Ledger(ctx, sha)
	if err != nil {
		return err
	}
	return writeLedgerFile(filepath.Join(repo.Common, "wherefore-ledger.csv"), rows)
}

// writeLedgerFile replaces the ledger at once, so that a reader never sees half.
func writeLedgerFile(name string, rows []blameindex.LedgerRow) error {
	f, err := os.CreateTemp(filepath.Dir(name), "wherefore-ledger-*")
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	err = errors.Join(writeLedgerCSV(f, rows), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the ledger: %w", err), os.Remove(f.Name()))
	}
	return nil
}
