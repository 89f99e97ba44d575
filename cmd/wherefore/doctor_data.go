package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

// doctorData reads all that a server keeps and says what is wrong with it. It
// changes nothing, and the server may run.
func doctorData(ctx context.Context, out io.Writer, cfg config.Config) (err error) {
	if cfg.Casebook.Database != "" {
		return errors.New("the casebook is in PostgreSQL, which checks itself; use its amcheck. --data checks a casebook in data_dir")
	}
	faults, err := casebook.CheckFile(ctx, server.Casebook(cfg.DataDir))
	if err != nil {
		return err
	}
	if cfg.Evidence.Store == nil {
		more, err := bundleFaults(ctx, cfg.DataDir)
		if err != nil {
			return err
		}
		faults = append(faults, more...)
	}
	for _, f := range faults {
		if _, err := fmt.Fprintln(out, "fault: "+f); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("the data in %s has %s; restore a backup, or keep what is left", cfg.DataDir, counted(len(faults), "fault", "faults"))
	}
	_, err = fmt.Fprintf(out, "the data in %s is whole\n", cfg.DataDir)
	return err
}

// bundleFaults holds the files of every tenant's kept bundles to their digests.
func bundleFaults(ctx context.Context, dataDir string) (faults []string, err error) {
	book, err := casebook.Attach(ctx, server.Casebook(dataDir), casebook.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	// The casebook knows whose evidence there is to be; a folder may be lost as a whole.
	tenants, err := book.BundleTenants(ctx)
	for _, t := range tenants {
		more, fault := faultsOf(ctx, book.For(t), config.TenantDir(dataDir, t))
		faults, err = append(faults, more...), errors.Join(err, fault)
	}
	return faults, err
}

// faultsOf are those of one tenant.
func faultsOf(ctx context.Context, book casebook.TenantStore, dir string) (faults []string, err error) {
	kept, err := book.KeptBundles(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range kept {
		name := fmt.Sprintf("%s-r%d.tgz", b.Incident, b.Revision)
		sum, err := digest(filepath.Join(dir, "bundles", name))
		switch {
		case err != nil:
			faults = append(faults, "a kept bundle cannot be read: "+name)
		case sum != b.SHA256:
			faults = append(faults, "a kept bundle is not as it was recorded: "+name)
		}
	}
	return faults, nil
}

func digest(file string) (_ string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
