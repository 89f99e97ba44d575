package git

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// reader asks one git process for objects, one after the other. It goes on
// where a process that walks history gives up: a missing object is an answer.
// It is not safe for concurrent use.
type reader struct {
	repo *Repo
	ctx  context.Context //nolint:containedctx // of the call that the reader lives in
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func (r *Repo) newReader(ctx context.Context) *reader { return &reader{repo: r, ctx: ctx} }

func (o *reader) start() error {
	cmd := o.repo.command(o.ctx, o.repo.Top, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return failed(o.ctx, []string{"cat-file"}, err, "")
	}
	o.cmd, o.in, o.out = cmd, in, bufio.NewReaderSize(out, 1<<16)
	return nil
}

// get reads the object that a name means if it is of the kind; nil when it is
// missing, corrupt or something else.
func (o *reader) get(name, kind string) ([]byte, error) {
	local, err := o.repo.Local(o.ctx)
	if err != nil {
		return nil, err
	}
	if _, there := local[name]; local != nil && !there && len(name) == o.repo.HashLen {
		return nil, nil
	}
	if o.cmd == nil {
		if err := o.start(); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return nil, o.gone()
	}
	head, err := o.out.ReadString('\n')
	if err != nil {
		return nil, o.gone()
	}
	f := strings.Fields(head)
	if len(f) != 3 {
		return nil, nil
	}
	n, err := strconv.ParseInt(f[2], 10, 32)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("git cat-file: size %q", f[2])
	}
	data := make([]byte, n+1)
	if _, err := io.ReadFull(o.out, data); err != nil {
		return nil, o.gone()
	}
	if f[1] != kind {
		return nil, nil
	}
	return data[:n:n], nil
}

// gone tidies up after a process that ended at a corrupt object; the next
// question starts another one.
func (o *reader) gone() error {
	o.close()
	return o.ctx.Err()
}

func (o *reader) close() {
	if o.cmd == nil {
		return
	}
	_ = o.in.Close()
	_, _ = io.Copy(io.Discard, o.out)
	_ = o.cmd.Wait() // its complaint is about an object that was asked for
	o.cmd = nil
}

// treeEntry is one line of a tree.
type treeEntry struct{ mode, name, oid string }

func (e treeEntry) isTree() bool { return e.mode == treeMode }

// tree reads one tree; nil when it cannot be read.
func (o *reader) tree(name string) ([]treeEntry, error) {
	data, err := o.get(name, "tree")
	if err != nil || data == nil {
		return nil, err
	}
	entries := []treeEntry{}
	raw := o.repo.HashLen / 2
	for len(data) > 0 {
		meta, rest, ok := bytes.Cut(data, []byte{0})
		mode, path, ok2 := strings.Cut(string(meta), " ")
		if !ok || !ok2 || len(rest) < raw {
			return nil, nil // corrupt
		}
		if len(mode) == 5 {
			mode = "0" + mode
		}
		entries = append(entries, treeEntry{mode: mode, name: path, oid: fmt.Sprintf("%x", rest[:raw])})
		data = rest[raw:]
	}
	return entries, nil
}
