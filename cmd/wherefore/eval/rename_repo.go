package eval

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// repository rewrites the source history of a bundle: names in files, paths and
// messages, commit by commit, so that a message or file that names an earlier
// commit names the one it became. From then on the bijection maps the old
// commit ids to the new ones.
func (x *bijection) repository(ctx context.Context, b *bundle.Bundle, dir string) (err error) {
	work, err := os.MkdirTemp("", "wherefore-rewrite-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	packed := filepath.Join(work, bundle.RepoFile)
	in, err := b.Member(bundle.RepoFile)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(in)
	if err := errors.Join(err, in.Close(), os.WriteFile(packed, raw, 0o600)); err != nil {
		return err
	}
	from, err := git.CloneBundle(ctx, packed, work)
	if err != nil {
		return err
	}
	to := filepath.Join(work, "renamed.git")
	if err := gitCommand(ctx, "init", "-q", "--bare", "-b", "main", to).Run(); err != nil {
		return fmt.Errorf("git init: %w", err)
	}
	export := gitCommand(ctx, "--git-dir", from.Dir, "fast-export", "--all", "--show-original-ids", "--reencode=no", "--signed-tags=strip")
	imports := gitCommand(ctx, "--git-dir", to, "fast-import", "--quiet", "--date-format=raw", "--force")
	if err := x.rewrite(export, imports); err != nil {
		return err
	}
	if out, err := gitCommand(ctx, "--git-dir", to, "bundle", "create", "-q", filepath.Join(dir, bundle.RepoFile), "--all", "HEAD").CombinedOutput(); err != nil {
		return fmt.Errorf("git bundle: %w: %s", err, out)
	}
	return nil
}

func gitCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_DIR=")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(e string) bool { return strings.HasPrefix(e, "GIT_DIR=") })
	return cmd
}

// rewrite passes what one git writes to the other, renamed.
func (x *bijection) rewrite(export, imports *exec.Cmd) error {
	var exported, imported bytes.Buffer // what each complains of
	export.Stderr, imports.Stderr = &exported, &imported
	out, err1 := export.StdoutPipe()
	in, err2 := imports.StdinPipe()
	answers, err3 := imports.StdoutPipe()
	if err := errors.Join(err1, err2, err3, export.Start(), imports.Start()); err != nil {
		return err
	}
	s := rewriter{x: x, in: bufio.NewReader(out), out: bufio.NewWriter(in), answers: bufio.NewReader(answers)}
	err := s.run()
	if err := errors.Join(err, in.Close(), export.Wait(), imports.Wait()); err != nil {
		return fmt.Errorf("rewrite the history: %w: %s%s", err, exported.Bytes(), imported.Bytes())
	}
	return nil
}

// rewriter reads a fast-export stream and writes it for fast-import.
type rewriter struct {
	x            *bijection
	in           *bufio.Reader
	out          *bufio.Writer
	answers      *bufio.Reader
	commit       bool // inside a commit
	message      bool // its message is written
	mark, oldSHA string
}

func (s *rewriter) run() error {
	for {
		line, err := s.in.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return s.out.Flush()
		}
		if err == nil {
			err = s.line(line)
		}
		if err != nil {
			return err
		}
	}
}

func (s *rewriter) line(line string) error {
	word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
	switch word {
	case "commit":
		s.commit, s.message = true, false
	case "mark":
		s.mark = rest
	case "original-oid":
		s.oldSHA = rest
		return nil
	case "data":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return err
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(s.in, body); err != nil {
			return err
		}
		body = s.x.text(body)
		s.message = true
		_, err = fmt.Fprintf(s.out, "data %d\n%s", len(body), body)
		return err
	case "M", "D":
		line = string(s.x.text([]byte(line)))
	case "":
		if s.commit && s.message {
			return s.endCommit()
		}
	}
	_, err := s.out.WriteString(line)
	return err
}

// endCommit asks what the commit became.
func (s *rewriter) endCommit() error {
	s.commit = false
	if _, err := fmt.Fprintf(s.out, "\nget-mark %s\n", s.mark); err != nil {
		return err
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	id, err := s.answers.ReadString('\n')
	if err != nil {
		return fmt.Errorf("ask for the new id of %s: %w", s.oldSHA, err)
	}
	s.x.commits[s.oldSHA] = strings.TrimSpace(id)
	return nil
}

// revision is what a commit id became, in full or abbreviated to seven digits
// or more; nil when there is no such commit.
func (x *bijection) revision(run []byte) []byte {
	if len(run) > fullSHA {
		return nil
	}
	if to := x.commits[string(run)]; to != "" {
		return []byte(to)
	}
	for old, to := range x.commits { // one at most: seven digits are enough for a small history
		if strings.HasPrefix(old, string(run)) {
			return []byte(to[:len(run)])
		}
	}
	return nil
}

const fullSHA = 40
