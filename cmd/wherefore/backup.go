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
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Names in a backup.
const (
	backupManifest = "backup.json"
	backupBook     = "casebook.db"
	backupBundles  = "bundles/"
)

// manifest says what a backup is of.
type manifest struct {
	Tool    string    `json:"tool"`
	Version string    `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	Bundles int       `json:"bundles"`
}

func backupCmd() *cobra.Command {
	var file, dataDir, out string
	cmd := &cobra.Command{
		Use:   "backup -o FILE",
		Short: "Write incidents, reports and evidence into one file, while the server runs",
		Long: `Write incidents, reports and evidence into one file, while the server runs:
the casebook as it is at one moment, and the bundles in data_dir. Indexes and
mirrors of repositories are not in it; they are made again. What is in an object
store is not in it either.`,
		Example: `  wherefore backup --config wherefore.yaml -o wherefore-backup.tgz`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usageError("-o FILE is needed to know where the backup goes")
			}
			cfg, err := dataConfig(file, dataDir)
			if err != nil {
				return err
			}
			m, err := backup(cmd.Context(), cfg, out)
			if err != nil {
				return errors.Join(err, os.Remove(out+".part"))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s holds the casebook and %s\n", out, counted(m.Bundles, "evidence bundle", "evidence bundles"))
			return err
		},
	}
	dataFlags(cmd, &file, &dataDir)
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write, a .tgz that is not there yet")
	return cmd
}

// dataFlags are the flags of the commands on a server's data.
func dataFlags(cmd *cobra.Command, file, dataDir *string) {
	cmd.Flags().StringVar(file, "config", "", "configuration file (YAML); without it the defaults hold")
	cmd.Flags().StringVar(dataDir, "data-dir", "", "folder of the casebook, instead of the file's")
}

func dataConfig(file, dataDir string) (config.Config, error) {
	cfg, err := loadConfig(file)
	if dataDir != "" {
		cfg.DataDir = dataDir
	}
	return cfg, err
}

// attach opens a casebook that a server may have open.
func attach(ctx context.Context, cfg config.Config) (*casebook.Book, error) {
	if cfg.Casebook.Database != "" {
		return casebook.OpenPostgres(ctx, string(cfg.Casebook.Database), casebook.Options{})
	}
	path := server.Casebook(cfg.DataDir)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no casebook in data_dir %s; name the folder of a server with --data-dir or --config", cfg.DataDir)
	}
	return casebook.Attach(ctx, path, casebook.Options{})
}

// backup writes a backup under another name first, so that a half one is never
// taken for a whole one.
func backup(ctx context.Context, cfg config.Config, out string) (m manifest, err error) {
	if _, err := os.Lstat(out); err == nil {
		return m, fmt.Errorf("%s is there already; name a file that is not", out)
	}
	book, err := attach(ctx, cfg)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	dir, err := os.MkdirTemp(filepath.Dir(out), ".wherefore-backup-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db := filepath.Join(dir, backupBook)
	if err := book.Backup(ctx, db); err != nil {
		return m, err
	}
	m = manifest{Tool: "wherefore", Version: buildVersion(), MadeAt: time.Now().UTC()}
	f, err := os.OpenFile(out+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return m, err
	}
	m, err = pack(f, m, db, cfg.DataDir)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return m, err
	}
	return m, os.Rename(out+".part", out)
}

// pack writes the archive: casebook first, bundles, then what it all is.
func pack(w io.Writer, m manifest, db, dataDir string) (manifest, error) {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	if err := packFile(t, backupBook, db); err != nil {
		return m, err
	}
	homes, err := tenantHomes(dataDir)
	if err != nil {
		return m, err
	}
	for _, home := range append([]string{""}, homes...) {
		n, err := packBundles(t, dataDir, home)
		if err != nil {
			return m, err
		}
		m.Bundles += n
	}
	body, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	err = t.WriteHeader(&tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(body)), ModTime: m.MadeAt})
	if err == nil {
		_, err = t.Write(body)
	}
	return m, errors.Join(err, t.Close(), z.Close())
}

// packBundles packs the bundles of one home below the data folder, and says how many.
func packBundles(t *tar.Writer, dataDir, home string) (n int, err error) {
	from := filepath.Join(dataDir, filepath.FromSlash(home), backupBundles)
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return n, err
	}
	for _, e := range entries {
		name := home + backupBundles + e.Name()
		if !e.Type().IsRegular() || !bundleName.MatchString(name) { // nothing of ours, and restore would refuse it
			continue
		}
		err := packFile(t, name, filepath.Join(from, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped this moment
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// tenantHomes are where named tenants have their files below the data folder, as
// "tenants/acme/".
func tenantHomes(dataDir string) (homes []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dataDir, "tenants"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if e.IsDir() && evidence.CheckTenant(evidence.Tenant(e.Name())) == nil { // else it is nothing of ours
			homes = append(homes, "tenants/"+e.Name()+"/")
		}
	}
	return homes, err
}

func packFile(t *tar.Writer, name, file string) (err error) {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime()}); err != nil {
		return err
	}
	_, err = io.Copy(t, f)
	return err
}
