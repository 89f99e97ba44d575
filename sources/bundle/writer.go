package bundle

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/changes"
)

// WriterOptions say how a bundle is written.
type WriterOptions struct {
	// Gzip packs spans, logs and metrics.
	Gzip bool
	// Redact masks secrets in all text; nil writes it as it is.
	Redact *Redactor
}

// Writer writes one bundle, member by member. Spans, logs, edges, changes and
// commits are written as they come; samples are held until Close, because
// OpenMetrics wants each metric in one piece and in order. It is not safe for
// concurrent use. After an error every call returns that error.
type Writer struct {
	dir      string
	manifest Manifest
	opts     WriterOptions
	files    map[string]*memberWriter
	spans    []evidence.Span
	logs     []evidence.LogLine
	samples  *metricText
	err      error
}

// NewWriter starts a bundle in a directory, which is made when missing and must
// be empty. The manifest's version and digests are the writer's to fill in.
func NewWriter(dir string, m Manifest, o WriterOptions) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("bundle %s: the directory is not empty; remove it or choose another: %w", dir, evidence.ErrInvalid)
	}
	m.Version, m.SHA256 = Version, map[string]string{}
	return &Writer{dir: dir, manifest: m, opts: o, files: map[string]*memberWriter{}, samples: newMetricText()}, nil
}

// Window names a time range in the manifest, once what is in it is written.
func (w *Writer) Window(name string, x evidence.Window) {
	windows := maps.Clone(w.manifest.Windows) // the caller's
	if windows == nil {
		windows = map[string]evidence.Window{}
	}
	windows[name] = x
	w.manifest.Windows = windows
}

// Entities says in the manifest who may be blamed.
func (w *Writer) Entities(names []string) { w.manifest.Entities = names }

// NotConfigured says in the manifest that a source was not there to be asked.
func (w *Writer) NotConfigured(source string) {
	if list := w.manifest.NotConfigured; !slices.Contains(list, source) {
		w.manifest.NotConfigured = append(slices.Clone(list), source)
	}
}

// Code says in the manifest which members hold whose code.
func (w *Writer) Code(places []CodePlace) { w.manifest.Code = places }

// memberWriter digests what goes to disk.
type memberWriter struct {
	file *os.File
	sum  hash.Hash
	buf  *bufio.Writer // in front of file and sum
	zip  *gzip.Writer  // in front of buf, nil when plain
}

func (m *memberWriter) Write(p []byte) (int, error) {
	if m.zip != nil {
		return m.zip.Write(p)
	}
	return m.buf.Write(p)
}

func (m *memberWriter) close() error {
	var err error
	if m.zip != nil {
		err = m.zip.Close()
	}
	return errors.Join(err, m.buf.Flush(), m.file.Close())
}

// member opens a member for writing, or returns it when it is open already.
func (w *Writer) member(name string, pack bool) (*memberWriter, error) {
	if pack && w.opts.Gzip {
		name += gzipSuffix
	}
	if m := w.files[name]; m != nil {
		return m, nil
	}
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	m := &memberWriter{file: f, sum: sha256.New()}
	m.buf = bufio.NewWriterSize(io.MultiWriter(f, m.sum), 64<<10)
	if pack && w.opts.Gzip {
		m.zip = gzip.NewWriter(m.buf)
	}
	w.files[name] = m
	return m, nil
}

func (w *Writer) line(name string, pack bool, raw []byte) {
	if w.err != nil {
		return
	}
	var m *memberWriter
	if m, w.err = w.member(name, pack); w.err != nil {
		return
	}
	if _, w.err = m.Write(raw); w.err == nil {
		_, w.err = m.Write([]byte{'\n'})
	}
}

func (w *Writer) jsonLine(name string, v any) {
	if w.err != nil {
		return
	}
	var raw []byte
	if raw, w.err = plainJSON(v); w.err == nil {
		w.line(name, false, raw)
	}
}

// plainJSON is json.Marshal without HTML escapes, so that a bundle can be read
// and searched by people.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte{'\n'}), err
}

// Alert writes the alert; each bundle has exactly one.
func (w *Writer) Alert(a evidence.Alert) error {
	r := w.opts.Redact
	a.Annotations = r.Map(a.Annotations)
	list := make([]evidence.AlertInstance, len(a.Instances))
	for i, x := range a.Instances {
		x.Annotations = r.Map(x.Annotations)
		list[i] = x
	}
	a.Instances = list
	w.jsonLine(AlertFile, webhookOf(a))
	return w.err
}

// Edges adds calls to the graph.
func (w *Writer) Edges(edges ...evidence.Edge) error {
	for _, e := range edges {
		w.jsonLine(GraphFile, e)
	}
	return w.err
}

// Changes adds change events.
func (w *Writer) Changes(list ...evidence.Change) error {
	for _, c := range list {
		if w.err != nil {
			break
		}
		c.Summary, c.Attributes = w.opts.Redact.Text(c.Summary), w.opts.Redact.Map(c.Attributes)
		var raw []byte
		if raw, w.err = changes.Encode(c); w.err == nil {
			w.line(ChangesFile, false, raw)
		}
	}
	return w.err
}

// Commits adds commits.
func (w *Writer) Commits(commits ...evidence.Commit) error {
	for _, c := range commits {
		c.Message, c.Diff = w.opts.Redact.Code(c.Message), w.opts.Redact.Code(c.Diff)
		w.jsonLine(CommitsFile, c)
	}
	return w.err
}

// Rules writes the alerting rules, all at once.
func (w *Writer) Rules(rules []evidence.Rule) error {
	var f ruleFile
	at := map[string]int{}
	for _, r := range rules {
		i, ok := at[r.Group]
		if !ok {
			i = len(f.Groups)
			at[r.Group] = i
			f.Groups = append(f.Groups, ruleGroup{Name: r.Group})
		}
		j := ruleJSON{Alert: r.Name, Expr: r.Expr, Labels: r.Labels}
		if r.For > 0 {
			j.For = prometheusDuration(r.For)
		}
		f.Groups[i].Rules = append(f.Groups[i].Rules, j)
	}
	w.jsonLine(RulesFile, f)
	return w.err
}

// Coverage writes how the recording's questions ended, all at once.
func (w *Writer) Coverage(c []evidence.Coverage) error {
	said := slices.Clone(c) // the caller's
	for i := range said {
		said[i].Query, said[i].Detail = w.opts.Redact.Text(said[i].Query), w.opts.Redact.Text(said[i].Detail)
		said[i].Calls = slices.Clone(said[i].Calls)
		for j := range said[i].Calls {
			said[i].Calls[j].Query = w.opts.Redact.Text(said[i].Calls[j].Query)
		}
	}
	w.jsonLine(CoverageFile, said)
	return w.err
}

// File adds a member as it is: decisions/…, profiles/… or repo.bundle.
func (w *Writer) File(name string, r io.Reader) error {
	if w.err != nil {
		return w.err
	}
	if name == labelFile || name == ManifestFile || !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("bundle: %q is not a member to add: %w", name, evidence.ErrInvalid)
	}
	var m *memberWriter
	if m, w.err = w.member(name, false); w.err == nil {
		_, w.err = io.Copy(m, r)
	}
	return w.err
}

// Close writes what was held back and the manifest. A bundle without it cannot
// be opened.
func (w *Writer) Close() error {
	w.flushSpans()
	w.flushLogs()
	if w.err == nil && !w.samples.empty() {
		var m *memberWriter
		if m, w.err = w.member(MetricsFile, true); w.err == nil {
			w.err = w.samples.writeTo(m)
		}
	}
	for name, m := range w.files {
		w.err = errors.Join(w.err, m.close())
		w.manifest.SHA256[name] = hexSum(m.sum)
	}
	clear(w.files)
	if w.err != nil {
		return w.err
	}
	if n := w.opts.Redact.Counts(); len(n) > 0 {
		w.manifest.Redactions = maps.Clone(n)
	}
	if w.err = w.manifest.validate(); w.err != nil {
		return w.err
	}
	raw, err := json.MarshalIndent(w.manifest, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, ManifestFile), append(raw, '\n'), 0o644)
	}
	w.err = err
	return err
}
