package keep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// patience is how long Open waits for a recording. It ends before the server
// gives a request up.
const patience = 20 * time.Second

// Open opens the kept bundle of a report, of the newest when revision is 0, and
// the caller closes it. One that is due is recorded at once and waited for a
// while; evidence.ErrUnavailable when that was too short, evidence.ErrNotFound
// when none is kept.
func (k *Keeper) Open(ctx context.Context, incident string, revision int) (io.ReadSeekCloser, casebook.Bundle, error) {
	outside := ctx // the file is read for as long as its reader likes
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	hurried := false
	for {
		b, err := k.o.Book.Bundle(ctx, incident, revision)
		if err != nil {
			return nil, b, err
		}
		if b.State != casefile.BundleRecording {
			f, err := k.open(outside, b)
			return f, b, err
		}
		if !hurried {
			if err := k.o.Book.RecordBundleNow(ctx, incident); err != nil {
				return nil, b, err
			}
			hurried = true
			k.Wake()
		}
		select {
		case <-time.After(100 * time.Millisecond):
			continue
		case <-ctx.Done():
		case <-k.ended: // the program stops
		}
		return nil, b, fmt.Errorf("the evidence of %s is being recorded; ask again in a few seconds: %w", incident, evidence.ErrUnavailable)
	}
}

func (k *Keeper) open(ctx context.Context, b casebook.Bundle) (io.ReadSeekCloser, error) {
	none := fmt.Errorf("no bundle of %s revision %d is kept: %w", b.Incident, b.Revision, evidence.ErrNotFound)
	if b.State != casefile.BundleKept {
		return nil, none
	}
	f, err := k.o.Store.Open(ctx, name(b))
	if errors.Is(err, fs.ErrNotExist) { // dropped this moment
		return nil, none
	}
	return f, err
}

// RecordOnce records a bundle for one reader, who closes it; nothing of it is kept.
func (k *Keeper) RecordOnce(ctx context.Context, incident string, revision int) (_ *os.File, err error) {
	dir, err := os.MkdirTemp(k.o.Dir, unfinished)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }() // the open file stays readable
	f, err := os.Create(filepath.Join(dir, "bundle.tgz"))
	if err != nil {
		return nil, err
	}
	err = k.o.Record(ctx, dir, incident, revision, f)
	if errors.Is(err, ErrPartial) {
		err = nil // the bundle's coverage says so
	}
	if _, at := f.Seek(0, 0); err == nil {
		err = at
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
