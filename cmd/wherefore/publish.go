package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/blameindex/publish"
)

type publishFlags struct {
	url, secretFile, source, since, rev, dir string
}

func publishCmd() *cobra.Command {
	var f publishFlags
	cmd := &cobra.Command{
		Use:   "publish --to URL --secret-file FILE [--since REV]",
		Short: "Send accepted and changed decisions as signed CloudEvents",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.url == "" || f.secretFile == "" {
				return usageError("--to and --secret-file are needed")
			}
			return asked(runPublish(cmd.Context(), cmd.OutOrStdout(), f))
		},
	}
	cmd.Flags().StringVar(&f.url, "to", "", "address of the webhook")
	cmd.Flags().StringVar(&f.secretFile, "secret-file", "", "file with the secret that bodies are signed with")
	cmd.Flags().StringVar(&f.source, "source", "urn:wherefore:decisions", "URI of the repository, as the events name it")
	cmd.Flags().StringVar(&f.since, "since", "", "revision whose decisions were sent already (default: none were)")
	cmd.Flags().StringVar(&f.rev, "rev", "HEAD", "revision whose decisions are sent")
	cmd.Flags().StringVar(&f.dir, "repo", ".", "repository")
	return cmd
}

func runPublish(ctx context.Context, out io.Writer, f publishFlags) error {
	secret, err := os.ReadFile(f.secretFile)
	if err != nil {
		return usageError("read --secret-file: %v", err)
	}
	repo, err := git.Open(ctx, f.dir)
	if err != nil {
		return codeError{exitUsage, err}
	}
	var before []decision.Record
	if f.since != "" {
		if before, err = recordsOf(ctx, repo, f.since); err != nil {
			return err
		}
	}
	after, err := recordsOf(ctx, repo, f.rev)
	if err != nil {
		return err
	}
	events, err := publish.Events(before, after, f.source)
	if err != nil {
		return err
	}
	s := publish.Sender{URL: f.url, Secret: bytes.TrimSpace(secret), Client: publish.DefaultClient()}
	for _, e := range events {
		if err := s.Send(ctx, e); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "sent %s %s\n", e.Subject(), e.Type()); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%d events\n", len(events))
	return err
}

func recordsOf(ctx context.Context, repo *git.Repo, rev string) ([]decision.Record, error) {
	sha, err := repo.Resolve(ctx, rev)
	if err != nil {
		return nil, err
	}
	records, _, err := blameindex.RecordsAt(ctx, repo, sha, blameindex.Options{})
	return records, err
}

func metricsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "metrics [FILE|DIRECTORY]...",
		Short: "Print the decision log's state as OpenMetrics, for a textfile collector",
		RunE: func(cmd *cobra.Command, args []string) error {
			records, faults, err := lint(args, decision.DefaultVocabulary())
			if err != nil {
				return err
			}
			refused := 0
			for _, f := range faults {
				if !f.Note {
					refused++
				}
			}
			return publish.WriteMetrics(cmd.OutOrStdout(), records, refused)
		},
	}
}
