package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// rawReader reads "diff-tree --raw -z": a commit's name, then for each change a
// token that begins with a colon and a token with the path.
type rawReader struct {
	hashLen int
	yield   func(int, []Change) error
	at      int
	changes []Change
	dirs    map[string]Trees // of the answer at hand, by path
}

func (p *rawReader) read(br *bufio.Reader, heads []string) (int, error) {
	for {
		token, err := readToken(br)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return max(p.at, 0), fmt.Errorf("git diff-tree: %w", err)
		}
		if len(token) > 0 && token[0] == ':' {
			path, err := readToken(br)
			if err != nil {
				break // cut off
			}
			c, err := parseRaw(token, path)
			if err != nil {
				return max(p.at, 0), err
			}
			p.add(c)
			continue
		}
		if err := p.flush(); err != nil {
			return p.at, err
		}
		if p.at, err = announced(token, p.at, heads); err != nil {
			return p.at, err
		}
	}
	return finish(&p.at, len(heads), p.flush)
}

// add takes a change; that of a directory is kept for the files in it, before
// which git names it.
func (p *rawReader) add(c Change) {
	if c.OldMode == treeMode || c.NewMode == treeMode {
		if c.OldMode == c.NewMode {
			if p.dirs == nil {
				p.dirs = map[string]Trees{}
			}
			p.dirs[c.Path] = Trees{Old: c.Old, New: c.New}
		}
		return
	}
	if i := strings.LastIndexByte(c.Path, '/'); i > 0 {
		c.Dir = p.dirs[c.Path[:i]]
	}
	p.changes = append(p.changes, c)
}

// announced finds the answer behind at that git announces. Those of an object
// that is missing are passed over in silence, by git and here.
func announced(head string, at int, heads []string) (int, error) {
	for i := at + 1; i < len(heads); i++ {
		if heads[i] == head {
			return i, nil
		}
	}
	return max(at, 0), fmt.Errorf("git diff-tree: answered for %q, which nobody asked about: %w", head, evidence.ErrUnavailable)
}

// finish yields the last pair when all were announced. When git stopped early
// the last announced pair is incomplete and must be asked for again.
func finish(at *int, total int, flush func() error) (int, error) {
	if *at+1 < total {
		return max(*at, 0), nil
	}
	if err := flush(); err != nil {
		return *at, err
	}
	return *at + 1, nil
}

func (p *rawReader) flush() error {
	if p.at < 0 {
		return nil
	}
	cs := p.changes
	p.changes = nil
	clear(p.dirs)
	return p.yield(p.at, cs)
}

func readToken(br *bufio.Reader) (string, error) {
	s, err := br.ReadString(0)
	if err != nil {
		return "", err
	}
	return s[:len(s)-1], nil
}

func parseRaw(meta, path string) (Change, error) {
	f := strings.Fields(meta)
	if len(f) != 5 || len(f[4]) == 0 {
		return Change{}, fmt.Errorf("git diff-tree: cannot read %q: %w", meta, evidence.ErrUnavailable)
	}
	return Change{OldMode: f[0][1:], NewMode: f[1], Old: f[2], New: f[3], Status: f[4][0], Path: path}, nil
}

// patchReader reads "diff-tree -p -U0 --full-index": contents are told apart by
// their object names, so paths need not be read, and lines of a hunk are
// skipped by their number.
type patchReader struct {
	hashLen int
	yield   func(int, []Patch) error
	at      int
	patches []Patch
}

func (p *patchReader) read(br *bufio.Reader, heads []string) (int, error) {
	for {
		line, err := readLine(br)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return max(p.at, 0), fmt.Errorf("git diff-tree: %w", err)
		}
		switch {
		case announces(line, p.hashLen):
			if err := p.flush(); err != nil {
				return p.at, err
			}
			if p.at, err = announced(string(line), p.at, heads); err != nil {
				return p.at, err
			}
		case bytes.HasPrefix(line, []byte("index ")):
			// "index OLD..NEW MODE", and no mode where it changed.
			names, _, _ := bytes.Cut(line[len("index "):], []byte(" "))
			old, now, ok := bytes.Cut(names, []byte(".."))
			if !ok {
				return max(p.at, 0), fmt.Errorf("git diff-tree: cannot read %q: %w", line, evidence.ErrUnavailable)
			}
			p.patches = append(p.patches, Patch{Old: string(old), New: string(now)})
		case bytes.HasPrefix(line, []byte("@@ ")):
			h, err := parseHunk(line)
			if err != nil || len(p.patches) == 0 {
				return max(p.at, 0), fmt.Errorf("git diff-tree: cannot read %q: %w", line, evidence.ErrUnavailable)
			}
			last := &p.patches[len(p.patches)-1]
			last.Hunks = append(last.Hunks, h)
			if err := skipLines(br, int(h.OldN+h.NewN)); err != nil {
				return max(p.at, 0), nil //nolint:nilerr // cut off: what is whole was handed on
			}
		}
	}
	return finish(&p.at, len(heads), p.flush)
}

func (p *patchReader) flush() error {
	if p.at < 0 {
		return nil
	}
	ps := p.patches
	p.patches = nil
	return p.yield(p.at, ps)
}

// readLine reads a line of which only the beginning matters.
func readLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line[:1024])
		return line, skipRest(br)
	}
	if err != nil {
		return nil, err
	}
	return line[:len(line)-1], nil
}

func skipRest(br *bufio.Reader) error {
	for {
		_, err := br.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func skipLines(br *bufio.Reader, n int) error {
	for range n {
		if err := skipRest(br); err != nil {
			return err
		}
	}
	return nil
}

// parseHunk reads "@@ -a,b +c,d @@"; a count that is left out is 1. With a count
// of 0 git names the line before.
func parseHunk(line []byte) (Hunk, error) {
	f := strings.SplitN(string(line), " ", 4)
	if len(f) < 4 || len(f[1]) < 2 || len(f[2]) < 2 {
		return Hunk{}, evidence.ErrUnavailable
	}
	old, oldN, err1 := parseRange(f[1][1:])
	now, nowN, err2 := parseRange(f[2][1:])
	return Hunk{Old: old, OldN: oldN, New: now, NewN: nowN}, errors.Join(err1, err2)
}

func parseRange(s string) (start, count int32, err error) {
	a, b, ok := strings.Cut(s, ",")
	n := int64(1)
	if ok {
		if n, err = strconv.ParseInt(b, 10, 32); err != nil {
			return 0, 0, err
		}
	}
	at, err := strconv.ParseInt(a, 10, 32)
	if err != nil {
		return 0, 0, err
	}
	if n > 0 {
		at--
	}
	return int32(at), int32(n), nil
}
