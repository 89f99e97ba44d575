package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Shown is what a commit changed against its first parent.
type Shown struct {
	Diff  string   // unified, with renames
	Files []string // paths that are there before or after, in git's order
}

// Show reads what commits changed, each diff cut at limit bytes. A commit that
// git cannot read is left out.
func (r *Repo) Show(ctx context.Context, shas []string, limit int) (map[string]Shown, error) {
	texts, err := r.sections(ctx, shas, limit, "--raw", "-p", "-M", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-color")
	shown := make(map[string]Shown, len(texts))
	for sha, text := range texts {
		var s Shown
		for bytes.HasPrefix(text, []byte(":")) {
			line, rest, _ := bytes.Cut(text, []byte("\n"))
			s.Files = append(s.Files, rawPaths(string(line))...)
			text = rest
		}
		s.Diff = strings.ToValidUTF8(string(bytes.TrimPrefix(text, []byte("\n"))), "\uFFFD")
		shown[sha] = s
	}
	return shown, err
}

// rawPaths reads the paths of a line of "diff-tree --raw": two of a rename.
func rawPaths(line string) (paths []string) {
	for _, p := range strings.Split(line, "\t")[1:] {
		paths = append(paths, unquote(p))
	}
	return paths
}

// StyleOnly tells which commits changed nothing but white space and blank lines.
// One that git cannot read is not among them.
func (r *Repo) StyleOnly(ctx context.Context, shas []string) (map[string]bool, error) {
	const mostFiles = 1 << 20 // bytes of counts; a commit of more is no matter of style
	texts, err := r.sections(ctx, shas, mostFiles, "--numstat", "-w", "--ignore-blank-lines", "--ignore-cr-at-eol", "-M", "--no-ext-diff", "--no-textconv")
	only := make(map[string]bool, len(texts))
	for sha, text := range texts {
		only[sha] = true
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) >= 3 && (f[0] != "0" || f[1] != "0") {
				only[sha] = false
			}
		}
	}
	return only, err
}

// sections runs one diff-tree over commits, each against its first parent, and
// gives what it prints about each in whole lines: at most limit bytes besides
// the lines of --raw. Commits that git cannot read are left out.
func (r *Repo) sections(ctx context.Context, shas []string, limit int, how ...string) (map[string][]byte, error) {
	args := append([]string{"diff-tree", "--stdin", "--always", "--root", "-r", "--diff-merges=first-parent"}, how...)
	texts := map[string][]byte{}
	alone := false // git stopped at or right behind the first of them
	for len(shas) > 0 {
		ask := shas
		if alone {
			ask = shas[:1]
		}
		done, err := r.stream(ctx, args, ask, func(br *bufio.Reader) (int, error) { return readSections(br, ask, limit, texts) })
		shas = shas[done:]
		switch {
		case err == nil:
			alone = false
		case !errors.Is(err, ErrStopped):
			return nil, err
		default:
			delete(texts, shas[0])
			if len(ask) == 1 {
				shas = shas[1:]
			}
			alone = len(ask) > 1
		}
	}
	return texts, nil
}

// readSections reads until git ends, and returns how many commits it answered for
// certain.
func readSections(br *bufio.Reader, shas []string, limit int, texts map[string][]byte) (int, error) {
	at, size := -1, 0
	for {
		line, err := br.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return finish(&at, len(shas), func() error { return nil })
		}
		if err != nil {
			return max(at, 0), fmt.Errorf("git diff-tree: %w", err)
		}
		if name := line[:len(line)-1]; len(name) >= sha1Len && isHex(name) {
			if at, err = announced(string(name), at, shas); err != nil {
				return at, err
			}
			texts[shas[at]], size = []byte{}, 0
			continue
		}
		if at < 0 {
			continue
		}
		if line[0] != ':' {
			if size += len(line); size > limit {
				continue
			}
		}
		texts[shas[at]] = append(texts[shas[at]], line...)
	}
}

// sha1Len is the length of the shorter kind of object names in hex digits.
const sha1Len = 40
