package decision

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // SARIF 2.1.0 types, kept up with the schema

	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
)

// Matches reports whether a path is one where records are looked for.
func Matches(globs []string, name string) bool {
	return hasRecordExtension(name) && pathglob.Any(globs, name)
}

// ReadDir reads every record below the file system's root whose path has a
// record's extension, in order of path; at is put before the paths. An
// unreadable file is a fault, not an error. Across finds what shows only
// between records.
func ReadDir(fsys fs.FS, at string, v Vocabulary) ([]Record, []Fault, error) {
	var records []Record
	var faults []Fault
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || !hasRecordExtension(name) {
			return nil
		}
		doc := readFile(fsys, name, path.Join(at, name), v)
		records = append(records, doc.Records...)
		faults = append(faults, doc.AllFaults()...)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read decision records: %w", err)
	}
	Link(records)
	SortFaults(faults)
	return records, faults, nil
}

func readFile(fsys fs.FS, name, shown string, v Vocabulary) Document {
	f, err := fsys.Open(name)
	if err != nil {
		return broken(shown, 1, "cannot be opened")
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, readErr := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if readErr != nil {
		return broken(shown, 1, "cannot be read")
	}
	return Parse(shown, data, v)
}

func hasRecordExtension(name string) bool {
	return slices.Contains(recordExtensions, strings.TrimPrefix(strings.ToLower(path.Ext(name)), "."))
}

// recordExtensions are those of files that may hold a record.
var recordExtensions = []string{"yaml", "yml", "md", "markdown", "adoc", "asciidoc", "asc"}

// NoRecord is the fault of a file or folder that was handed over by name and in
// which no record has a known form.
func NoRecord(name string) Fault {
	return Fault{Path: name, Line: 1, Dimension: "form", Message: "no file here holds a record in a known form: the five dimensions as keys, or a heading for the decision beside one for its context, its options, its consequences or its status"}
}

// Across finds the faults that show between records: an ID used twice, a
// supersession that points nowhere or in a circle.
func Across(records []Record) []Fault {
	first := map[string]Record{}
	var out []Fault
	for _, r := range records {
		if prev, again := first[r.ID]; again && r.ID != "" {
			out = append(out, Fault{Path: r.Path, Line: r.at("decision_id"), Dimension: "decision_id", Message: fmt.Sprintf("%s is used already in %s:%d", r.ID, prev.Path, prev.at("decision_id")),
				// Numbers are local to a folder in MADR's own advice, and are given twice by
				// two branches: whoever writes no ID has not broken a promise.
				Note: r.Form != FormFive && prev.Form != FormFive})
			continue
		}
		first[r.ID] = r
	}
	for _, r := range records {
		if r.SupersededBy == "" {
			continue
		}
		seen := map[string]bool{r.ID: true}
		for next := r.SupersededBy; next != ""; next = first[next].SupersededBy {
			if _, ok := first[next]; !ok {
				out = append(out, Fault{Path: r.Path, Line: r.at("superseded_by"), Dimension: "superseded_by", Message: fmt.Sprintf("%s is not a record here", clip(next)), Note: true})
				break
			}
			if seen[next] {
				out = append(out, Fault{Path: r.Path, Line: r.at("superseded_by"), Dimension: "superseded_by", Message: "the supersession goes in a circle"})
				break
			}
			seen[next] = true
		}
	}
	return out
}

// WriteText writes faults as compilers do, one a line.
func WriteText(w io.Writer, faults []Fault) error {
	for _, f := range faults {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	return nil
}

// WriteSARIF writes faults as a SARIF 2.1.0 log.
func WriteSARIF(w io.Writer, faults []Fault, version string) error {
	var fs []Finding
	for _, f := range faults {
		level := "error"
		if f.Note {
			level = "note"
		}
		fs = append(fs, Finding{Rule: "decision/" + f.Dimension, About: "The record's " + f.Dimension + " is complete and well formed.", Level: level, Message: f.Message, Path: f.Path, Line: f.Line})
	}
	return WriteFindings(w, fs, version)
}

// Finding is one result of a gate, ready to be written.
type Finding struct {
	Rule    string `json:"rule"`
	About   string `json:"about,omitempty"`  // what the rule asks, one sentence
	Level   string `json:"level"`            // error, warning or note
	Message string `json:"message"`          //
	Path    string `json:"path"`             // in the repository
	Line    int    `json:"line"`             // from 1
	Record  string `json:"record,omitempty"` // path of the decision behind it
}

// reference is a path as SARIF has it: a relative URI.
func reference(path string) string { return (&url.URL{Path: path}).String() }

// WriteFindings writes findings as a SARIF 2.1.0 log, in the order given.
func WriteFindings(w io.Writer, findings []Finding, version string) error {
	run := sarif.NewRunWithInformationURI("wherefore", "https://github.com/wherefore-dev/wherefore")
	run.Tool.Driver.WithVersion(version)
	for _, f := range findings {
		run.AddRule(f.Rule).WithDescription(f.About)
		region := sarif.NewRegion().WithStartLine(max(f.Line, 1))
		place := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(reference(f.Path))).WithRegion(region)
		result := run.CreateResultForRule(f.Rule).WithLevel(f.Level).WithMessage(sarif.NewTextMessage(f.Message)).
			AddLocation(sarif.NewLocationWithPhysicalLocation(place))
		if f.Record != "" {
			related := sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(reference(f.Record))))
			related.WithMessage(sarif.NewTextMessage("the decision"))
			result.WithRelatedLocations([]*sarif.Location{related})
		}
	}
	report := sarif.NewReport()
	report.AddRun(run)
	if err := report.PrettyWrite(w); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}
