package gather

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casetest"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/logline"
)

// hostile are lines of a size that nobody can use, as they come in a stream.
func hostile() map[string][]string {
	var keys strings.Builder
	keys.WriteString(`{"level":"error","msg":"keys"`)
	for i := range 1_000_000 {
		keys.WriteString(`,"k` + strconv.Itoa(i) + `":1`)
	}
	frames := []string{"ERROR frames", "java.lang.AException: y"}
	for range 100_000 {
		frames = append(frames, "\tat a.B.c(B.java:29)")
	}
	return map[string][]string{
		"a line of 100 MB":          {`{"level":"error","msg":"long","x":"` + strings.Repeat("x", 100<<20) + `"}`},
		"a million keys":            {keys.String() + "}"},
		"nested objects":            {`{"level":"error","msg":"nested","x":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_001)},
		"a hundred thousand frames": frames,
	}
}

// TestLinesOfAnySizeAreSaidInTheCoverage has a service write one line of each
// kind: it is cut, counted and said, and what else was written is all there.
func TestLinesOfAnySizeAreSaidInTheCoverage(t *testing.T) {
	for name, texts := range hostile() {
		w := casetest.NewWorld()
		before := len(w.Lines)
		at := casetest.WorldNow.Add(-2 * time.Minute)
		var stream []evidence.LogLine
		for _, text := range texts {
			stream = append(stream, evidence.LogLine{Time: at, Service: "shop", Body: text})
		}
		for _, l := range logline.Join(stream) {
			logline.Default.Read(&l)
			w.Lines = append(w.Lines, l)
		}
		if got := len(w.Lines) - before; got != 1 {
			t.Errorf("%s: %d lines, want one", name, got)
		}
		c, err := New(w.Sources(), Options{}.WithDefaults(), w.Request()).Collect(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		size, lines := 0, 0
		for i := range c.Logs {
			lines++
			size += len(c.Logs[i].Body) + len(c.Logs[i].Stack)
			for k, v := range c.Logs[i].Attributes {
				size += len(k) + len(v)
			}
		}
		if size > 2<<20 || lines < 2 {
			t.Errorf("%s: %d bytes are kept in %d lines", name, size, lines)
		}
		for _, r := range c.Coverage {
			if r.Key == evidence.TopicLines && (r.Cut != 1 || r.Status != evidence.CoverageAnswered) {
				t.Errorf("%s: the coverage says %s and %d lines cut, want one of an answer", name, r.Status, r.Cut)
			}
		}
	}
}

// TestATraceIDThatIsNoneIsNone has lines whose field for a trace ID holds something
// else, beside one that holds one.
func TestATraceIDThatIsNoneIsNone(t *testing.T) {
	for _, text := range []string{
		`{"level":"error","msg":"m","trace_id":"N/A"}`, `{"level":"error","msg":"m","trace_id":"00000000000000000000000000000000"}`,
		`{"level":"error","msg":"m","trace_id":"` + strings.Repeat("f", 4096) + `"}`, `level=error msg=m trace_id=undefined`,
		`level=error msg=m trace_id=4bf92f3577b34da6a3ce929d0e0e473z`, `{"level":"error","msg":"m","trace_id":{"a":[1]}}`, `{"level":"error","msg":"m","trace_id":-7}`,
	} {
		l := evidence.LogLine{Time: casetest.WorldNow, Body: text}
		logline.Default.Read(&l)
		if l.TraceID != "" || l.Severity != evidence.SeverityError || l.Text() != "m" {
			t.Errorf("%.80s: got the trace %q, %v, %q", text, l.TraceID, l.Severity, l.Text())
		}
	}
}
