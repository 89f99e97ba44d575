package pprof

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Role says what a profile was taken for.
type Role string

// The roles.
const (
	Baseline Role = "baseline" // of normal work, once per build
	Incident Role = "incident"
)

// Bounds of a shelf.
const (
	mostPerRole  = 4 // of a service and kind, the newest
	shelfBytes   = 256 << 20
	mostReadBack = 2 * mostPerRole
)

// Shelf keeps the profiles that were taken in a folder, and answers the engine's
// questions from it: nobody waits for a process. It is safe for concurrent use.
type Shelf struct {
	dir string

	mu     sync.Mutex
	failed map[string]failure // the last by service
	taking map[string]time.Time
}

type failure struct {
	at  time.Time
	err error
}

// OpenShelf makes the folder where it is missing.
func OpenShelf(dir string) (*Shelf, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("folder of the profiles: %w", err)
	}
	return &Shelf{dir: dir, failed: map[string]failure{}, taking: map[string]time.Time{}}, nil
}

// Kept is one file of a shelf.
type Kept struct {
	Service string
	Kind    evidence.ProfileKind
	Role    Role
	Start   time.Time
	Path    string
	Size    int64
}

// Put keeps a profile, whole or not at all, and drops what is too old for its bounds.
func (s *Shelf) Put(p evidence.Profile, role Role, raw []byte) error {
	name := FileName(p.Service, p.Kind, strconv.FormatInt(p.Start.UnixMilli(), 10)+"-"+string(role))
	f, err := os.CreateTemp(s.dir, ".part-*")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.dir, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return s.trim()
}

// Failed notes that profiles of a service could not be taken; the next report says so.
func (s *Shelf) Failed(service string, at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed[service] = failure{at, err}
}

// Taking notes that profiles of a service are being taken since an instant, the zero
// one that they no longer are.
func (s *Shelf) Taking(service string, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since.IsZero() {
		delete(s.taking, service)
		return
	}
	delete(s.failed, service)
	s.taking[service] = since
}

// List is what is kept, by service, kind and start.
func (s *Shelf) List() ([]Kept, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("folder of the profiles: %w", err)
	}
	var list []Kept
	for _, e := range entries {
		service, kind, ok := ParseFileName(e.Name())
		if !ok {
			continue
		}
		stem := strings.TrimSuffix(e.Name(), Suffix)
		ms, role, _ := strings.Cut(stem[strings.LastIndexByte(stem, '.')+1:], "-")
		at, err := strconv.ParseInt(ms, 10, 64)
		info, statErr := e.Info()
		if err != nil || statErr != nil {
			continue // not one of ours, or gone meanwhile
		}
		list = append(list, Kept{service, kind, Role(role), time.UnixMilli(at).UTC(), filepath.Join(s.dir, e.Name()), info.Size()})
	}
	slices.SortFunc(list, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Kind, b.Kind), a.Start.Compare(b.Start), cmp.Compare(a.Role, b.Role))
	})
	return list, nil
}

// trim drops the oldest of a service, kind and role, then of all.
func (s *Shelf) trim() error {
	list, err := s.List()
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b Kept) int { return b.Start.Compare(a.Start) })
	type shelf struct {
		service string
		kind    evidence.ProfileKind
		role    Role
	}
	have, bytes := map[shelf]int{}, int64(0)
	for _, k := range list {
		at := shelf{k.Service, k.Kind, k.Role}
		have[at]++
		if bytes += k.Size; have[at] > mostPerRole || bytes > shelfBytes {
			if err := os.Remove(k.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// Profiled implements the engine's port: the services of which there is a profile,
// one under way or the reason why there is none.
func (s *Shelf) Profiled(ctx context.Context) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list, err := s.List()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, evidence.ErrUnavailable)
	}
	var names []string
	for _, k := range list {
		names = append(names, k.Service)
	}
	s.mu.Lock()
	for name := range s.failed {
		names = append(names, name)
	}
	for name := range s.taking {
		names = append(names, name)
	}
	s.mu.Unlock()
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Profiles implements the engine's port over what is kept.
func (s *Shelf) Profiles(ctx context.Context, q evidence.ProfileQuery) ([]evidence.Profile, bool, error) {
	list, err := s.List()
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", err, evidence.ErrUnavailable)
	}
	var found []evidence.Profile
	read := 0
	for _, k := range slices.Backward(list) {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		// What began after the window cannot have ended in it.
		if k.Service != q.Service || k.Kind != q.Kind || k.Start.After(q.Window.End) || len(found) > q.Limit || read == mostReadBack {
			continue
		}
		read++
		p, err := k.Read()
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped meanwhile
		}
		if err != nil {
			return nil, false, fmt.Errorf("profile %s: %w: %w", filepath.Base(k.Path), err, evidence.ErrUnavailable)
		}
		if one, _ := Newest([]evidence.Profile{p}, q); len(one) == 1 {
			found = append(found, p)
		}
	}
	slices.Reverse(found)
	found, truncated := Newest(found, q)
	if len(found) == 0 {
		return nil, false, s.why(q)
	}
	return found, truncated, nil
}

// why there is no profile in a window, nil where nobody tried to take one in it.
func (s *Shelf) why(q evidence.ProfileQuery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since, ok := s.taking[q.Service]; ok && q.Window.Contains(since) {
		return fmt.Errorf("profiles of %s are being taken; a later revision of the report has them: %w", q.Service, evidence.ErrNotFound)
	}
	if f, ok := s.failed[q.Service]; ok && q.Window.Contains(f.at) {
		return f.err
	}
	return nil
}

// Read reads the file.
func (k Kept) Read() (evidence.Profile, error) {
	f, err := os.Open(k.Path)
	if err != nil {
		return evidence.Profile{}, err
	}
	defer f.Close()
	p, err := Parse(f)
	p.Service = k.Service
	return p, err
}
