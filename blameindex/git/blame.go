package git

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Span is a stretch of lines that git blame gives to one commit.
type Span struct {
	Line, Lines int // first line in the blamed file, from 1, and how many
	Commit      string
	// Path and OrigLine say where the stretch stood in that commit.
	Path     string
	OrigLine int
}

// Detection is what blame looks for where a line is not in the parent's file.
type Detection string

// The detections of git blame: within a file (-M), and also in other files that
// the same commit changed (-C).
const (
	MovedLines  Detection = "M"
	CopiedLines Detection = "C"
)

// BlameOptions choose what Blame asks of git.
type BlameOptions struct {
	// IgnoreRevs is the content of .git-blame-ignore-revs of the blamed tree;
	// empty means plain blame.
	IgnoreRevs []byte
	// Detect is also to find lines that were moved or copied: MovedLines,
	// CopiedLines, or nothing.
	Detect Detection
	// Ranges limit the answer to lines first..last, from 1.
	Ranges [][2]int
}

// Blame is git blame itself on one file of one commit, in order of lines;
// ErrStopped when an object is missing or corrupt. At a commit that is missing
// git blame only complains, and gives the lines to its child.
func (r *Repo) Blame(ctx context.Context, commit, path string, o BlameOptions) ([]Span, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	args := []string{"blame", "--incremental", "--no-textconv", "--no-progress"}
	if o.Detect != "" {
		args = append(args, "-"+string(o.Detect))
	}
	if len(o.IgnoreRevs) > 0 {
		name, err := writeTemp(o.IgnoreRevs)
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.Remove(name) }() // a leftover in the temporary directory harms nobody
		args = append(args, "--ignore-revs-file="+name)
	}
	for _, rg := range o.Ranges {
		args = append(args, fmt.Sprintf("-L%d,%d", rg[0], rg[1]))
	}
	out, complaint, err := r.runAll(ctx, longCall, r.Top, nil, append(args, commit, "--", path)...)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(complaint, "error: ") || strings.Contains(complaint, "\nerror: ") {
		return nil, ErrStopped
	}
	return parseIncremental(out, r.HashLen)
}

func writeTemp(data []byte) (string, error) {
	f, err := os.CreateTemp("", "wherefore-ignore-revs-*")
	if err != nil {
		return "", fmt.Errorf("write the list of ignored revisions: %w", err)
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return "", fmt.Errorf("write the list of ignored revisions: %w", err)
	}
	return f.Name(), nil
}

func parseIncremental(out []byte, hashLen int) ([]Span, error) {
	var spans []Span
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(make([]byte, 0, 1<<16), 1<<24)
	for sc.Scan() {
		line := sc.Text()
		if f := strings.Split(line, " "); len(f) == 4 && len(f[0]) == hashLen {
			orig, e1 := strconv.Atoi(f[1])
			final, e2 := strconv.Atoi(f[2])
			n, e3 := strconv.Atoi(f[3])
			if e1 == nil && e2 == nil && e3 == nil {
				spans = append(spans, Span{Line: final, Lines: n, Commit: f[0], OrigLine: orig})
				continue
			}
		}
		if name, ok := strings.CutPrefix(line, "filename "); ok && len(spans) > 0 {
			spans[len(spans)-1].Path = unquote(name)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("git blame: %w: %w", err, evidence.ErrUnavailable)
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].Line < spans[j].Line })
	return spans, nil
}

// unquote undoes git's C-style quoting of unusual names.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' {
		return s
	}
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}
