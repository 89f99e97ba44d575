package bundle

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"sort"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// maxLine is the longest line of a JSONL member: one batch of telemetry.
const maxLine = 64 << 20

// Member opens a member by its plain name, unzipped; evidence.ErrNotFound when
// the bundle has none. The reader fails past the size limit.
func (b *Bundle) Member(name string) (io.ReadCloser, error) {
	if name == labelFile || !fs.ValidPath(name) {
		return nil, fmt.Errorf("%q is not a member of a bundle: %w", name, evidence.ErrNotFound)
	}
	for _, n := range []string{name, name + gzipSuffix} {
		info, err := b.root.Lstat(n)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, fault(n, 0, "is not a regular file")
		}
		f, err := b.root.Open(n)
		if err != nil {
			return nil, err
		}
		m := &memberReader{r: f, file: f, name: n, left: b.limits.MemberBytes}
		if n != name {
			if m.r, err = gzip.NewReader(f); err != nil {
				f.Close()
				return nil, fault(n, 0, "is not gzipped: %v", err)
			}
		}
		return m, nil
	}
	return nil, fmt.Errorf("bundle has no %s: %w", name, evidence.ErrNotFound)
}

// memberReader reads one member up to the size limit.
type memberReader struct {
	r    io.Reader
	file io.Closer
	name string
	left int64
}

func (m *memberReader) Read(p []byte) (int, error) {
	if m.left < 0 {
		return 0, fault(m.name, 0, "is larger than the size limit after decompression")
	}
	if int64(len(p)) > m.left+1 {
		p = p[:m.left+1]
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	if m.left < 0 {
		return 0, fault(m.name, 0, "is larger than the size limit after decompression")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fault(m.name, 0, "cannot be read: %s", brief(err))
	}
	return n, err
}

func (m *memberReader) Close() error { return m.file.Close() }

// all reads a member whole, nil without an error when there is none.
func (b *Bundle) all(name string) ([]byte, error) {
	r, err := b.Member(name)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var buf bytes.Buffer
	_, err = buf.ReadFrom(r)
	return buf.Bytes(), err
}

// lines calls f with each non-blank line of a member and its number from 1; a
// member that is not there has none. The line is valid until f returns. One that
// is longer than any batch of telemetry is passed over and counted.
func (b *Bundle) lines(name string, lost *tally, f func(line []byte, n int) error) error {
	r, err := b.Member(name)
	if errors.Is(err, evidence.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	in := bufio.NewReaderSize(r, 256<<10)
	var line []byte
	for n := 1; ; n++ {
		var long bool
		line, long, err = nextLine(in, line[:0])
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if text := bytes.TrimSpace(line); long {
			lost.leave(lostLong, fault(name, n, "line is longer than %d bytes", maxLine))
		} else if len(text) > 0 {
			if err := f(text, n); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// nextLine reads one line into buf, of one that is too long only that it is; the
// error is io.EOF with the last.
func nextLine(in *bufio.Reader, buf []byte) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(buf)+len(part) > maxLine; !long {
			buf = append(buf, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, long, err
		}
	}
}

// verify compares the members with the manifest's digests. A member that the
// manifest does not list, and a listed one that is missing, are faults.
func (b *Bundle) verify() error {
	if len(b.manifest.SHA256) == 0 {
		return nil
	}
	names := make([]string, 0, len(b.manifest.SHA256))
	for n := range b.manifest.SHA256 {
		if n != labelFile && n != ManifestFile {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		if err := b.verifyOne(n, b.manifest.SHA256[n]); err != nil {
			return err
		}
	}
	for _, n := range knownMembers {
		_, plain := b.manifest.SHA256[n]
		_, zipped := b.manifest.SHA256[n+gzipSuffix]
		if b.Has(n) && !plain && !zipped {
			return fault(n, 0, "is not listed in the manifest's sha256")
		}
	}
	return nil
}

// knownMembers are the members of one file that replay reads.
var knownMembers = []string{AlertFile, SpansFile, LogsFile, MetricsFile, GraphFile, RulesFile, ChangesFile, CommitsFile, RepoFile, CoverageFile}

func (b *Bundle) verifyOne(name, want string) error {
	var r io.ReadCloser
	info, err := b.root.Lstat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fault(name, 0, "is not a regular file")
	case err == nil:
		r, err = b.root.Open(name)
	case errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(name, gzipSuffix):
		r, err = b.Member(name)
		if errors.Is(err, evidence.ErrNotFound) {
			return fault(name, 0, "is listed in the manifest and missing")
		}
	case errors.Is(err, fs.ErrNotExist):
		return fault(name, 0, "is listed in the manifest and missing")
	}
	if err != nil {
		return err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	if got := hexSum(h); got != want {
		return fault(name, 0, "has sha256 %s, the manifest says %s: the bundle is damaged or was edited", got, want)
	}
	return nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// oneObject reports whether b is exactly one JSON object with nothing after
// it. pdata's decoder silently ignores what follows the first one.
func oneObject(b []byte) bool {
	if len(b) == 0 || b[0] != '{' {
		return false
	}
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i == len(b)-1
			}
		}
	}
	return false
}
