package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Entry is one file of a tree.
type Entry struct {
	Mode string // 100644, 100755, 120000 for a link, 160000 for a submodule, UnreadTree
	OID  string
	Path string
}

// Regular reports whether the entry is a plain file.
func (e Entry) Regular() bool { return strings.HasPrefix(e.Mode, "100") }

// UnreadTree is the mode of a directory whose tree is missing or corrupt, so
// that nobody knows its files. Its path ends with a slash.
const UnreadTree = treeMode

// treeMode is the mode of a directory.
const treeMode = "040000"

// Tree lists all files of a commit in git's order; ErrStopped when its topmost
// tree cannot be read.
func (r *Repo) Tree(ctx context.Context, commit string) ([]Entry, error) {
	out, err := r.askAt(ctx, commit, longCall, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil && ctx.Err() == nil {
		return r.damagedTree(ctx, commit)
	}
	if err != nil {
		return nil, err
	}
	return listed(out, "ls-tree", func(f []string, path string) (Entry, error) {
		return Entry{Mode: f[0], OID: f[2], Path: path}, nil
	})
}

// listed reads what a command of git lists with -z: three fields, a tab and a
// path for each entry.
func listed(out []byte, command string, read func(f []string, path string) (Entry, error)) ([]Entry, error) {
	var entries []Entry
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte{0})
		out = rest
		meta, path, ok := strings.Cut(string(line), "\t")
		f := strings.Fields(meta)
		if !ok || len(f) != 3 {
			return nil, fmt.Errorf("git %s: cannot read %q: %w", command, line, evidence.ErrUnavailable)
		}
		e, err := read(f, path)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Sizes gives the size of each object in bytes, -1 for one that is missing.
func (r *Repo) Sizes(ctx context.Context, oids []string) ([]int64, error) {
	if len(oids) == 0 {
		return nil, nil
	}
	if local, err := r.Local(ctx); local != nil || err != nil {
		sizes := make([]int64, len(oids))
		for i, oid := range oids {
			sizes[i] = -1
			if n, ok := local[oid]; ok {
				sizes[i] = n
			}
		}
		return sizes, err
	}
	out, err := r.run(ctx, longCall, []byte(strings.Join(oids, "\n")+"\n"), "cat-file", "--batch-check=%(objectname) %(objectsize)", "--buffer")
	if err != nil {
		return nil, err
	}
	sizes := make([]int64, 0, len(oids))
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		_, size, _ := strings.Cut(line, " ")
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil {
			n = -1
		}
		sizes = append(sizes, n)
	}
	if len(sizes) != len(oids) {
		return nil, fmt.Errorf("git cat-file: %d answers to %d questions: %w", len(sizes), len(oids), evidence.ErrUnavailable)
	}
	return sizes, nil
}

// Blobs calls yield with the content of each object, in order; nil for one
// that is missing or cannot be read. The content is yield's to keep.
func (r *Repo) Blobs(ctx context.Context, oids []string, yield func(i int, data []byte) error) error {
	local, err := r.Local(ctx)
	if err != nil {
		return err
	}
	if local != nil {
		return r.localBlobs(ctx, local, oids, yield)
	}
	return r.allBlobs(ctx, oids, yield)
}

// localBlobs is Blobs in a partial clone: only what is there is asked for.
func (r *Repo) localBlobs(ctx context.Context, local map[string]int64, oids []string, yield func(i int, data []byte) error) error {
	var there []string
	for _, oid := range oids {
		if _, ok := local[oid]; ok {
			there = append(there, oid)
		}
	}
	at := 0
	missing := func(end string) error {
		for ; at < len(oids) && oids[at] != end; at++ {
			if err := yield(at, nil); err != nil {
				return err
			}
		}
		return nil
	}
	err := r.allBlobs(ctx, there, func(i int, data []byte) error {
		if err := missing(there[i]); err != nil {
			return err
		}
		at++
		return yield(at-1, data)
	})
	if err != nil {
		return err
	}
	return missing("")
}

func (r *Repo) allBlobs(ctx context.Context, oids []string, yield func(i int, data []byte) error) error {
	for len(oids) > 0 {
		done, err := r.blobs(ctx, oids, yield)
		if err != nil {
			return err
		}
		if done < len(oids) { // git gave up on a corrupt object
			if err := yield(done, nil); err != nil {
				return err
			}
			done++
		}
		outer, skipped := yield, done
		yield = func(i int, data []byte) error { return outer(i+skipped, data) }
		oids = oids[done:]
	}
	return nil
}

func (r *Repo) blobs(ctx context.Context, oids []string, yield func(int, []byte) error) (done int, err error) {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	cmd := r.command(ctx, r.Top, "cat-file", "--batch", "--buffer")
	cmd.Stdin = strings.NewReader(strings.Join(oids, "\n") + "\n")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return 0, fmt.Errorf("git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return 0, failed(ctx, []string{"cat-file"}, err, "")
	}
	br := bufio.NewReaderSize(pipe, 1<<16)
	for done < len(oids) {
		data, readErr := readObject(br)
		if readErr != nil {
			break
		}
		if err = yield(done, data); err != nil {
			break
		}
		done++
	}
	if err != nil || done < len(oids) {
		cancel()
	}
	waitErr := cmd.Wait()
	if err == nil && done < len(oids) && waitErr != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = failed(ctx, []string{"cat-file"}, waitErr, "")
	}
	return done, err
}

func readObject(br *bufio.Reader) ([]byte, error) {
	head, err := br.ReadString('\n')
	if err != nil {
		return nil, err
	}
	f := strings.Fields(head)
	if len(f) != 3 {
		return nil, nil // "<name> missing"
	}
	n, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || n < 0 || n > 1<<31 {
		return nil, fmt.Errorf("git cat-file: size %q", f[2])
	}
	data := make([]byte, n+1)
	if _, err := io.ReadFull(br, data); err != nil {
		return nil, err
	}
	return data[:n:n], nil
}

// File returns one file of a commit; evidence.ErrNotFound when it is not there.
func (r *Repo) File(ctx context.Context, commit, path string) ([]byte, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	out, err := r.askAt(ctx, commit, shortCall, "cat-file", "blob", commit+":"+path)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s is not in %s: %w", path, commit, evidence.ErrNotFound)
	}
	return out, nil
}
