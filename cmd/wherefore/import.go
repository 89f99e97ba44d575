package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3" // progress on a terminal, the most used
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wherefore-dev/wherefore/fixtures/importers"
)

func importCmd() *cobra.Command {
	var o importers.Options
	var lag int
	var mapFile string
	cmd := &cobra.Command{
		Use:   "import FORMAT SRC DST",
		Short: "Turn a data set into bundles: " + strings.Join(importers.Formats(), ", "),
		Long: "Import reads the cases of a data set from SRC and writes one bundle for each as DST/case-NNN.\n" +
			"Formats: " + strings.Join(importers.Formats(), ", ") + ". The csv format takes anybody's data: one folder per\n" +
			"case with alert.json and, each optional and gzipped or not, metrics.csv, logs.ndjson, traces.json or\n" +
			"traces.ndjson, events.ndjson, addresses.csv, placement.csv, graph.csv, commits.json, deploys.json,\n" +
			"flags.json and label.json. Ground truth goes to label.json alone.\n" +
			"A case that cannot be read is left out with its reason; the others are imported and the exit code is 1.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 {
				return usageError("import needs FORMAT SRC DST; FORMAT is one of %s", strings.Join(importers.Formats(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.AlertLag, o.Tool = time.Duration(lag)*time.Second, "wherefore "+buildVersion()
			p := newProgress(cmd.ErrOrStderr(), "importing")
			o.Progress = p.set
			s, err := importers.Import(cmd.Context(), args[0], args[1], args[2], o)
			p.finish()
			// What was imported before an error is told as well.
			if mapFile != "" && len(s.Sources) > 0 {
				err = errors.Join(err, writeMap(mapFile, s.Sources))
			}
			if err != nil {
				return err
			}
			for _, n := range s.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n)
			}
			if _, err = fmt.Fprintf(cmd.OutOrStdout(), "%d bundles of %s in %s\n", s.Cases, strings.Join(s.Datasets, ", "), args[2]); err != nil {
				return err
			}
			if s.Flawed > 0 {
				return fmt.Errorf("%d of %d cases were left out; the reasons stand above", s.Flawed, s.Flawed+s.Cases)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Dataset, "dataset", "", "name of the data set (default: the format's, for csv SRC's base name)")
	cmd.Flags().IntVar(&lag, "alert-lag", 0, "move the alert by this many `seconds`, and with it what an engine may see")
	cmd.Flags().StringVar(&mapFile, "map", "", "write which bundle was made of what to this `file`, one JSON object {case, source} a line")
	cmd.Flags().BoolVar(&o.Gzip, "gzip", false, "gzip spans, logs and metrics")
	return cmd
}

// writeMap writes one JSON object a line. The names in it may tell the answers,
// so that it never goes into a bundle.
func writeMap(file string, sources []importers.Source) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	e := json.NewEncoder(f)
	e.SetEscapeHTML(false)
	for _, s := range sources {
		err = errors.Join(err, e.Encode(s))
	}
	return errors.Join(err, f.Close())
}

// progress shows a bar on a terminal and nothing elsewhere.
type progress struct {
	out   io.Writer
	title string
	bar   *progressbar.ProgressBar
}

func newProgress(out io.Writer, title string) *progress { return &progress{out: out, title: title} }

func (p *progress) set(done, total int) {
	if p.bar == nil {
		if f, ok := p.out.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
			return
		}
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(p.title), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	_ = p.bar.Set(done) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
