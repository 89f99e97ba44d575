package kit

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Keys of every line.
const (
	keyTrace = "trace_id"
	keySpan  = "span_id"
)

// Slog puts trace ID, span ID and source into every line of a handler that is
// logged with a context, as slog.InfoContext does, beside the groups that a logger
// opened and not in them. The handler's own AddSource stays off. In the place of none,
// and of Go's own default one, which waits for itself once it is below a default logger
// (golang.org/issue/62424), lines are written as text to where package log writes them.
func Slog(next slog.Handler) slog.Handler {
	if next == nil || fmt.Sprintf("%T", next) == "*slog.defaultHandler" {
		next = slog.NewTextHandler(log.Writer(), nil)
	}
	if own, ok := next.(slogHandler); ok {
		return own // it says so already
	}
	return slogHandler{Handler: next, root: next}
}

// slogHandler keeps what it says of a line out of the groups that a logger opened,
// where nobody would find it.
type slogHandler struct {
	slog.Handler // with groups and all

	root  slog.Handler                      // as it was before the first group
	inner []func(slog.Handler) slog.Handler // what was opened and added since
}

func (h slogHandler) Handle(ctx context.Context, r slog.Record) error {
	var list []slog.Attr
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		list = append(list, slog.String(keyTrace, s.TraceID().String()), slog.String(keySpan, s.SpanID().String()))
	}
	if f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next(); r.PC != 0 && f.File != "" {
		list = append(list, slog.Any(slog.SourceKey, &slog.Source{Function: f.Function, File: f.File, Line: f.Line}))
	}
	if len(h.inner) == 0 {
		r = r.Clone()
		r.AddAttrs(list...)
		return h.Handler.Handle(ctx, r)
	}
	next := h.root.WithAttrs(list)
	for _, open := range h.inner {
		next = open(next)
	}
	return next.Handle(ctx, r)
}

func (h slogHandler) WithAttrs(list []slog.Attr) slog.Handler {
	if len(list) == 0 {
		return h
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithAttrs(list) }, len(h.inner) > 0)
}

func (h slogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(func(next slog.Handler) slog.Handler { return next.WithGroup(name) }, true)
}

func (h slogHandler) with(add func(slog.Handler) slog.Handler, inGroup bool) slog.Handler {
	out := slogHandler{Handler: add(h.Handler), root: h.root}
	if inGroup {
		out.inner = append(slices.Clone(h.inner), add)
	} else {
		out.root = out.Handler
	}
	return out
}

// ungrouped is a handler without the groups that its logger opened, as far as that
// can be told.
func ungrouped(h slog.Handler) slog.Handler {
	if own, ok := h.(slogHandler); ok {
		return slogHandler{Handler: own.root, root: own.root}
	}
	return h
}

// In is a zap field that says in which context a line is logged; Zap makes the
// trace out of it. Elsewhere it writes nothing.
func In(ctx context.Context) zap.Field {
	return zap.Field{Key: "context", Type: zapcore.SkipType, Interface: ctx}
}

// Zap puts trace ID, span ID and source into every line of a core. The trace is
// that of In, among a line's fields or a logger's own; the source needs
// zap.AddCaller.
func Zap(next zapcore.Core) zapcore.Core {
	if own, ok := next.(*zapCore); ok {
		return own // it says so already
	}
	return &zapCore{Core: next}
}

type zapCore struct {
	zapcore.Core

	ctx context.Context //nolint:containedctx // a logger is made for a request
}

func (c *zapCore) With(fields []zap.Field) zapcore.Core {
	return &zapCore{Core: c.Core.With(fields), ctx: contextIn(fields, c.ctx)}
}

func (c *zapCore) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if chosen := c.Core.Check(e, nil); chosen != nil {
		return to.AddCore(e, &zapLine{c, chosen})
	}
	return to
}

// zapLine is one line on its way to those cores below that take it: each of them has
// a level of its own, and a sampler leaves lines out.
type zapLine struct {
	*zapCore

	chosen *zapcore.CheckedEntry
}

// Write implements zapcore.Core. It is called once.
func (l *zapLine) Write(e zapcore.Entry, fields []zap.Field) error {
	var failed faultText
	l.chosen.Entry, l.chosen.ErrorOutput = e, &failed // with what the logger found since
	l.chosen.Write(l.fields(e, fields)...)
	return failed.err()
}

// faultText takes what zap says of cores that could not write.
type faultText struct{ strings.Builder }

// Sync implements zapcore.WriteSyncer.
func (*faultText) Sync() error { return nil }

func (t *faultText) err() error {
	if t.Len() == 0 {
		return nil
	}
	return errors.New(strings.TrimSpace(t.String()))
}

// Write implements zapcore.Core for who asks no Check before.
func (c *zapCore) Write(e zapcore.Entry, fields []zap.Field) error {
	return c.Core.Write(e, c.fields(e, fields))
}

// fields are a line's, with what is said of it.
func (c *zapCore) fields(e zapcore.Entry, fields []zap.Field) []zap.Field {
	out := append([]zap.Field{}, fields...)
	if ctx := contextIn(fields, c.ctx); ctx != nil {
		if s := trace.SpanContextFromContext(ctx); s.IsValid() {
			out = append(out, zap.String(keyTrace, s.TraceID().String()), zap.String(keySpan, s.SpanID().String()))
		}
	}
	if e.Caller.Defined {
		out = append(out, zap.Dict(slog.SourceKey, zap.String("function", e.Caller.Function), zap.String("file", e.Caller.File), zap.Int("line", e.Caller.Line)))
	}
	return out
}

func contextIn(fields []zap.Field, otherwise context.Context) context.Context {
	for _, f := range fields {
		if ctx, ok := f.Interface.(context.Context); ok && f.Type == zapcore.SkipType {
			otherwise = ctx
		}
	}
	return otherwise
}
