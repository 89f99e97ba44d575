// Package logline reads log lines as programs write them: what a line says,
// how bad it is, which trace it belongs to, which line of code wrote it, and
// the stack and error in it. It is the one reader for every source of lines. How bad
// a line is, is told in severity.go by the level that it names, and in
// severity_words.go by what it says.
//
// Read in full: a JSON object (zap, zerolog, slog, logrus, pino, bunyan,
// winston, Serilog's compact form, .NET, Logstash's encoders, ECS, MongoDB),
// logfmt, and text that begins with any order of time, level, thread, process,
// logger, place in code and trace, as klog, glog, Go's log, logback, Spring
// Boot, Sleuth, zap's console, Python's logging, Rails, Rust, .NET's console,
// nginx, Envoy, Redis, PostgreSQL and MySQL write, and as programs that keep to
// no pattern do, see programs.go; access logs of nginx, Envoy, Squid and IIS; syslog; and all of these in the wrapping of a container's runtime,
// with or without terminal colours. A line of another shape stays as it is.
//
// Lines are hostile: what is read of one is bounded in bytes, fields and depth,
// what is over is counted in LogLine.Cut, and no line is refused.
package logline

import (
	"fmt"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on one line.
const (
	maxBody   = 256 << 10 // bytes of a line that are kept and read
	maxStack  = 64 << 10  // bytes of a stack
	maxValue  = 4 << 10   // bytes of one field, stacks and messages aside
	maxFields = 128       // fields that are kept; all are looked at for what they say
	maxDepth  = 8         // of nested objects
	maxWraps  = 4         // wrappings around a line that are taken off
)

// Keys are further names of fields, beside the ones that are known; see
// docs/log-lines.md. Upper and lower case, dots, underscores and hyphens make
// no difference, and nested names are joined.
type Keys struct {
	TraceID  []string `yaml:"trace_id,omitempty"`
	SpanID   []string `yaml:"span_id,omitempty"`
	Severity []string `yaml:"severity,omitempty"`
	Message  []string `yaml:"message,omitempty"`
	Caller   []string `yaml:"caller,omitempty"`
	Stack    []string `yaml:"stack,omitempty"`
	Error    []string `yaml:"error,omitempty"`
	Logger   []string `yaml:"logger,omitempty"`
}

// Reader reads lines. It is safe for concurrent use.
type Reader struct{ fields map[string]meaning }

// Default reads with the keys that are known.
var Default = &Reader{fields: known}

// New is a reader that knows further keys; an empty or overlong one is refused.
func New(k Keys) (*Reader, error) {
	r := &Reader{fields: make(map[string]meaning, len(known))}
	for name, m := range known {
		r.fields[name] = m
	}
	for _, c := range []struct {
		of    string
		names []string
		is    field
		as    string
	}{
		{"trace_id", k.TraceID, fieldTrace, ""}, {"span_id", k.SpanID, fieldSpan, ""}, {"severity", k.Severity, fieldLevel, ""},
		{"message", k.Message, fieldMessage, ""}, {"caller", k.Caller, fieldCaller, "caller"}, {"stack", k.Stack, fieldStack, "exception.stacktrace"},
		{"error", k.Error, fieldError, "error"}, {"logger", k.Logger, fieldLogger, "logger"},
	} {
		for _, name := range c.names {
			n := plainKey(nil, name)
			if len(n) == 0 || len(name) > maxKey {
				return nil, fmt.Errorf("%s: %.80q is no name of a field", c.of, name)
			}
			r.fields[string(n)] = meaning{is: c.is, rank: 9, as: c.as}
		}
	}
	return r, nil
}

// Read fills in what a line's body and attributes say. What the line bears
// already, since its transport said so, stays; the time is read only where it
// is zero. Attributes are replaced and never written to.
func (r *Reader) Read(l *evidence.LogLine) {
	c := &reading{reader: r, line: l}
	if n := len(l.Body); n > maxBody {
		l.Body = strings.Clone(evidence.Cut(l.Body, maxBody))
		l.Cut += n - len(l.Body)
	}
	for k, v := range l.Attributes {
		c.see(k, v)
	}
	c.kept = len(l.Attributes)
	c.body(l.Body)
	c.settle()
	event(l)
}

// Beside are the attributes of a line that its body alone would not give again:
// what has to be stored with it.
func Beside(l *evidence.LogLine) map[string]string {
	if len(l.Attributes) == 0 {
		return nil
	}
	bare := evidence.LogLine{Body: l.Body, Time: l.Time}
	Default.Read(&bare)
	if len(bare.Attributes) == 0 {
		return l.Attributes
	}
	beside := map[string]string{}
	for k, v := range l.Attributes {
		if said, ok := bare.Attributes[k]; !ok || said != v {
			beside[k] = v
		}
	}
	return beside
}
