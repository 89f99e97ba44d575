package blameindex

import (
	"encoding/binary"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// run is a stretch of lines that one commit owns. Commit and path are row IDs;
// commit 0 means unknown: an object was missing.
type run struct {
	lines  int
	commit int64
	path   int64
	orig   int // first line in that commit, from 1
}

// encodeRuns writes runs as varints: the length, doubled, plus one when the
// path differs from the run before; the commit as the difference to the run
// before; the original line as the difference to where it would be had nothing
// moved; the path when it differs. About five bytes a run.
func encodeRuns(rs []run) []byte {
	b := []byte{} // not nil: an empty file has no runs and is known
	prev := run{orig: 1}
	expect := 1
	for _, r := range rs {
		head := uint64(r.lines) << 1
		if r.path != prev.path {
			head |= 1
		}
		b = binary.AppendUvarint(b, head)
		b = binary.AppendVarint(b, r.commit-prev.commit)
		b = binary.AppendVarint(b, int64(r.orig-expect))
		if head&1 == 1 {
			b = binary.AppendUvarint(b, uint64(r.path))
		}
		expect = r.orig + r.lines
		prev = r
	}
	return b
}

// decodeRuns calls yield with each run and its first line, from 1, until yield
// returns false.
func decodeRuns(b []byte, yield func(line int, r run) bool) error {
	var prev run
	line, expect := 1, 1
	for len(b) > 0 {
		head, n := binary.Uvarint(b)
		b = b[max(n, 0):]
		commit, m := binary.Varint(b)
		b = b[max(m, 0):]
		orig, k := binary.Varint(b)
		b = b[max(k, 0):]
		path, p := uint64(prev.path), 1
		if head&1 == 1 {
			path, p = binary.Uvarint(b)
			b = b[max(p, 0):]
		}
		if n <= 0 || m <= 0 || k <= 0 || p <= 0 || head>>1 == 0 {
			return fmt.Errorf("line ownership in the index is damaged; delete the database and index again: %w", evidence.ErrInvalid)
		}
		r := run{lines: int(head >> 1), commit: prev.commit + commit, path: int64(path), orig: expect + int(orig)}
		if !yield(line, r) {
			return nil
		}
		line, expect, prev = line+r.lines, r.orig+r.lines, r
	}
	return nil
}
