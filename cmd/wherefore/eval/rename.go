package eval

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

// rename copies a bundle with every candidate's name and every trace ID, span
// ID and SHA replaced by a bijection, in telemetry, diffs, decisions and label
// alike. A ranking that changes by it rests on names.
func rename(ctx context.Context, c labelled, dir string, seed int64) (labelled, error) {
	b, err := bundle.Open(c.path)
	if err != nil {
		return c, err
	}
	defer b.Close()
	m := b.Manifest()
	names, err := namesOf(ctx, b, c.label)
	if err != nil {
		return c, err
	}
	x := newBijection(names, seed)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return c, err
	}
	if b.Has(bundle.RepoFile) {
		if err := x.repository(ctx, b, dir); err != nil {
			return c, err
		}
	}
	err = fs.WalkDir(os.DirFS(b.Dir()), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == bundle.ManifestFile || name == labelFile || name == bundle.RepoFile {
			return err
		}
		return x.member(b, strings.TrimSuffix(name, ".gz"), dir)
	})
	if err != nil {
		return c, err
	}
	m.SHA256 = nil
	raw, err := json.Marshal(m)
	if err != nil {
		return c, err
	}
	if err := os.WriteFile(filepath.Join(dir, bundle.ManifestFile), x.text(raw), 0o600); err != nil {
		return c, err
	}
	label, err := json.Marshal(c.label)
	if err != nil {
		return c, err
	}
	out := c
	out.path = dir
	out.label = bundle.Label{}
	return out, json.Unmarshal(x.text(label), &out.label)
}

// bijection replaces names by others and hex IDs by XOR with a key of their
// length, which maps them one to one.
type bijection struct {
	names   map[string]string
	pattern *regexp.Regexp
	keys    map[int][]byte    // by number of hex digits
	commits map[string]string // of the bundle's own repository, old id to new
}

var hexRun = regexp.MustCompile(`\b[0-9a-f]{7,64}\b`)

// namesOf are the names to replace: the candidates, else every service that is
// seen, be it by its own telemetry or by somebody who calls it.
func namesOf(ctx context.Context, b *bundle.Bundle, l bundle.Label) ([]string, error) {
	names := map[string]bool{}
	for _, n := range l.Culprits() {
		names[n] = true
	}
	for _, n := range b.Manifest().Entities {
		names[n] = true
	}
	if len(b.Manifest().Entities) == 0 {
		if err := seenIn(ctx, b, names); err != nil {
			return nil, err
		}
	}
	// The workload is no service of the data but a word of ours.
	delete(names, evidence.Workload)
	delete(names, "")
	return slices.Sorted(maps.Keys(names)), nil
}

func seenIn(ctx context.Context, b *bundle.Bundle, names map[string]bool) error {
	series, _, err := b.ListSeries(ctx, []string{`{job!=""}`}, b.Manifest().Data())
	if err != nil {
		return err
	}
	for _, s := range series {
		names[s.Labels["job"]] = true
	}
	services, err := b.Services(ctx)
	if err != nil {
		return err
	}
	for _, service := range services {
		names[service] = true
		traces, _, err := b.FindTraces(ctx, evidence.TraceQuery{Service: service, Window: b.Manifest().Data(), Limit: 200})
		if err != nil {
			return err
		}
		for _, t := range traces {
			for _, s := range t.Spans {
				names[s.Attributes["peer.service"]] = true
			}
		}
	}
	return nil
}

func newBijection(names []string, seed int64) *bijection {
	r := rand.New(rand.NewPCG(uint64(seed), 17))
	x := &bijection{names: map[string]string{}, keys: map[int][]byte{}, commits: map[string]string{}}
	for _, n := range []int{16, 32, 40, 64} {
		x.keys[n] = make([]byte, n/2)
		for i := range x.keys[n] {
			x.keys[n][i] = byte(r.IntN(256))
		}
	}
	slices.Sort(names)
	used := map[string]bool{}
	for _, n := range names {
		for {
			if to := invented(r); !used[to] {
				used[to] = true
				x.names[n] = to
				break
			}
		}
	}
	// The longest first: one name may be the beginning of another.
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = regexp.QuoteMeta(n)
	}
	if len(names) > 0 {
		x.pattern = regexp.MustCompile(strings.Join(quoted, "|"))
	}
	return x
}

// invented is a name of eight letters that no system has.
func invented(r *rand.Rand) string {
	const consonants, vowels = "bdfghjklmnprstvz", "aeiou"
	b := make([]byte, 8)
	for i := range b {
		set := consonants
		if i%2 == 1 {
			set = vowels
		}
		b[i] = set[r.IntN(len(set))]
	}
	return string(b)
}

func (x *bijection) member(b *bundle.Bundle, name, dir string) error {
	in, err := b.Member(name)
	if err != nil {
		return err
	}
	defer in.Close()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	s := bufio.NewScanner(in)
	s.Buffer(make([]byte, 1<<20), 64<<20)
	for s.Scan() {
		if _, err := w.Write(append(x.text(s.Bytes()), '\n')); err != nil {
			break // Flush says it again
		}
	}
	if err := cmp.Or(s.Err(), w.Flush()); err != nil {
		out.Close()
		return fmt.Errorf("%s: %w", name, err)
	}
	return out.Close()
}

// text replaces in one piece of text. A name counts when no letter, digit or
// underscore stands beside it.
func (x *bijection) text(raw []byte) []byte {
	var out bytes.Buffer
	for x.pattern != nil && len(raw) > 0 {
		at := x.pattern.FindIndex(raw)
		if at == nil {
			break
		}
		out.Write(raw[:at[0]])
		found := raw[at[0]:at[1]]
		before := byte(' ')
		if n := out.Len(); n > 0 {
			before = out.Bytes()[n-1]
		}
		if wordByte(before) || at[1] < len(raw) && wordByte(raw[at[1]]) {
			out.Write(found)
		} else {
			out.WriteString(x.names[string(found)])
		}
		raw = raw[at[1]:]
	}
	out.Write(raw)
	return x.ids(out.Bytes())
}

// ids maps runs of hex digits. A run of decimal digits alone is taken for a
// number, or a part of one.
func (x *bijection) ids(raw []byte) []byte {
	var out bytes.Buffer
	last := 0
	for _, at := range hexRun.FindAllIndex(raw, -1) {
		run := raw[at[0]:at[1]]
		if at[0] > 0 && raw[at[0]-1] == '.' || !bytes.ContainsAny(run, "abcdef") {
			continue
		}
		out.Write(raw[last:at[0]])
		out.Write(x.id(run))
		last = at[1]
	}
	out.Write(raw[last:])
	return out.Bytes()
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// id maps one run of hex digits; other lengths than those of IDs stay.
func (x *bijection) id(run []byte) []byte {
	if to := x.revision(run); to != nil {
		return to
	}
	key := x.keys[len(run)]
	if key == nil {
		return run
	}
	b := make([]byte, len(key))
	if _, err := hex.Decode(b, run); err != nil {
		return run
	}
	for i := range b {
		b[i] ^= key[i]
	}
	return []byte(hex.EncodeToString(b))
}
