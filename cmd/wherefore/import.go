package main

import (
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
	cmd := &cobra.Command{
		Use:   "import FORMAT SRC DST",
		Short: "Turn a data set into bundles: " + strings.Join(importers.Formats(), ", "),
		Long: "Import reads the cases of a data set from SRC and writes one bundle for each as DST/case-NNN.\n" +
			"Formats: " + strings.Join(importers.Formats(), ", ") + ". The csv format takes anybody's data: one folder per\n" +
			"case with alert.json and, each optional, metrics.csv, logs.ndjson, traces.json, graph.csv,\n" +
			"commits.json, deploys.json, flags.json and label.json. Ground truth goes to label.json alone.",
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
			if err != nil {
				return err
			}
			for _, n := range s.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d bundles of %s in %s\n", s.Cases, strings.Join(s.Datasets, ", "), args[2])
			return err
		},
	}
	cmd.Flags().StringVar(&o.Dataset, "dataset", "", "name of the data set (default: the format's, for csv SRC's base name)")
	cmd.Flags().IntVar(&lag, "alert-lag", 0, "move the alert by this many `seconds`, and with it what an engine may see")
	cmd.Flags().BoolVar(&o.Gzip, "gzip", false, "gzip spans, logs and metrics")
	return cmd
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
