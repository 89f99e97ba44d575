package kit

import (
	"context"
	"log/slog"
	"runtime"

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
// logged with a context, as slog.InfoContext does. The handler's own AddSource
// stays off.
func Slog(next slog.Handler) slog.Handler { return slogHandler{next} }

type slogHandler struct{ slog.Handler }

func (h slogHandler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		r.AddAttrs(slog.String(keyTrace, s.TraceID().String()), slog.String(keySpan, s.SpanID().String()))
	}
	if f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next(); r.PC != 0 && f.File != "" {
		r.AddAttrs(slog.Any(slog.SourceKey, &slog.Source{Function: f.Function, File: f.File, Line: f.Line}))
	}
	return h.Handler.Handle(ctx, r)
}

func (h slogHandler) WithAttrs(list []slog.Attr) slog.Handler {
	return slogHandler{h.Handler.WithAttrs(list)}
}

func (h slogHandler) WithGroup(name string) slog.Handler {
	return slogHandler{h.Handler.WithGroup(name)}
}

// In is a zap field that says in which context a line is logged; Zap makes the
// trace out of it. Elsewhere it writes nothing.
func In(ctx context.Context) zap.Field {
	return zap.Field{Key: "context", Type: zapcore.SkipType, Interface: ctx}
}

// Zap puts trace ID, span ID and source into every line of a core. The trace is
// that of In, among a line's fields or a logger's own; the source needs
// zap.AddCaller.
func Zap(next zapcore.Core) zapcore.Core { return &zapCore{Core: next} }

type zapCore struct {
	zapcore.Core

	ctx context.Context //nolint:containedctx // a logger is made for a request
}

func (c *zapCore) With(fields []zap.Field) zapcore.Core {
	return &zapCore{Core: c.Core.With(fields), ctx: contextIn(fields, c.ctx)}
}

func (c *zapCore) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return to.AddCore(e, c)
	}
	return to
}

func (c *zapCore) Write(e zapcore.Entry, fields []zap.Field) error {
	out := append([]zap.Field{}, fields...)
	if ctx := contextIn(fields, c.ctx); ctx != nil {
		if s := trace.SpanContextFromContext(ctx); s.IsValid() {
			out = append(out, zap.String(keyTrace, s.TraceID().String()), zap.String(keySpan, s.SpanID().String()))
		}
	}
	if e.Caller.Defined {
		out = append(out, zap.Dict(slog.SourceKey, zap.String("function", e.Caller.Function), zap.String("file", e.Caller.File), zap.Int("line", e.Caller.Line)))
	}
	return c.Core.Write(e, out)
}

func contextIn(fields []zap.Field, otherwise context.Context) context.Context {
	for _, f := range fields {
		if ctx, ok := f.Interface.(context.Context); ok && f.Type == zapcore.SkipType {
			otherwise = ctx
		}
	}
	return otherwise
}
