package keep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

const (
	// unfinished begins the names of folders that are being recorded into.
	unfinished = "recording-"
	suffix     = ".tgz"
)

// name is what a bundle's file is called. An incident's ID is made of letters,
// digits and a dash.
func name(b casebook.Bundle) string {
	return fmt.Sprintf("%s-r%d%s", b.Incident, b.Revision, suffix)
}

// Forget removes the files of bundles that the casebook knows no more.
func (k *Keeper) Forget(ctx context.Context, bundles []casebook.Bundle) {
	for _, b := range bundles {
		k.remove(ctx, b)
	}
}

func (k *Keeper) remove(ctx context.Context, b casebook.Bundle) {
	if err := k.o.Store.Remove(ctx, name(b)); err != nil {
		k.o.Log.Warn("evidence bundle: file could not be removed; retrying at the next start", zap.Error(err))
	}
}

// kept lists the bundles that are kept, oldest first.
func (k *Keeper) kept(ctx context.Context) []casebook.Bundle {
	list, err := k.o.Book.KeptBundles(ctx)
	if err != nil {
		k.o.Log.Error("evidence bundles: list could not be read", zap.Error(err))
	}
	return list
}

func (k *Keeper) tellSize(ctx context.Context) {
	var total int64
	for _, b := range k.kept(ctx) {
		total += b.Bytes
	}
	k.o.Size(total)
}

// drop lets a kept bundle go, and reports whether it did.
func (k *Keeper) drop(ctx context.Context, b casebook.Bundle) bool {
	if err := k.o.Book.DropBundle(ctx, b); err != nil {
		k.o.Log.Error("evidence bundle: drop could not be stored", zap.String("incident", b.Incident), zap.Error(err))
		return false
	}
	k.remove(ctx, b)
	k.o.Log.Info("evidence bundle dropped", zap.String("incident", b.Incident), zap.Int("revision", b.Revision), zap.Int64("bytes", b.Bytes))
	k.o.Count(casefile.BundleDropped)
	return true
}

// makeRoom drops the oldest bundles until one more fits the budget. Those of the
// same incident go anyway, see dropOlder.
func (k *Keeper) makeRoom(ctx context.Context, more casebook.Bundle) {
	others := slices.DeleteFunc(k.kept(ctx), func(b casebook.Bundle) bool { return b.Incident == more.Incident })
	total := more.Bytes
	for _, b := range others {
		total += b.Bytes
	}
	for _, b := range others {
		if total > k.o.Budget && k.drop(ctx, b) {
			total -= b.Bytes
		}
	}
}

// dropOlder drops the bundles of an incident's older reports.
func (k *Keeper) dropOlder(ctx context.Context, than casebook.Bundle) {
	for _, b := range k.kept(ctx) {
		if b.Incident == than.Incident && b.Revision < than.Revision {
			k.drop(ctx, b)
		}
	}
}

// shared reports that other servers may be putting files there this moment, of
// which the casebook is told only afterwards.
func (k *Keeper) shared() bool { return k.o.Store != Store(Folder(k.o.Dir)) }

// tidy makes folder and casebook agree after the program ended at any moment,
// and both with the budget, which may have changed.
func (k *Keeper) tidy(ctx context.Context) error {
	kept, err := k.o.Book.KeptBundles(ctx)
	if err != nil {
		return err
	}
	sizes, err := k.o.Store.Sizes(ctx)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, b := range kept {
		if size, there := sizes[name(b)]; there && size == b.Bytes {
			wanted[name(b)] = true
			continue
		}
		k.o.Log.Warn("evidence bundle: file is missing or truncated", zap.String("bundle", name(b)))
		if err := k.o.Book.DropBundle(ctx, b); err != nil {
			return err
		}
		k.o.Count(casefile.BundleDropped)
	}
	for file := range sizes {
		if !wanted[file] && !k.shared() {
			err = errors.Join(err, k.o.Store.Remove(ctx, file))
		}
	}
	entries, readErr := os.ReadDir(k.o.Dir)
	err = errors.Join(err, readErr)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), unfinished) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(k.o.Dir, e.Name())))
		}
	}
	if k.o.Budget <= 0 {
		err = errors.Join(err, k.o.Book.ForgetDueBundles(ctx))
	}
	k.makeRoom(ctx, casebook.Bundle{})
	k.tellSize(ctx)
	return err
}
