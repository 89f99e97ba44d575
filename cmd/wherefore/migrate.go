package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
)

func migrateCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Move the casebook to another database",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(sqliteToPostgresCmd())
	return cmd
}

func sqliteToPostgresCmd() *cobra.Command {
	var file, dataDir, database string
	cmd := &cobra.Command{
		Use:   "sqlite-to-postgres",
		Short: "Copy the casebook in data_dir into the empty PostgreSQL database of casebook.database",
		Long: `Copy the casebook in data_dir into the empty PostgreSQL database of
casebook.database, whole or not at all. Stop the server first. The file stays as
it is. Evidence bundles in data_dir are not moved: copy bundles/ into the bucket
of evidence.store, under its prefix.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := dataConfig(file, dataDir)
			if err != nil {
				return err
			}
			if database == "" {
				database = string(cfg.Casebook.Database)
			}
			if database == "" {
				return usageError("--to is needed, or casebook.database in the configuration, as postgres://user:password@host/database")
			}
			return sqliteToPostgres(cmd.Context(), cmd.OutOrStdout(), cfg, database)
		},
	}
	dataFlags(cmd, &file, &dataDir)
	cmd.Flags().StringVar(&database, "to", "", "address of the database, instead of casebook.database; a password in it is seen by whoever lists processes")
	return cmd
}

func sqliteToPostgres(ctx context.Context, out io.Writer, cfg config.Config, database string) (err error) {
	path := server.Casebook(cfg.DataDir)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no casebook in data_dir %s; name the folder of a server with --data-dir or --config", cfg.DataDir)
	}
	lock, err := server.ClaimFolder(cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	from, err := casebook.Open(ctx, path, casebook.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := casebook.OpenPostgres(ctx, database, casebook.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	copied, err := from.CopyTo(ctx, to)
	if err != nil {
		return err
	}
	for _, c := range copied {
		if _, err := fmt.Fprintf(out, "%-14s %d\n", c.Table, c.Rows); err != nil {
			return err
		}
	}
	return nil
}
