package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/blameindex"
	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/git"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func decisionsCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "decisions",
		Short: "Check, trace and use the decision log",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown verb %q; see 'wherefore decisions --help'", "decisions "+args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(lintCmd(), traceCmd(), rulesCmd(), completenessCmd(), publishCmd(), metricsCmd())
	return cmd
}

func lintCmd() *cobra.Command {
	var format string
	var metrics, forms []string
	cmd := &cobra.Command{
		Use:   "lint [FILE|DIRECTORY]...",
		Short: "Refuse decision records that are incomplete",
		Long: "Reads the records in the files and directories given (default: the usual\n" +
			"places, as docs/decisions) and names every fault with its line. Exits with 1\n" +
			"when a record is refused, or when what is given by name holds none; notes refuse\n" +
			"nothing. Records in MADR's and Nygard's form are read with notes on what a\n" +
			"complete record has beside; --form refuses them.",
		Example: "  wherefore decisions lint\n  wherefore decisions lint --form 'docs/decisions/**=five' docs/decisions",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "sarif" {
				return usageError("--format %q is not one of text, sarif", format)
			}
			v := decision.DefaultVocabulary()
			v.Metrics = metrics
			var err error
			if v.Forms, err = decision.ParseFolderForms(forms); err != nil {
				return usageError("--form: %v", err)
			}
			records, faults, err := lint(args, v)
			if err != nil {
				return err
			}
			faults = append(faults, decision.Rollbacks(records, time.Now())...)
			decision.SortFaults(faults)
			return reportLint(cmd.OutOrStdout(), cmd.ErrOrStderr(), format, records, faults)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or sarif")
	cmd.Flags().StringSliceVar(&metrics, "metric", nil, "name of a metric or constraint that makes a why measurable")
	cmd.Flags().StringArrayVar(&forms, "form", nil, "GLOB=FORM, the form that a folder's records are held to: five, madr or nygard")
	return cmd
}

// lint reads what is to be linted; paths in faults are as they were given.
func lint(args []string, v decision.Vocabulary) (records []decision.Record, faults []decision.Fault, err error) {
	named := len(args) > 0
	if !named {
		for _, dir := range decision.DefaultFolders() {
			if st, err := os.Stat(dir); err == nil && st.IsDir() {
				args = append(args, dir)
			}
		}
		if len(args) == 0 {
			return nil, nil, usageError("no decision records here: name a file or directory, or keep them in docs/decisions")
		}
	}
	for _, arg := range args {
		st, err := os.Stat(arg)
		if err != nil {
			return nil, nil, usageError("%s: no such file or directory", arg)
		}
		root, only := arg, ""
		if !st.IsDir() {
			root, only = filepath.Dir(arg), filepath.Base(arg)
		}
		rs, fs, err := readRecords(root, only, v)
		if err != nil {
			return nil, nil, err
		}
		if len(rs) == 0 && len(fs) == 0 && named {
			fs = append(fs, decision.NoRecord(arg))
		}
		records, faults = append(records, rs...), append(faults, fs...)
	}
	faults = append(faults, decision.Across(records)...)
	decision.SortFaults(faults)
	return records, faults, nil
}

func readRecords(root, only string, v decision.Vocabulary) ([]decision.Record, []decision.Fault, error) {
	if only != "" {
		data, err := os.ReadFile(filepath.Join(root, only))
		if err != nil {
			return nil, nil, fmt.Errorf("read the record: %w", err)
		}
		doc := decision.Parse(filepath.ToSlash(filepath.Join(root, only)), data, v)
		return doc.Records, doc.AllFaults(), nil
	}
	return decision.ReadDir(os.DirFS(root), filepath.ToSlash(filepath.Clean(root)), v)
}

func reportLint(out, errOut io.Writer, format string, records []decision.Record, faults []decision.Fault) error {
	if format == "sarif" {
		if err := decision.WriteSARIF(out, faults, buildVersion()); err != nil {
			return err
		}
	} else if err := decision.WriteText(out, faults); err != nil {
		return err
	}
	errors, notes := 0, 0
	for _, f := range faults {
		if f.Note {
			notes++
		} else {
			errors++
		}
	}
	if _, err := fmt.Fprintf(errOut, "%d records, %d errors, %d notes\n", len(records), errors, notes); err != nil {
		return err
	}
	if errors > 0 {
		return codeError{exitFailed, errSilent}
	}
	return nil
}

// openHere opens the index to be asked, the one named, else the repository's,
// and gives the revision to ask about: of a repository what the name means there,
// or HEAD, or when that is not indexed what was last.
func openHere(ctx context.Context, f lineFlags) (db *blameindex.DB, rev string, err error) {
	file, rev := f.db, f.rev
	if file == "" {
		repo, err := git.Open(ctx, ".")
		if err != nil {
			return nil, "", fmt.Errorf("%w; go into the repository or name a database with --db", err)
		}
		file = blameindex.DefaultPath(repo)
		sha, err := repo.Resolve(ctx, cmp.Or(rev, "HEAD"))
		if err == nil {
			rev = sha
		} else if rev != "" {
			return nil, "", err
		}
	}
	db, err = blameindex.Open(file, blameindex.Options{ReadOnly: true, KeyFile: f.key})
	if err != nil || f.rev != "" || rev == "" {
		return db, rev, err
	}
	if _, err := db.FindRevision(ctx, rev); errors.Is(err, evidence.ErrNotFound) {
		rev = "" // HEAD is not indexed
	}
	return db, rev, nil
}

func traceCmd() *cobra.Command {
	var f lineFlags
	cmd := &cobra.Command{
		Use:   "trace",
		Short: "List which commit put which decision's tag into which line",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if f.format != "csv" && f.format != "html" {
				return usageError("--format %q is not one of csv, html", f.format)
			}
			db, rev, err := openHere(cmd.Context(), f)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			rows, err := db.Ledger(cmd.Context(), rev)
			if err != nil {
				return asked(err)
			}
			if f.format == "html" {
				return writeLedgerHTML(cmd.OutOrStdout(), rows)
			}
			return writeLedgerCSV(cmd.OutOrStdout(), rows)
		},
	}
	f.register(cmd)
	cmd.Flags().Lookup("format").DefValue = "csv"
	cmd.Flags().Lookup("format").Usage = "csv or html"
	f.format = "csv"
	return cmd
}

func writeLedgerCSV(w io.Writer, rows []blameindex.LedgerRow) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"commit_hash", "decision_tag", "author_email", "reviewer", "file", "line"}); err != nil {
		return err
	}
	for _, r := range rows {
		cells := []string{r.Commit, r.Decision, r.AuthorEmail, r.Reviewer, r.File, strconv.Itoa(r.Line)}
		for i := range cells {
			// A cell that begins like a formula would be run by a spreadsheet.
			if strings.ContainsAny(cells[i][:min(1, len(cells[i]))], "=+-@\t\r") {
				cells[i] = "'" + cells[i]
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

const ledgerPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Decision ledger</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884}code{font-size:.9em}</style>
<h1>Decision ledger</h1>
<p>{{len .}} tagged lines.</p>
<table><thead><tr><th>Decision<th>Line<th>Commit<th>Author<th>Reviewer</tr></thead><tbody>
{{range .}}<tr><td><b>{{.Decision}}</b> {{.Title}}<td><code>{{.File}}:{{.Line}}</code><td><code>{{printf "%.12s" .Commit}}</code> {{.Subject}}<td>{{.AuthorEmail}}<td>{{.Reviewer}}</tr>
{{end}}</tbody></table></html>
`

func writeLedgerHTML(w io.Writer, rows []blameindex.LedgerRow) error {
	t, err := template.New("ledger").Parse(ledgerPage)
	if err != nil {
		return fmt.Errorf("read the ledger's template: %w", err)
	}
	return t.Execute(w, rows)
}

func rulesCmd() *cobra.Command {
	var f lineFlags
	var conditions, service string
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Write Prometheus alert rules from what decisions promised",
		Long: "Writes a rule file to standard output that fires when a condition under\n" +
			"verify no longer holds. Names are mapped to PromQL by a YAML file of\n" +
			"NAME: EXPR; queries give seconds and ratios. What is not mapped is listed.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			queries := decision.Queries{}
			if conditions != "" {
				data, err := os.ReadFile(conditions)
				if err != nil {
					return usageError("read --conditions: %v", err)
				}
				if err := yaml.Unmarshal(data, &queries); err != nil {
					return usageError("%s is not a YAML file of NAME: EXPR: %v", conditions, err)
				}
			}
			db, rev, err := openHere(cmd.Context(), f)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			records, err := db.Records(cmd.Context(), rev)
			if err != nil {
				return asked(err)
			}
			unmapped, err := decision.WriteAlertRules(cmd.OutOrStdout(), records, queries, service)
			if err != nil {
				return err
			}
			p := &printer{w: cmd.ErrOrStderr()}
			for _, u := range unmapped {
				p.line("no query is mapped: %s", u)
			}
			return p.err
		},
	}
	cmd.Flags().StringVar(&service, "service", "", "service that the promises are about; the alerts carry it as a label")
	cmd.Flags().StringVar(&conditions, "conditions", "", "YAML file that maps names of conditions to PromQL")
	f.register(cmd)
	return cmd
}

// writeJSON prints a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
