package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// formats are what an incident can be exported as.
var formats = []string{"markdown", "csv", "jsonl", "json", "html", "bundle"}

// exporting is one export from a running server.
type exporting struct {
	server, format, output string
	revision               int
}

func (x *exporting) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&x.server, "server", "http://127.0.0.1:8080", "address of the running wherefore")
	cmd.Flags().StringVarP(&x.output, "output", "o", "", "file to write instead of standard output")
	cmd.Flags().IntVar(&x.revision, "revision", 0, "report revision, the newest when 0")
}

func exportCmd() *cobra.Command {
	var x exporting
	cmd := &cobra.Command{
		Use:   "export INCIDENT --format F",
		Short: "Export an incident from a running wherefore: postmortem, timeline, report",
		Example: `  wherefore export INC-0123456789 --format markdown -o postmortem.md
  wherefore export INC-0123456789 --format csv   # timeline in Timesketch's shape`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return x.run(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	x.flags(cmd)
	cmd.Flags().StringVar(&x.format, "format", "markdown", strings.Join(formats, ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// bundleExportCmd is "bundle export": the evidence itself.
func bundleExportCmd() *cobra.Command {
	x := exporting{format: "bundle"}
	cmd := &cobra.Command{
		Use:   "export INCIDENT -o FILE.tgz",
		Short: "Export an incident's evidence as a bundle that can be replayed anywhere",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if x.output == "" && isTerminal(cmd.OutOrStdout()) {
				return usageError("a bundle is an archive; name a file with -o")
			}
			return x.run(cmd.Context(), args[0], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	x.flags(cmd)
	return cmd
}

// run fetches the export and writes it; a file appears only when it is whole.
func (x exporting) run(ctx context.Context, incident string, stdout, stderr io.Writer) (err error) {
	if !slices.Contains(formats, x.format) {
		return usageError("--format %q is not one of %s", x.format, strings.Join(formats, ", "))
	}
	base, err := url.Parse(x.server)
	if err != nil || base.Host == "" {
		return usageError("--server %q is not a URL such as http://127.0.0.1:8080", x.server)
	}
	u := base.JoinPath("api/v1/incidents", incident, "export")
	u.RawQuery = url.Values{"format": {x.format}, "revision": {fmt.Sprint(x.revision)}}.Encode()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	resp, err := x.fetch(ctx, u.String(), incident, stderr)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if how := resp.Header.Get("X-Wherefore-Evidence"); how != "" {
		_, _ = fmt.Fprintln(stderr, "the sources were", plain(how))
	}
	if x.output == "" {
		_, err = io.Copy(stdout, resp.Body)
		return err
	}
	part := x.output + ".part"
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, x.output)
}

// showToken shows the server who asks, by the token in the environment.
func showToken(r *http.Request) {
	if token := os.Getenv("WHEREFORE_TOKEN"); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
}

// noAnswer says that nobody answered at a server's address.
func noAnswer(server string, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the URL in its text is ours
	}
	return fmt.Errorf("no answer from %s: %w; start wherefore there, or say with --server where it runs", server, err)
}

// fetch asks for the export, and again while its evidence is being recorded.
func (x exporting) fetch(ctx context.Context, url, incident string, stderr io.Writer) (*http.Response, error) {
	for told := false; ; told = true {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		showToken(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, noAnswer(x.server, err)
		}
		if resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		said := problem(resp)
		_ = resp.Body.Close()
		wait, err := strconv.Atoi(resp.Header.Get("Retry-After"))
		if x.format != "bundle" || resp.StatusCode != http.StatusServiceUnavailable || err != nil {
			return nil, fmt.Errorf("export of %s: %s", incident, said)
		}
		if !told {
			_, _ = fmt.Fprintln(stderr, said)
		}
		select {
		case <-time.After(time.Duration(wait) * time.Second):
		case <-ctx.Done():
			return nil, fmt.Errorf("export of %s: %s", incident, said)
		}
	}
}

// problem is what the server said was wrong.
func problem(resp *http.Response) string {
	var p struct{ Title, Detail string }
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(body, &p) == nil && p.Detail != "" {
		return plain(p.Detail)
	}
	return resp.Status
}
