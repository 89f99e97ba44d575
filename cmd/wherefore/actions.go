package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate/casebook"
	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

func actionsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "actions",
		Short: "List what was asked of targets, stop all of it, and start it again",
		Long: `What a server asks of targets (docs/actions.md), seen and stopped from its own
machine, while it runs or not. All servers on the same casebook obey it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(actionsListCmd(), actionsStopCmd(), actionsStartCmd())
	return cmd
}

// withBook runs a verb on an open casebook.
func (f bookFlags) withBook(ctx context.Context, do func(casebook.Store) error) error {
	book, err := f.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(book), book.Close())
}

// mostListed bounds a list of actions.
const mostListed = 1000

func actionsListCmd() *cobra.Command {
	var f bookFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the newest actions, and whether all are stopped",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 1 || limit > mostListed {
				return usageError("--limit %d is not from 1 to %d", limit, mostListed)
			}
			return f.withBook(cmd.Context(), func(b casebook.Store) error {
				list, err := b.NewestActions(cmd.Context(), limit)
				if err != nil {
					return err
				}
				s, err := b.ActionsStopped(cmd.Context())
				if err != nil {
					return err
				}
				return printActions(cmd.OutOrStdout(), list, s)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 20, "how many, the newest first")
	return cmd
}

func printActions(out io.Writer, list []casefile.Action, s casefile.ActionSwitch) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tASKED\tSTATE\tGRADE\tACTION\tSERVICE\tTO\tINCIDENT\tRULE\tBY\tREASON") // Flush has the error
	for _, a := range list {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, a.AskedAt.UTC().Format(time.DateTime), a.State, a.Grade, a.Kind,
			plain(a.Service), plain(a.Revision), a.Incident, plain(a.Rule), plain(a.By), plain(a.Reason))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return printSwitch(out, s)
}

func printSwitch(out io.Writer, s casefile.ActionSwitch) error {
	said := "Actions are not stopped."
	if s.Stopped {
		said = fmt.Sprintf("All actions are stopped by %s since %s UTC.", plain(s.By), s.At.UTC().Format(time.DateTime))
		if s.Why != "" {
			said += " " + plain(s.Why)
		}
	}
	_, err := fmt.Fprintln(out, said)
	return err
}

func actionsStopCmd() *cobra.Command {
	var f bookFlags
	var why string
	cmd := &cobra.Command{
		Use:   "stop",
		Short: "Stop all actions: what waits to be approved or sent ends, and nothing more is sent",
		Example: `  wherefore actions stop --why "the platform is being moved" --config wherefore.yaml
  wherefore actions start --config wherefore.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(why) > 500 {
				return usageError("--why is longer than 500 bytes")
			}
			return f.withBook(cmd.Context(), func(b casebook.Store) error {
				if err := b.StopActions(cmd.Context(), operator(), why); err != nil {
					return err
				}
				return saySwitch(cmd, b)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&why, "why", "", "shown to everybody who wonders")
	return cmd
}

func actionsStartCmd() *cobra.Command {
	var f bookFlags
	cmd := &cobra.Command{
		Use:     "start",
		Aliases: []string{"resume"},
		Short:   "Let actions be asked for again; what was stopped stays ended",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.withBook(cmd.Context(), func(b casebook.Store) error {
				if err := b.ResumeActions(cmd.Context(), operator()); err != nil {
					return err
				}
				return saySwitch(cmd, b)
			})
		},
	}
	f.add(cmd)
	return cmd
}

func saySwitch(cmd *cobra.Command, b casebook.ActionSwitch) error {
	s, err := b.ActionsStopped(cmd.Context())
	if err != nil {
		return err
	}
	return printSwitch(cmd.OutOrStdout(), s)
}
