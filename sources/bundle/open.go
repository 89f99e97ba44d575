package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bundle is one opened bundle. Its members are read when first asked for and
// kept; it may be used concurrently. Close it when done.
type Bundle struct {
	path     string
	dir      string
	temp     string // directory to remove on Close, empty when the bundle is one
	root     *os.Root
	limits   Limits
	manifest Manifest
	alert    evidence.Alert
	coverage []evidence.Coverage
	until    time.Time
	clocks   Clocks

	spans   lazy[*traceIndex]
	logs    lazy[[]storedLine]
	metrics lazy[*metricStore]
	graph   lazy[[]evidence.Edge]
	rules   lazy[[]evidence.Rule]
	changes lazy[[]evidence.Change]
	commits lazy[*history]
	profile lazy[[]evidence.Profile]

	losses map[string]*evidence.Losses // by source; what reading left out

	ahead sync.WaitGroup // what ReadAhead has not read yet
}

// lazy is a value that is made once, when first asked for.
type lazy[T any] struct {
	once sync.Once
	v    T
	err  error
}

func (l *lazy[T]) get(load func() (T, error)) (T, error) {
	l.once.Do(func() { l.v, l.err = load() })
	return l.v, l.err
}

// Open opens a bundle: a directory, or a .tgz, which is unpacked to a temporary
// directory until Close. The digests of the manifest are checked.
func Open(path string) (*Bundle, error) { return OpenLimited(path, Limits{}) }

// OpenLimited is Open with limits of the caller's choice.
func OpenLimited(path string, l Limits) (b *Bundle, err error) {
	defer func() {
		if err != nil {
			b.Close() // removes what was unpacked
			b, err = nil, fmt.Errorf("bundle %s: %w", path, err)
		}
	}()
	b = &Bundle{path: path, dir: path, limits: l.withDefaults(), losses: newLosses()}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, fmt.Errorf("no such file or directory: %w", evidence.ErrNotFound)
	}
	if err != nil {
		return b, err
	}
	if !info.IsDir() {
		b.temp, err = unpack(path, b.limits)
		if err != nil {
			return b, err
		}
		b.dir = b.temp
	}
	if b.root, err = os.OpenRoot(b.dir); err != nil {
		return b, err
	}
	if b.manifest, err = readManifest(b.root.FS()); err != nil {
		return b, err
	}
	if err = b.verify(); err != nil {
		return b, err
	}
	if b.alert, err = b.readAlert(); err != nil {
		return b, err
	}
	b.coverage, err = b.readCoverage()
	return b, err
}

// Close releases what the bundle holds and removes what Open unpacked. Values
// returned before stay valid.
func (b *Bundle) Close() error {
	if b == nil {
		return nil
	}
	b.ahead.Wait()
	var err error
	if b.root != nil {
		err = b.root.Close()
	}
	if b.temp != "" {
		err = errors.Join(err, os.RemoveAll(b.temp))
	}
	return err
}

// Manifest returns what the bundle says about itself; its maps and slices are
// shared.
func (b *Bundle) Manifest() Manifest { return b.manifest }

// Alert returns the alert that the bundle is about; its maps are shared.
func (b *Bundle) Alert() evidence.Alert { return b.alert }

// Coverage returns what the recording asked and how it ended; empty for a
// bundle that was not recorded.
func (b *Bundle) Coverage() []evidence.Coverage { return b.coverage }

// Dir is the directory that holds the members, until Close.
func (b *Bundle) Dir() string { return b.dir }

// Until hides everything later than t from all ports, except what lies in a
// reference window: those are known to be fault-free whenever they were. It must
// be called before the first question.
//
// Spans and log lines are hidden by when they happened, and not by when a service whose
// clock is wrong dates them: a backend had what such a service had sent by then. Where
// clocks is nil, or does not tell, the time that they bear counts.
func (b *Bundle) Until(t time.Time, clocks Clocks) { b.until, b.clocks = t, clocks }

// ReadAhead begins to read spans, metrics and log lines, the members that take
// longest, side by side and before the first question. What is wrong with one is
// told by the question that needs it. Close waits for the end.
func (b *Bundle) ReadAhead() {
	b.ahead.Go(func() { _, _ = b.traces() })
	b.ahead.Go(func() { _, _ = b.metricStore() })
	b.ahead.Go(func() { _, _ = b.logLines() })
}

// Check reads every member and returns the faults, each in one sentence with its
// place. What was read already is not read again.
func (b *Bundle) Check() error {
	_, spans := b.traces()
	_, logs := b.logLines()
	_, metrics := b.metricStore()
	_, graph := b.graph.get(b.readGraph)
	_, rules := b.rules.get(b.readRules)
	_, changes := b.changes.get(b.readChanges)
	_, commits := b.history()
	_, profiles := b.profile.get(b.readProfiles)
	if err := errors.Join(spans, logs, metrics, graph, rules, changes, commits, profiles); err != nil {
		return fmt.Errorf("bundle %s: %w", b.path, err)
	}
	return nil
}

// hidden reports whether an instant lies in what Until hides.
func (b *Bundle) hidden(t time.Time) bool {
	if b.until.IsZero() || !t.After(b.until) {
		return false
	}
	for _, w := range b.manifest.Reference {
		if !t.Before(w.Start) && !t.After(w.End) {
			return false
		}
	}
	return true
}

// Has reports whether the bundle has a member, gzipped or not, or a directory
// of that name.
func (b *Bundle) Has(name string) bool {
	if name == labelFile || !fs.ValidPath(name) {
		return false
	}
	for _, n := range []string{name, name + gzipSuffix} {
		if info, err := b.root.Lstat(n); err == nil && (info.Mode().IsRegular() || info.IsDir()) {
			return true
		}
	}
	return false
}

// Records are the decision records that the bundle carries; ok is false when it
// carries none.
func (b *Bundle) Records() (records fs.FS, ok bool) {
	if !b.Has(DecisionsDir) {
		return nil, false
	}
	sub, err := fs.Sub(b.root.FS(), DecisionsDir)
	return sub, err == nil
}

// fault is a mistake in a member, with the place.
func fault(member string, line int, format string, args ...any) error {
	where := member
	if line > 0 {
		where = fmt.Sprintf("%s:%d", member, line)
	}
	return fmt.Errorf("%s: %s: %w", where, fmt.Sprintf(format, args...), evidence.ErrInvalid)
}

// brief makes a foreign error's text safe to show: one line, no control
// characters, cut, without Go's types or what a parser repeats of its input.
func brief(err error) string {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return evidence.JSONProblem(err)
	}
	said, _, _ := strings.Cut(evidence.Sentence(err), ", error found in #")
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, said)
	if len(s) > 160 {
		s = s[:160] + "…"
	}
	return s
}
