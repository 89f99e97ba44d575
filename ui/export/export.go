// Package export writes an incident for other tools and for people who were
// not there: a postmortem in Markdown or as one HTML file, the timeline in the
// shape that Timesketch imports, and everything as versioned JSON.
//
// An export carries where it comes from: incident and address, who made it and
// when, engine and weights, window, and the checksum of the evidence bundle.
// Its texts are as hostile as the report's; each writer escapes for its own
// format.
package export

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.1118 generate -path .

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/ui/visible"
)

// Envelope says where an export comes from. It is not part of the report.
type Envelope struct {
	Incident   string          `json:"incident"`
	URL        string          `json:"url"`
	ExportedAt time.Time       `json:"exported_at"`
	ExportedBy string          `json:"exported_by"`
	Exporter   string          `json:"exporter"` // program and version
	Engine     string          `json:"engine"`
	Weights    string          `json:"weights"`
	Revision   int             `json:"revision"`
	Window     evidence.Window `json:"window"`
	// Bundle says what became of the evidence bundle, and BundleSHA256 is its
	// digest once it was kept.
	Bundle       casefile.BundleState `json:"bundle,omitempty"`
	BundleSHA256 string               `json:"bundle_sha256,omitempty"`
	// Poorer are the sources of which the revision had fewer answers than the one
	// before it, which it did not replace.
	Poorer []string `json:"poorer,omitempty"`
}

// Input is what there is to export.
type Input struct {
	Envelope Envelope
	Incident casefile.Incident
	Report   report.Report
	Raw      []byte // the exact bytes of the report
	Notes    []casefile.Note
	Feedback []casefile.Feedback
	// ShowAuthors names people; without it there are commits and roles only.
	ShowAuthors bool
	// Trace is the address of a trace, or of a span of it, in the tracing backend's own
	// pages; empty, or nil, where there is none.
	Trace func(trace, span string) string
	// Replayed says that the evidence is a recording: when it was received and
	// reported here is no fact about the incident.
	Replayed bool
}

// Format is one way out.
type Format struct {
	Name        string
	ContentType string
	Extension   string
	write       func(io.Writer, Input) error
}

// Formats lists all formats but the evidence bundle, which is not made from a
// report.
func Formats() []Format {
	return []Format{
		{"markdown", "text/markdown; charset=utf-8", "md", Markdown},
		{"csv", "text/csv; charset=utf-8; header=present", "csv", CSV},
		{"jsonl", "application/jsonl", "jsonl", JSONL},
		{"json", "application/json", "json", JSON},
		{"html", "text/html; charset=utf-8", "html", HTML},
	}
}

// ByName finds a format; evidence.ErrInvalid, with the names there are, when
// there is none.
func ByName(name string) (Format, error) {
	all := Formats()
	if i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name }); i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return Format{}, fmt.Errorf("format is %q and must be %s or bundle: %w", name, strings.Join(names, ", "), evidence.ErrInvalid)
}

// Write writes an incident in this format.
func (f Format) Write(w io.Writer, in Input) error {
	if err := f.write(w, in); err != nil {
		return fmt.Errorf("export %s as %s: %w", in.Envelope.Incident, f.Name, err)
	}
	return nil
}

// JSONVersion names the shape of the JSON export; a change that is not an
// addition makes a new one.
const JSONVersion = "wherefore.incident/1"

// JSON writes everything without loss: every value of the report stands in it
// as it is there. Invisible characters are written as JSON escapes.
func JSON(w io.Writer, in Input) error {
	raw := in.Raw
	if len(raw) == 0 {
		var err error
		if raw, err = json.Marshal(in.Report); err != nil {
			return err
		}
	}
	b, err := json.Marshal(struct {
		Format   string              `json:"format"`
		Export   Envelope            `json:"export"`
		Incident casefile.Incident   `json:"incident"`
		Report   json.RawMessage     `json:"report"`
		Notes    []casefile.Note     `json:"notes"`
		Feedback []casefile.Feedback `json:"feedback"`
	}{JSONVersion, in.Envelope, in.Incident, raw, append([]casefile.Note{}, in.Notes...), append([]casefile.Feedback{}, in.Feedback...)})
	if err != nil {
		return err
	}
	_, err = w.Write(append(escapeHidden(b), '\n'))
	return err
}

// escapeHidden writes invisible characters in JSON as escapes. Outside strings
// JSON has none, so the value stays the same.
func escapeHidden(b []byte) []byte {
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x7f && visible.Hidden(r) }) {
		return b
	}
	var out bytes.Buffer
	for _, r := range string(b) {
		switch {
		case r < 0x7f || !visible.Hidden(r):
			out.WriteRune(r)
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

// HTML writes one self-contained file that pastes into a wiki: semantic
// headings and tables, no script, nothing to fetch.
func HTML(w io.Writer, in Input) error {
	return htmlDocument(document(in)).Render(context.Background(), w)
}

// unbroken reports whether a cell has a word so long that it must be broken;
// breaking others would leave narrow columns of single letters.
func unbroken(cell string) bool {
	const longest = 24
	return slices.ContainsFunc(strings.Fields(cell), func(w string) bool { return len(w) > longest })
}
