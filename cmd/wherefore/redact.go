package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

func redactCmd() *cobra.Command {
	var test bool
	cmd := &cobra.Command{
		Use:   "redact [FILE]",
		Short: "Mask secrets in text as reports, exports and bundles do; --test says what would be",
		Example: `  kubectl logs deploy/shop | wherefore redact
  wherefore redact --test app.log`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := cmd.InOrStdin()
			if len(args) == 1 && args[0] != "-" {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }() // it was read only
				in = f
			}
			return redact(in, cmd.OutOrStdout(), test)
		},
	}
	cmd.Flags().BoolVar(&test, "test", false, "list the lines in which something would be masked, with its kind, and count them")
	return cmd
}

// redact masks line by line; with test it lists the lines that change.
func redact(in io.Reader, out io.Writer, test bool) error {
	w, r := bufio.NewWriter(out), bufio.NewReaderSize(in, 1<<20)
	total, lines, changed := map[string]int{}, 0, 0
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			lines++
			m := mask.New()
			masked := m.Text(line)
			kinds := m.Counts()
			for k, n := range kinds {
				total[k] += n
			}
			if len(kinds) > 0 {
				changed++
			}
			if !test {
				_, _ = w.WriteString(masked) // Flush has the error
			} else if len(kinds) > 0 {
				_, _ = fmt.Fprintf(w, "%d: %s: %s\n", lines, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "), plain(strings.TrimRight(masked, "\r\n")))
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if test {
		_, _ = fmt.Fprintf(w, "%d of %d lines would be masked\n", changed, lines)
		for _, k := range slices.Sorted(maps.Keys(total)) {
			_, _ = fmt.Fprintf(w, "  %s %d\n", k, total[k])
		}
	}
	return w.Flush()
}
