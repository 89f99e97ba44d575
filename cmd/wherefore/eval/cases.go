package eval

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/bundle"
)

const labelFile = "label.json"

// labelled is one bundle with its ground truth.
type labelled struct {
	path    string
	id      string
	dataset string
	label   bundle.Label
	onset   time.Time // of the label, zero when it has none
}

// find lists the labelled bundles below the given paths, by data set, then ID,
// then path.
func find(paths []string) ([]labelled, error) {
	var found []labelled
	for _, p := range paths {
		err := filepath.WalkDir(p, func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			var l *labelled
			switch {
			case d.IsDir():
				l, err = fromDirectory(file)
			case strings.HasSuffix(file, ".tgz") || strings.HasSuffix(file, ".tar.gz"):
				l, err = fromArchive(file)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if l != nil {
				found = append(found, *l)
				if d.IsDir() {
					return fs.SkipDir
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, func(a, b labelled) int {
		return cmp.Or(cmp.Compare(a.dataset, b.dataset), cmp.Compare(a.id, b.id), cmp.Compare(a.path, b.path))
	})
	return slices.CompactFunc(found, func(a, b labelled) bool { return a.path == b.path }), nil
}

// Commits are the labelled commits of the bundles below the paths, by the bundles'
// folders: what weights are fitted on. A label that names none has no entry.
func Commits(paths []string) (map[string]string, error) {
	cases, err := find(paths)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	out := map[string]string{}
	for _, c := range cases {
		if c.label.Commit != "" && !c.label.Abstain {
			out[c.path] = c.label.Commit
		}
	}
	return out, nil
}

// fromDirectory is nil without an error for a directory that is no labelled
// bundle.
func fromDirectory(dir string) (*labelled, error) {
	manifest, err := os.ReadFile(filepath.Join(dir, bundle.ManifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	label, err := os.ReadFile(filepath.Join(dir, labelFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newLabelled(dir, manifest, label)
}

// fromArchive reads the two small members of an archive, nil without an error
// when it has not both. The label may lie beside it instead, as NAME.label.json of
// NAME.tgz: what is given away to be judged has none within.
func fromArchive(file string) (*labelled, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var manifest []byte
	// A label beside the archive goes before one within.
	beside := strings.TrimSuffix(strings.TrimSuffix(file, ".tgz"), ".tar.gz") + "." + labelFile
	label, err := os.ReadFile(beside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	given := label != nil
	for r := tar.NewReader(z); manifest == nil || label == nil; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch base := path.Base(h.Name); base {
		case bundle.ManifestFile, labelFile:
			body, err := io.ReadAll(io.LimitReader(r, 16<<20))
			if err != nil {
				return nil, err
			}
			switch {
			case base != labelFile:
				manifest = body
			case !given:
				label = body
			}
		}
	}
	l, err := newLabelled(file, manifest, label)
	if err != nil && given {
		err = fmt.Errorf("with %s: %w", beside, err)
	}
	return l, err
}

func newLabelled(p string, manifest, label []byte) (*labelled, error) {
	var m bundle.Manifest
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, fmt.Errorf("%s: %v: %w", bundle.ManifestFile, err, evidence.ErrInvalid)
	}
	l := &labelled{path: p, id: m.ID, dataset: cmp.Or(m.Dataset, "unnamed")}
	if err := json.Unmarshal(label, &l.label); err != nil {
		return nil, fmt.Errorf("%s: %v: %w", labelFile, err, evidence.ErrInvalid)
	}
	if l.label.Onset != "" {
		t, err := time.Parse(time.RFC3339, l.label.Onset)
		if err != nil {
			return nil, fmt.Errorf("%s: onset %q is not RFC 3339: %w", labelFile, l.label.Onset, evidence.ErrInvalid)
		}
		l.onset = t.UTC()
	}
	return l, nil
}
