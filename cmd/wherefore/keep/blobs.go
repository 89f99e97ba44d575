package keep

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Blobs holds the files of bundles: a folder, or an object store that several
// servers share. A name is made of letters, digits, dashes and a dot. What is not
// there is fs.ErrNotExist.
type Blobs interface {
	// Put moves a finished file in under a name, whole or not at all. The file may
	// be gone afterwards.
	Put(ctx context.Context, name, file string) error
	// Open opens one for a reader, who closes it.
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Remove removes one; none is no error.
	Remove(ctx context.Context, name string) error
}

// Listed is a Blobs that says what it holds.
type Listed interface {
	// Sizes are the sizes in bytes of all that it holds, by name.
	Sizes(ctx context.Context) (map[string]int64, error)
}

// Store is where bundles are kept.
type Store interface {
	Blobs
	Listed
}

// Folder is a Store in a folder.
type Folder string

// Put moves a file in, which must be on the same file system.
func (f Folder) Put(_ context.Context, name, file string) error {
	if err := os.Rename(file, filepath.Join(string(f), name)); err != nil {
		return err
	}
	return syncFolder(string(f))
}

// Open opens a file.
func (f Folder) Open(_ context.Context, name string) (io.ReadSeekCloser, error) {
	return os.Open(filepath.Join(string(f), name))
}

// Remove removes a file.
func (f Folder) Remove(_ context.Context, name string) error {
	if err := os.Remove(filepath.Join(string(f), name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Sizes lists the bundles in the folder.
func (f Folder) Sizes(context.Context) (map[string]int64, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && strings.HasSuffix(e.Name(), suffix) {
			sizes[e.Name()] = info.Size()
		}
	}
	return sizes, nil
}
