package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func tokenCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke the tokens by which programs show who they are",
		Long: `A token is shown once, when it is made; the casebook keeps its hash. The first
one that is made means that everybody has to show who they are from then on.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(tokenCreateCmd(), tokenListCmd(), tokenRevokeCmd())
	return cmd
}

// bookFlags say whose casebook a verb is about.
type bookFlags struct{ config, dataDir string }

func (f *bookFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (YAML) of the server")
	cmd.Flags().StringVar(&f.dataDir, "data-dir", "", "folder of the casebook, instead of the file's")
}

// open opens the casebook, which a server may have open too.
func (f bookFlags) open(ctx context.Context) (casebook.Store, error) {
	cfg, err := loadConfig(f.config)
	if err != nil {
		return nil, err
	}
	if f.dataDir != "" {
		cfg.DataDir = f.dataDir
	}
	if cfg.Casebook.Database != "" {
		return casebook.OpenPostgres(ctx, string(cfg.Casebook.Database), casebook.Options{})
	}
	// A token may be the first thing that is made, before the server ran.
	if err := os.MkdirAll(cfg.DataDir, 0o750); err != nil {
		return nil, fmt.Errorf("data_dir: %w", err)
	}
	return casebook.Attach(ctx, server.Casebook(cfg.DataDir), casebook.Options{})
}

// operator is who runs a verb on the server's own machine.
func operator() string {
	if u, err := user.Current(); err == nil {
		return "os:" + u.Username
	}
	return "os:unknown"
}

func tokenCreateCmd() *cobra.Command {
	var f bookFlags
	var name, role, expires, tenant string
	var code bool
	cmd := &cobra.Command{
		Use:   "create --name NAME --role ROLE",
		Short: "Make a token and print it, once",
		Example: `  wherefore token create --name alertmanager --role ingest --config wherefore.yaml
  wherefore token create --name ann --role admin --expires 90d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := access.CheckRole(access.Role(role)); err != nil {
				return usageError("--%w", err)
			}
			if name == "" || len(name) > 200 {
				return usageError("--name is who the token is of, 1 to 200 bytes")
			}
			t := casebook.Token{Name: name, Role: role, Code: code, CreatedBy: operator()}
			if tenant != "" {
				if t.Tenant = evidence.Tenant(tenant); evidence.CheckTenant(t.Tenant) != nil {
					return usageError("--tenant %q is none that can stand below tenants in the configuration", tenant)
				}
			}
			if expires != "never" {
				d, err := model.ParseDuration(expires)
				if err != nil || d <= 0 {
					return usageError("--expires %q is no duration such as 90d or 12h, nor never", expires)
				}
				t.ExpiresAt = time.Now().Add(time.Duration(d))
			}
			return createToken(cmd.Context(), cmd.OutOrStdout(), f, t)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "name", "", "who it is of; stands as the author of what is written with it")
	cmd.Flags().StringVar(&role, "role", "", "viewer, responder, admin, ingest or check")
	cmd.Flags().StringVar(&expires, "expires", "365d", "how long it counts, as 90d; or never")
	cmd.Flags().BoolVar(&code, "code", false, "it may also export source code, as bundles have it")
	cmd.Flags().StringVar(&tenant, "tenant", "", "whose incidents it opens, as named below tenants in the configuration")
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"viewer", "responder", "admin", "ingest", "check"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func createToken(ctx context.Context, out io.Writer, f bookFlags, t casebook.Token) (err error) {
	book, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	var text string
	t.ID, t.Hash, text = access.NewToken()
	if err := book.AddToken(ctx, t); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, text)
	return err
}

func tokenListCmd() *cobra.Command {
	var f bookFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens, without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			book, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, book.Close()) }()
			all, err := book.Tokens(cmd.Context())
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "ID\tNAME\tTENANT\tROLE\tCODE\tCREATED\tEXPIRES\tUSED\tSTATE") // Flush has the error
			for _, t := range all {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, plain(t.Name), t.Tenant, t.Role, yesNo(t.Code), day(t.CreatedAt), day(t.ExpiresAt), day(t.UsedAt), tokenState(t, time.Now()))
			}
			return w.Flush()
		},
	}
	f.add(cmd)
	return cmd
}

func tokenState(t casebook.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked " + day(t.RevokedAt)
	case !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		return "expired"
	}
	return "counts"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}

func tokenRevokeCmd() *cobra.Command {
	var f bookFlags
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token at once, and every session that it opened",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			book, err := f.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, book.Close()) }()
			return book.RevokeToken(cmd.Context(), args[0], operator())
		},
	}
	f.add(cmd)
	return cmd
}
