package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

func restoreCmd() *cobra.Command {
	var file, dataDir string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup into an empty data folder, after checking it",
		Long: `Put a backup into an empty data folder, after checking it. A folder that has a
casebook is left alone. To restore into PostgreSQL, restore into a folder and run
'wherefore migrate sqlite-to-postgres'.`,
		Example: `  wherefore restore wherefore-backup.tgz --data-dir /var/lib/wherefore`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := dataConfig(file, dataDir)
			if err != nil {
				return err
			}
			m, err := restore(cmd.Context(), args[0], cfg.DataDir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s holds the casebook of %s and %s\n", cfg.DataDir, m.MadeAt.Format("2006-01-02 15:04 UTC"), counted(m.Bundles, "evidence bundle", "evidence bundles"))
			return err
		},
	}
	dataFlags(cmd, &file, &dataDir)
	return cmd
}

// restore unpacks beside the folder's own files, checks, and only then gives the
// files their names.
func restore(ctx context.Context, archive, dataDir string) (m manifest, err error) {
	f, err := os.Open(archive)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lock, err := server.ClaimFolder(dataDir)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if err := noCasebook(dataDir); err != nil {
		return m, err
	}
	dir, err := os.MkdirTemp(dataDir, ".restore-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if m, err = unpack(f, dir); err != nil {
		return m, fmt.Errorf("%s is no whole backup of wherefore: %w", archive, err)
	}
	faults, err := casebook.CheckFile(ctx, filepath.Join(dir, backupBook))
	if err != nil {
		return m, err
	}
	if len(faults) > 0 {
		return m, fmt.Errorf("the casebook in %s is damaged: %s", archive, strings.Join(faults, "; "))
	}
	return m, settleIn(dir, dataDir)
}

// noCasebook refuses a folder that has a casebook, or something of one. The log that a
// casebook leaves beside it when its server was killed would be read as the restored
// one's.
func noCasebook(dataDir string) error {
	for _, part := range []string{"", "-wal", "-shm", "-journal"} {
		file := server.Casebook(dataDir) + part
		switch _, err := os.Lstat(file); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		case part == "":
			return fmt.Errorf("data_dir %s has a casebook already; name an empty folder, or move all of its %s* away", dataDir, filepath.Base(file))
		default:
			return fmt.Errorf("data_dir %s has %s, which belongs to a casebook that was there; move it to where that one is now", dataDir, filepath.Base(file))
		}
	}
	return nil
}

// settleIn moves what was unpacked to where a server looks for it, the casebook
// last.
func settleIn(dir, dataDir string) error {
	homes, err := tenantHomes(dir)
	if err != nil {
		return err
	}
	for _, home := range append([]string{""}, homes...) {
		from, to := filepath.Join(dir, home, backupBundles), filepath.Join(dataDir, home, backupBundles)
		bundles, err := filepath.Glob(filepath.Join(from, "*.tgz"))
		if err == nil {
			err = os.MkdirAll(to, 0o750)
		}
		for _, b := range bundles {
			if err == nil {
				err = os.Rename(b, filepath.Join(to, filepath.Base(b)))
			}
		}
		if err != nil {
			return err
		}
	}
	return os.Rename(filepath.Join(dir, backupBook), server.Casebook(dataDir))
}

// bundleName is what a bundle in a backup may be called.
var bundleName = regexp.MustCompile(`^(tenants/[a-z0-9-]{1,40}/)?bundles/INC-[0-9A-Za-z-]{1,64}\.tgz$`)

// mostUnpacked bounds what a backup may unpack to, and mostPadding what may be behind
// its last member: tar fills up blocks.
const (
	mostUnpacked = 1 << 40
	mostPadding  = 1 << 20
)

// unpack writes the members of a backup into a folder. Its last one says that it
// is whole, and gzip's sum behind that one that nothing in it changed.
func unpack(r io.Reader, dir string) (m manifest, err error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return m, err
	}
	if err := os.Mkdir(filepath.Join(dir, backupBundles), 0o750); err != nil {
		return m, err
	}
	left, bundles := int64(mostUnpacked), 0
	whole := false
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, err
		}
		if left -= h.Size; left < 0 || h.Typeflag != tar.TypeReg || whole {
			return m, fmt.Errorf("its member %.80q is no file, too much, or behind its end", h.Name)
		}
		switch {
		case h.Name == backupManifest:
			err = json.NewDecoder(io.LimitReader(t, 1<<16)).Decode(&m)
			whole = err == nil && m.Tool == "wherefore"
		case h.Name == backupBook || bundleName.MatchString(h.Name):
			if h.Name != backupBook {
				bundles++
			}
			file := filepath.Join(dir, filepath.FromSlash(h.Name))
			if err = os.MkdirAll(filepath.Dir(file), 0o750); err == nil {
				err = unpackFile(t, file)
			}
		default:
			err = fmt.Errorf("its member %.80q is none of a backup's", h.Name)
		}
		if err != nil {
			return m, err
		}
	}
	switch {
	case !whole:
		return m, errors.New("its end is missing")
	case bundles != m.Bundles:
		return m, fmt.Errorf("it was made with %s and has %d", counted(m.Bundles, "evidence bundle", "evidence bundles"), bundles)
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, mostPadding+1)) // the sum is compared at the end of the stream
	if err == nil && n > mostPadding {
		err = errors.New("it goes on behind its end")
	}
	return m, err
}

func unpackFile(r io.Reader, file string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), f.Close())
}
