package blameindex

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/blameindex/git/gittest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// silent is a git server that takes connections and answers none; each is sent
// to calls.
func silent(t *testing.T) (url string, calls chan net.Conn) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	calls = make(chan net.Conn, 64)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls <- c
		}
	}()
	return "git://" + l.Addr().String() + "/shop.git", calls
}

func sourceOf(t *testing.T, p Place) *Source {
	t.Helper()
	s, err := NewSource(t.Context(), []Place{p}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestAFetchThatHangsHoldsNobody: what the mirror has already is answered while
// its remote is silent, and closing does not wait for the remote.
func TestAFetchThatHangsHoldsNobody(t *testing.T) {
	r, shas := shop(t)
	dir := t.TempDir()
	p := Place{Name: "shop", Repository: r.Dir, Mirror: filepath.Join(dir, "m.git"), Database: filepath.Join(dir, "w.db"), Fetch: time.Nanosecond}
	first := sourceOf(t, p)
	if err := first.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	url, calls := silent(t)
	p.Repository, p.Database = url, filepath.Join(dir, "x.db")
	s := sourceOf(t, p)
	at := s.places[""].checkout
	at.freshen()
	select {
	case <-calls: // the fetch hangs from here on
	case <-t.Context().Done():
		t.Fatal("nobody fetched")
	}
	for name, ask := range map[string]func() error{
		"blame": func() error {
			_, err := s.Blame(t.Context(), "x", evidence.Frame{File: "main.go", Line: 1}, shas[2])
			return err
		},
		"paths":     func() error { _, err := at.paths(t.Context(), shas[0]); return err },
		"a name":    func() error { _, err := s.Decision(t.Context(), "ADR-047", "x", "v1.0.0"); return err },
		"decisions": func() error { _, err := s.Decisions(t.Context()); return err },
	} {
		if err := ask(); err != nil {
			t.Errorf("%s, while the remote is silent: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := at.fetch(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v from a fetch whose caller has gone, want its own end", err)
	}
}

// TestOneCallersEndIsNotTheOthers: work that several wait for goes on when the
// first of them leaves.
func TestOneCallersEndIsNotTheOthers(t *testing.T) {
	r, _ := shop(t)
	c := newSource(t, r.Dir).places[""].checkout
	begun, release := make(chan struct{}), make(chan struct{})
	do := func(ctx context.Context) (any, error) {
		close(begun)
		select {
		case <-release:
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := c.together(ctx, "work", time.Hour, do)
		left <- err
	}()
	<-begun
	second := c.start("work", time.Hour, do)
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that left got %v", err)
	}
	close(release)
	if got := <-second; got.Val != "done" || got.Err != nil {
		t.Errorf("the other caller got %v (%v), want the work's result", got.Val, got.Err)
	}
	if _, err := c.together(t.Context(), "panic", time.Hour, func(context.Context) (any, error) { panic("no") }); err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("got %v from work that panics, want it as an error", err)
	}
}

// TestARepositoryThatCannotBeReached is an error of its questions, is said by
// the state of the mirror, and is tried again.
func TestARepositoryThatCannotBeReached(t *testing.T) {
	good, _ := shop(t)
	dir := t.TempDir()
	away := filepath.Join(dir, "away")
	s, err := NewSource(t.Context(), []Place{
		{Name: "shop", Service: "shop", Repository: good.Dir, Mirror: filepath.Join(dir, "shop.git"), Database: filepath.Join(dir, "shop.db")},
		{Name: "bank", Service: "bank", Repository: away, Mirror: filepath.Join(dir, "bank.git"), Database: filepath.Join(dir, "bank.db")},
		{Name: "bank", Service: "till", Repository: away, Mirror: filepath.Join(dir, "bank.git"), Database: filepath.Join(dir, "bank.db")},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	blame := func(service string) error {
		_, err := s.Blame(t.Context(), service, evidence.Frame{File: "main.go", Line: 1}, "v1.0.0")
		return err
	}
	if err := s.Check("bank"); !errors.Is(err, evidence.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v for a mirror that was never made, want unavailable and late", err)
	}
	if err := blame("shop"); err != nil {
		t.Errorf("the other repository: %v", err)
	}
	for _, service := range []string{"bank", "till"} {
		if err := blame(service); !errors.Is(err, evidence.ErrUnavailable) || !strings.Contains(err.Error(), "repository bank") {
			t.Errorf("%s: got %v, want unavailable, with the repository's name", service, err)
		}
	}
	states := s.Mirrors()
	if len(states) != 2 || states[0].Name != "bank" || states[0].Err == nil || errors.Is(states[0].Err, context.DeadlineExceeded) || states[0].Succeeded != 0 || states[0].Bad == 0 ||
		states[1].Err != nil || states[1].Succeeded != 1 || states[1].Fetched.IsZero() {
		t.Errorf("got the states %+v, want failures of bank, which two services share, and one success of shop", states)
	}
	if err := os.Mkdir(away, 0o755); err != nil {
		t.Fatal(err)
	}
	late := gittest.At(t, away)
	late.Git("init", "--quiet", "--initial-branch=main", "--template=")
	late.Write("main.go", "package main\n")
	late.Commit("Come back")
	late.Git("tag", "v1.0.0")
	at := s.places["till"].checkout
	lastTried := func(when time.Time) {
		at.mu.Lock()
		at.tried = when
		at.mu.Unlock()
	}
	lastTried(time.Now().Add(time.Hour)) // however slow the test is
	if err := blame("till"); err == nil {
		t.Error("it was tried again before the pause was over")
	}
	lastTried(time.Now().Add(-time.Hour))
	if err := blame("till"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
	if err := s.Check("bank"); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

// TestAFailedFetchIsCounted keeps the answers of a mirror whose remote went
// away, and says so.
func TestAFailedFetchIsCounted(t *testing.T) {
	r, shas := shop(t)
	dir := t.TempDir()
	s := sourceOf(t, Place{Name: "shop", Repository: r.Dir, Mirror: filepath.Join(dir, "m.git"), Database: filepath.Join(dir, "w.db"), Fetch: time.Nanosecond})
	if err := s.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(r.Dir, ".git")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decision(t.Context(), "ADR-047", "x", "v1.0.0"); err != nil {
		t.Errorf("what was fetched before: %v", err)
	}
	if m := s.Mirrors(); len(m) != 1 || m[0].Bad == 0 || !errors.Is(m[0].Err, evidence.ErrUnavailable) {
		t.Errorf("got %+v, want the failed fetch", m)
	}
	if _, err := s.Blame(t.Context(), "x", evidence.Frame{File: "main.go", Line: 1}, shas[2]); err != nil {
		t.Errorf("what was fetched before: %v", err)
	}
}
