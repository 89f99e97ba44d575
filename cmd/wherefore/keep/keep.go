// Package keep records the evidence behind reports while the sources still have
// it, and keeps it on disk within a budget: so that a report can be checked after
// its sources forgot, and every export of it is of the same bytes.
//
// Of each incident the newest report's evidence is kept, recorded once, one
// incident after the other. Nothing waits for it: not an investigation, not the
// program's stop. What was recorded is investigated before it is kept: where it holds
// more than the report had, the report of the whole evidence is published, and the
// bundle is that one's.
package keep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Book is where it stands what is due and what is kept: the casebook.
type Book interface {
	casebook.Recordings
	casebook.Schedule
	casebook.Shelf
}

// ErrPartial says that a bundle was written whole, but without what a source
// should have given. It is tried again, and the last attempt is kept as it is.
var ErrPartial = errors.New("a source did not answer while the evidence was recorded")

// Record writes the bundle of a report as a .tgz. What it needs on disk until
// then it puts below dir, which is removed by the caller.
type Record func(ctx context.Context, dir, incident string, revision int, w io.Writer) error

// Review investigates the recorded evidence of a report, a .tgz, and publishes what it
// gives as a further revision where that rests on more. It returns the revision that
// the bundle is of from then on: b's own where nothing was published.
type Review func(ctx context.Context, b casebook.Bundle, file string) (revision int, err error)

// Options are what a Keeper needs.
type Options struct {
	Log *zap.Logger
	// Dir is where bundles are recorded, and kept when Store is nil. It is this
	// server's own, holds nothing else, and is made when missing.
	Dir string
	// Store is where bundles are kept.
	Store Store
	// Budget is how many bytes all bundles together may have; 0 keeps none.
	Budget int64
	Book   Book
	Record Record
	// Review may be nil: then nothing is published.
	Review Review
	Now    func() time.Time
	// Timeout bounds one recording, waits for investigations included.
	Timeout time.Duration
	// Retry is how long after a failed attempt the next is made.
	Retry time.Duration
	// Count is told of every bundle's end: kept, dropped or failed. Size is told
	// how many bytes all that are kept have.
	Count func(outcome casefile.BundleState)
	Size  func(bytes int64)
}

// Keeper keeps bundles.
type Keeper struct {
	o     Options
	wake  chan struct{} // holds at most one signal
	ended chan struct{} // closed when Run has ended
}

// mostAttempts bounds how often the recording of one bundle is begun.
const mostAttempts = 3

// New makes the folder; the caller runs the keeper.
func New(o Options) (*Keeper, error) {
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("folder of the evidence bundles: %w", err)
	}
	if o.Store == nil {
		o.Store = Folder(o.Dir)
	}
	return &Keeper{o: o, wake: make(chan struct{}, 1), ended: make(chan struct{})}, nil
}

// Wake has what is due recorded. It returns at once.
func (k *Keeper) Wake() {
	select {
	case k.wake <- struct{}{}:
	default: // a signal is there already
	}
}

// pollEvery is how often the casebook is read without a signal: a read that
// failed must not hold a recording up for good.
const pollEvery = time.Minute

// Run records what is due until ctx ends. What is under way then is due again
// when the program starts the next time.
func (k *Keeper) Run(ctx context.Context) {
	defer close(k.ended)
	if err := k.tidy(ctx); err != nil && ctx.Err() == nil {
		k.o.Log.Warn("evidence bundles: folder could not be cleaned up", zap.String("folder", k.o.Dir), zap.Error(err))
	}
	if k.o.Budget <= 0 {
		return
	}
	for ctx.Err() == nil {
		b, next, err := k.o.Book.ClaimBundle(ctx)
		if err == nil && b.Incident != "" {
			k.record(ctx, b)
			continue
		}
		if err != nil && ctx.Err() == nil {
			k.o.Log.Warn("evidence bundles: queue could not be read", zap.Error(err))
		}
		wait := pollEvery
		if !next.IsZero() {
			wait = min(wait, max(0, next.Sub(k.o.Now())))
		}
		select {
		case <-time.After(wait):
		case <-k.wake:
		case <-ctx.Done():
		}
	}
}

// record makes one attempt at a bundle and notes what became of it, even when the
// program stops meanwhile.
func (k *Keeper) record(ctx context.Context, b casebook.Bundle) {
	log := k.o.Log.With(zap.String("incident", b.Incident), zap.Int("revision", b.Revision))
	err := guard.Run(func() error { return k.attempt(ctx, &b) })
	after := context.WithoutCancel(ctx)
	switch {
	case err == nil:
		log.Info("evidence bundle recorded", zap.Int64("bytes", b.Bytes), zap.String("sha256", b.SHA256))
		k.settle(after, b, casefile.BundleKept)
	case ctx.Err() != nil: // stopping; this attempt does not count
		b.Attempts--
		k.postpone(after, b, 0)
	case b.Attempts >= mostAttempts || hopeless(err):
		log.Warn("evidence bundle failed: giving up", zap.Error(err))
		k.settle(after, b, casefile.BundleFailed)
	default:
		log.Warn("evidence bundle failed: retrying", zap.Error(err), zap.Int("attempt", b.Attempts))
		k.postpone(after, b, k.o.Retry*time.Duration(b.Attempts))
	}
}

var (
	errTooLarge    = errors.New("the bundle alone is larger than evidence.keep allows for all")
	errInterrupted = errors.New("the program ended every time while the evidence was recorded")
)

// hopeless reports an error that another attempt would only repeat.
func hopeless(err error) bool {
	return errors.Is(err, errTooLarge) || errors.Is(err, evidence.ErrNotFound)
}

// attempt records a bundle and gives the file its name once it is whole and on
// disk.
func (k *Keeper) attempt(ctx context.Context, b *casebook.Bundle) error {
	if b.Attempts > mostAttempts {
		return errInterrupted
	}
	ctx, cancel := context.WithTimeout(ctx, k.o.Timeout)
	defer cancel()
	dir, err := os.MkdirTemp(k.o.Dir, unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // else it is removed at the next start
	part := filepath.Join(dir, "bundle.tgz")
	err = k.write(ctx, dir, part, b)
	if err != nil && (b.Attempts < mostAttempts || !errors.Is(err, ErrPartial)) {
		return err
	}
	k.makeRoom(ctx, *b)
	if err == nil {
		k.review(ctx, b, part)
	}
	return k.o.Store.Put(ctx, name(*b), part)
}

// review has a whole recording investigated, and gives the bundle to the revision
// that rests on it. Where that fails the bundle stays what it is: kept evidence.
func (k *Keeper) review(ctx context.Context, b *casebook.Bundle, file string) {
	if k.o.Review == nil {
		return
	}
	err := guard.Run(func() (err error) {
		b.Revision, err = k.o.Review(ctx, *b, file)
		return err
	})
	if err != nil && ctx.Err() == nil {
		k.o.Log.Warn("evidence bundle could not be investigated", zap.String("incident", b.Incident), zap.Int("revision", b.Revision), zap.Error(err))
	}
}

// write records a bundle into a file and fills in its digest and size.
func (k *Keeper) write(ctx context.Context, dir, part string, b *casebook.Bundle) error {
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	sum := sha256.New()
	room := &bounded{left: k.o.Budget}
	err = k.o.Record(ctx, dir, b.Incident, b.Revision, io.MultiWriter(room, f, sum))
	b.SHA256, b.Bytes = hex.EncodeToString(sum.Sum(nil)), k.o.Budget-room.left
	return errors.Join(err, f.Sync(), f.Close())
}

// bounded fails where more is written than may be kept.
type bounded struct{ left int64 }

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errTooLarge
	}
	return len(p), nil
}

// syncFolder makes a renaming durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// settle ends a bundle's recording.
func (k *Keeper) settle(ctx context.Context, b casebook.Bundle, state casefile.BundleState) {
	if b.State = state; state == casefile.BundleFailed {
		b.SHA256, b.Bytes = "", 0
	}
	err := k.o.Book.SettleBundle(ctx, b)
	switch {
	case errors.Is(err, evidence.ErrNotFound): // a newer report's evidence is due instead
		k.remove(ctx, b)
		return
	case err != nil: // the file is removed at the next start, and recorded again
		k.o.Log.Error("evidence bundle: state could not be stored", zap.String("incident", b.Incident), zap.Error(err))
		return
	}
	k.o.Count(state)
	k.dropOlder(ctx, b)
	k.tellSize(ctx)
}

func (k *Keeper) postpone(ctx context.Context, b casebook.Bundle, wait time.Duration) {
	if err := k.o.Book.PostponeBundle(ctx, b, k.o.Now().Add(wait)); err != nil {
		k.o.Log.Error("evidence bundle: retry could not be scheduled", zap.String("incident", b.Incident), zap.Error(err))
	}
}
