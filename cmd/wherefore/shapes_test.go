package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// TestTheShapeOfLinesChangesNothing rewrites the lines of the recorded incidents
// as teams ship them who send no OTLP, all of a line in its text: the same
// causes, points, commits and lines under the trace come out.
func TestTheShapeOfLinesChangesNothing(t *testing.T) {
	testenv.NeedsSets(t)
	cases, err := filepath.Glob("../../fixtures/recorded/lab/*")
	if err != nil || len(cases) < 10 {
		t.Fatalf("got %d recordings, %v", len(cases), err)
	}
	var lines atomic.Int64 // under the traces that are shown
	t.Cleanup(func() {
		if lines.Load() == 0 {
			t.Error("no trace is shown with lines: they were not compared")
		}
	})
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			want := gist(t, dir)
			if lines.Add(int64(len(want.Lines))); len(want.Causes) == 0 {
				t.Errorf("got %+v, want causes", want)
			}
			for name, shape := range map[string]shape{"json": asJSON, "logfmt": asLogfmt} {
				if d := gocmp.Diff(want, gist(t, rewritten(t, dir, shape))); d != "" {
					t.Errorf("%s (-as recorded +rewritten):\n%s", name, d)
				}
			}
		})
	}
}

// answered is what must not change with the shape of lines.
type answered struct {
	Verdict string
	Causes  []string // by rank, with the mechanism and what set them off
	Commits []string // of the first cause
	Lines   []string // under the trace
}

func gist(t *testing.T, dir string) (a answered) {
	t.Helper()
	s, req, done, err := backend.OpenBundle(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := investigateForEval(t.Context(), s, req)
	if err := done(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.Verdict = string(r.Verdict.Word)
	for i, c := range r.Causes {
		if c.Score > 0 {
			a.Causes = append(a.Causes, fmt.Sprintf("%s %s/%s %d", c.Entity.Name, c.Mechanism, c.Trigger, c.Score))
		}
		for _, k := range c.Commits {
			if i == 0 {
				a.Commits = append(a.Commits, fmt.Sprintf("%s %d", k.SHA, k.Score))
			}
		}
	}
	if r.Trace != nil {
		for _, l := range r.Trace.Logs {
			a.Lines = append(a.Lines, fmt.Sprintf("%s %s %s %s %s:%d %s", l.Time, l.Service, l.Severity, l.SpanID, l.Caller.File, l.Caller.Line, l.Said()))
		}
	}
	return a
}

// A shape writes the fields of a line as one text, in the order given.
type shape func(fields [][2]string) string

func asJSON(fields [][2]string) string {
	var b bytes.Buffer
	for i, f := range fields {
		key, _ := json.Marshal(f[0])
		value, _ := json.Marshal(f[1])
		fmt.Fprintf(&b, "%c%s:%s", "{,"[min(i, 1)], key, value)
	}
	return b.String() + "}"
}

func asLogfmt(fields [][2]string) string {
	var words []string
	for _, f := range fields {
		if f[1] == "" || strings.ContainsAny(f[1], " =\"\\\n\t") {
			f[1] = strconv.Quote(f[1])
		}
		words = append(words, f[0]+"="+f[1])
	}
	return strings.Join(words, " ")
}

// rewritten is a copy of a bundle in which a line bears its stream and its time
// beside its text, and nothing else.
func rewritten(t *testing.T, dir string, write shape) string {
	t.Helper()
	const member = "logs.jsonl.gz"
	copied := filepath.Join(t.TempDir(), "b")
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, member))
	if err != nil {
		t.Fatal(err)
	}
	in, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var d logsData
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		d.rewrite(write)
		if err := json.NewEncoder(packed).Encode(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(out.Bytes())
	was := sha256.Sum256(raw)
	manifest, err := os.ReadFile(filepath.Join(copied, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	manifest = bytes.ReplaceAll(manifest, []byte(hex.EncodeToString(was[:])), []byte(hex.EncodeToString(sum[:])))
	for name, content := range map[string][]byte{member: out.Bytes(), "manifest.json": manifest} {
		if err := os.WriteFile(filepath.Join(copied, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// logsData is what the rewriting reads of OTLP's JSON.
type logsData struct {
	ResourceLogs []struct {
		Resource  json.RawMessage `json:"resource"`
		ScopeLogs []struct {
			Scope      json.RawMessage `json:"scope,omitempty"`
			LogRecords []logRecord     `json:"logRecords"`
		} `json:"scopeLogs"`
	} `json:"resourceLogs"`
}

type logRecord struct {
	Time       string     `json:"timeUnixNano"`
	Level      string     `json:"severityText,omitempty"`
	Body       otlpValue  `json:"body"`
	Attributes []otlpPair `json:"attributes,omitempty"`
	TraceID    string     `json:"traceId,omitempty"`
	SpanID     string     `json:"spanId,omitempty"`
}

type otlpPair struct {
	Key   string    `json:"key"`
	Value otlpValue `json:"value"`
}

type otlpValue struct {
	Text string `json:"stringValue"`
}

func (d *logsData) rewrite(write shape) {
	for _, r := range d.ResourceLogs {
		for _, s := range r.ScopeLogs {
			for i, l := range s.LogRecords {
				s.LogRecords[i] = logRecord{Time: l.Time, Body: otlpValue{write(l.fields())}}
			}
		}
	}
}

// fields are all that a record says but its time, which its transport keeps.
func (l *logRecord) fields() [][2]string {
	fields := [][2]string{{"level", l.Level}, {"msg", l.Body.Text}}
	for _, a := range l.Attributes {
		fields = append(fields, [2]string{a.Key, a.Value.Text})
	}
	fields = append(fields, [2]string{"trace_id", l.TraceID}, [2]string{"span_id", l.SpanID})
	return slices.DeleteFunc(fields, func(f [2]string) bool { return f[1] == "" })
}
