package keep_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/keep"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

// fixture is a keeper over a real casebook, whose recordings the test decides.
type fixture struct {
	t       *testing.T
	dir     string
	book    *casebook.Book
	file    string // of the casebook
	options keep.Options

	mu     sync.Mutex
	counts map[casefile.BundleState]int
	bytes  int64
}

func newFixture(t *testing.T, budget int64, record keep.Record) *fixture {
	f := &fixture{t: t, dir: filepath.Join(t.TempDir(), "bundles"), counts: map[casefile.BundleState]int{}}
	var at sync.Mutex
	clock := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	now := func() time.Time { // each look is later, so that the order of bundles is known
		at.Lock()
		defer at.Unlock()
		clock = clock.Add(time.Millisecond)
		return clock
	}
	var err error
	f.file = filepath.Join(t.TempDir(), "book.db")
	if f.book, err = casebook.Open(t.Context(), f.file, casebook.Options{Now: now, Evidence: casebook.Evidence{Keep: true}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.book.Close() })
	f.options = keep.Options{Log: zaptest.NewLogger(t), Dir: f.dir, Budget: budget, Book: f.book, Record: record, Now: now, Timeout: 10 * time.Minute, Retry: time.Millisecond,
		Count: func(s casefile.BundleState) { f.mu.Lock(); defer f.mu.Unlock(); f.counts[s]++ },
		Size:  func(n int64) { f.mu.Lock(); defer f.mu.Unlock(); f.bytes = n }}
	return f
}

// reported makes a report of a group's incident and returns the incident.
func (f *fixture) reported(group string) string {
	f.t.Helper()
	a := evidence.Alert{Receiver: "wh", GroupKey: group, Status: evidence.StatusFiring,
		Instances: []evidence.AlertInstance{{Status: evidence.StatusFiring, StartsAt: time.Date(2026, 3, 1, 1, 0, 0, 0, time.UTC), Fingerprint: group}}}
	id, err := f.book.Accept(f.t.Context(), a, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

// report finishes what is due of investigations.
func (f *fixture) report(group string) string {
	f.t.Helper()
	id := f.reported(group)
	f.finish()
	return id
}

func (f *fixture) finish() {
	f.t.Helper()
	j, err := f.book.Next(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.book.Finish(f.t.Context(), j, report.Report{Version: 1}, []byte("{}")); err != nil {
		f.t.Fatal(err)
	}
}

// run runs a keeper; stop ends it and waits.
func (f *fixture) run() (k *keep.Keeper, stop func()) {
	f.t.Helper()
	k, err := keep.New(f.options)
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { k.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	f.t.Cleanup(stop)
	return k, stop
}

// becomes waits until a report's bundle has a state.
func (f *fixture) becomes(incident string, revision int, want casefile.BundleState) casebook.Bundle {
	f.t.Helper()
	var b casebook.Bundle
	var err error
	for range 12000 {
		if b, err = f.book.Bundle(f.t.Context(), incident, revision); err == nil && b.State == want {
			return b
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.t.Fatalf("the bundle of %s revision %d is %+v (%v), not %s", incident, revision, b, err, want)
	return b
}

func await(t *testing.T, begun <-chan struct{}) {
	t.Helper()
	select {
	case <-begun:
	case <-time.After(2 * time.Minute):
		t.Fatal("no recording was begun")
	}
}

// holds waits until the folder has these files and no others.
func (f *fixture) holds(want ...string) {
	f.t.Helper()
	slices.Sort(want)
	var names []string
	for range 12000 {
		entries, err := os.ReadDir(f.dir)
		if err != nil {
			f.t.Fatal(err)
		}
		names = nil
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if slices.Equal(names, want) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.t.Errorf("got files %v, want %v", names, want)
}

// tenBytes is a recording of ten bytes that tell the incident.
func tenBytes(_ context.Context, _, incident string, _ int, w io.Writer) error {
	_, err := io.WriteString(w, incident[4:])
	return err
}

func TestTheNewestReportsEvidenceIsKept(t *testing.T) {
	f := newFixture(t, 100, tenBytes)
	id := f.report("a")
	k, _ := f.run()
	b := f.becomes(id, 1, casefile.BundleKept)
	sum := sha256.Sum256([]byte(id[4:]))
	if b.SHA256 != hex.EncodeToString(sum[:]) || b.Bytes != 10 {
		t.Errorf("got %+v for ten bytes with digest %x", b, sum)
	}
	for range 2 { // every time the same bytes
		file, opened, err := k.Open(t.Context(), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(file); err != nil || string(body) != id[4:] || opened.SHA256 != b.SHA256 {
			t.Errorf("got %q, %+v (%v)", body, opened, err)
		}
		file.Close()
	}
	if err := f.book.Rerun(t.Context(), id, "ada", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	f.finish()
	k.Wake()
	f.becomes(id, 2, casefile.BundleKept)
	f.becomes(id, 1, casefile.BundleDropped)
	f.holds(id + "-r2.tgz")
	revs, err := f.book.Revisions(t.Context(), id)
	if err != nil || len(revs) != 2 || revs[1].Bundle != casefile.BundleDropped || revs[1].BundleSHA256 != b.SHA256 {
		t.Errorf("got revisions %+v (%v)", revs, err)
	}
	if _, _, err := k.Open(t.Context(), id, 1); !errors.Is(err, evidence.ErrNotFound) {
		t.Errorf("got %v for what was dropped, want not found", err)
	}
}

func TestTheOldestMakeRoom(t *testing.T) {
	f := newFixture(t, 25, tenBytes)
	k, stop := f.run()
	var ids []string
	for _, group := range []string{"a", "b", "c"} {
		ids = append(ids, f.report(group))
		k.Wake()
		f.becomes(ids[len(ids)-1], 1, casefile.BundleKept)
	}
	f.becomes(ids[0], 1, casefile.BundleDropped)
	stop()
	f.holds(ids[1]+"-r1.tgz", ids[2]+"-r1.tgz")
	if f.counts[casefile.BundleKept] != 3 || f.counts[casefile.BundleDropped] != 1 || f.bytes != 20 {
		t.Errorf("got counts %v and %d bytes", f.counts, f.bytes)
	}
	due := f.report("d")
	f.options.Budget = 0 // turned off: nothing is kept, nothing recorded
	k, _ = f.run()
	f.becomes(ids[1], 1, casefile.BundleDropped)
	f.becomes(ids[2], 1, casefile.BundleDropped)
	for range 12000 {
		if _, _, err := k.Open(t.Context(), due, 1); errors.Is(err, evidence.ErrNotFound) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("what was due is still waited for")
}

func TestABundleAboveTheBudgetIsNotKept(t *testing.T) {
	asked := 0
	f := newFixture(t, 100, func(_ context.Context, _, _ string, _ int, w io.Writer) error {
		asked++
		_, err := w.Write(make([]byte, 101))
		return err
	})
	id := f.report("a")
	_, stop := f.run()
	f.becomes(id, 1, casefile.BundleFailed)
	stop()
	if f.holds(); asked != 1 {
		t.Errorf("got %d attempts, want one", asked)
	}
}

func TestARecordingThatFailsIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want casefile.BundleState
	}{
		"a broken source":  {errors.New("no"), casefile.BundleFailed},
		"a silent source":  {fmt.Errorf("logs: %w", keep.ErrPartial), casefile.BundleKept}, // kept as it is at last
		"a report is gone": {evidence.ErrNotFound, casefile.BundleFailed},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			f := newFixture(t, 100, func(_ context.Context, _, _ string, _ int, w io.Writer) error {
				asked++
				_, _ = io.WriteString(w, "half")
				return c.err
			})
			id := f.report("a")
			k, stop := f.run()
			b := f.becomes(id, 1, c.want)
			stop()
			if asked > 3 || c.want == casefile.BundleFailed && b.SHA256 != "" {
				t.Errorf("got %d attempts and %+v", asked, b)
			}
			if _, _, err := k.Open(t.Context(), id, 1); (err == nil) != (c.want == casefile.BundleKept) {
				t.Errorf("opening gives %v", err)
			}
		})
	}
}

func TestStoppingEndsARecordingAndCountsNothing(t *testing.T) {
	begun := make(chan struct{}, 10)
	f := newFixture(t, 100, func(ctx context.Context, _, _ string, _ int, w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		begun <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	id := f.report("a")
	for range 5 { // more often than attempts are made
		_, stop := f.run()
		await(t, begun)
		stop()
	}
	if b, err := f.book.Bundle(t.Context(), id, 1); err != nil || b.State != casefile.BundleRecording || b.Attempts != 0 {
		t.Errorf("got %+v (%v), want it due as before", b, err)
	}
	f.holds()
	f.options.Record = tenBytes
	f.run()
	f.becomes(id, 1, casefile.BundleKept)
}

// restart opens the casebook as the next program does.
func (f *fixture) restart() {
	f.t.Helper()
	err := f.book.Close()
	if err == nil {
		f.book, err = casebook.Open(f.t.Context(), f.file, casebook.Options{Now: f.options.Now, Evidence: casebook.Evidence{Keep: true}})
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.options.Book = f.book
}

// TestACrashAtAnyMoment leaves what a killed program leaves.
func TestACrashAtAnyMoment(t *testing.T) {
	f := newFixture(t, 100, tenBytes)
	id := f.report("a")
	_, stop := f.run()
	f.becomes(id, 1, casefile.BundleKept)
	stop()

	half, orphan := filepath.Join(f.dir, "recording-1", "bundle"), filepath.Join(f.dir, "INC-0000000000-r1.tgz")
	if err := errors.Join(os.MkdirAll(half, 0o700), os.WriteFile(orphan, []byte("x"), 0o600), os.WriteFile(filepath.Join(f.dir, "README"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	other := f.report("b")
	for range 4 { // claimed, and killed before anything was noted, every time
		if b, _, err := f.book.ClaimBundle(t.Context()); err != nil || b.Incident != other {
			t.Fatalf("got %+v, %v", b, err)
		}
		f.restart()
	}
	_, stop = f.run()
	f.becomes(other, 1, casefile.BundleFailed)
	stop()
	f.holds(id+"-r1.tgz", "README")

	if err := os.WriteFile(filepath.Join(f.dir, id+"-r1.tgz"), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stop = f.run()
	f.becomes(id, 1, casefile.BundleDropped)
	stop()
	f.holds("README")
}

func TestANewerReportOvertakesARecording(t *testing.T) {
	begun, goOn := make(chan struct{}, 2), make(chan struct{})
	f := newFixture(t, 100, func(ctx context.Context, dir, incident string, revision int, w io.Writer) error {
		begun <- struct{}{}
		<-goOn
		return tenBytes(ctx, dir, incident, revision, w)
	})
	id := f.report("a")
	f.run()
	await(t, begun)
	if err := f.book.Rerun(t.Context(), id, "ada", evidence.Window{}); err != nil {
		t.Fatal(err)
	}
	f.finish()
	close(goOn)
	f.becomes(id, 2, casefile.BundleKept)
	f.holds(id + "-r2.tgz")
}

func TestWhoAsksIsServedWithoutWaitingForTheSecondLook(t *testing.T) {
	f := newFixture(t, 100, tenBytes)
	f.book.Close()
	var err error
	f.book, err = casebook.Open(t.Context(), filepath.Join(t.TempDir(), "book.db"), casebook.Options{Now: f.options.Now, Evidence: casebook.Evidence{Keep: true, Settle: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	f.options.Book = f.book
	id := f.report("a")
	k, _ := f.run()
	if b, err := f.book.Bundle(t.Context(), id, 0); err != nil || b.State != casefile.BundleRecording {
		t.Fatalf("got %+v, %v", b, err)
	}
	file, _, err := k.Open(t.Context(), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.Close()
	anew, err := k.RecordOnce(t.Context(), id, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer anew.Close()
	if body, err := io.ReadAll(anew); err != nil || !bytes.Equal(body, []byte(id[4:])) {
		t.Errorf("got %q (%v)", body, err)
	}
	f.holds(id + "-r1.tgz")
}
