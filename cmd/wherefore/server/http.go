package server

import (
	"context"
	"net/http"

	"go.uber.org/zap"
)

type contextKey int

const (
	loggerKey contextKey = iota
	buildKey
)

// WithLogger puts a logger into a context; every request's context has one.
func WithLogger(ctx context.Context, log *zap.Logger) context.Context {
	return context.WithValue(ctx, loggerKey, log)
}

// Logger is the context's logger, one that writes nowhere when it has none.
func Logger(ctx context.Context) *zap.Logger {
	if l, ok := ctx.Value(loggerKey).(*zap.Logger); ok {
		return l
	}
	return zap.NewNop()
}

// WithBuild puts the program's version into a context.
func WithBuild(ctx context.Context, version string) context.Context {
	return context.WithValue(ctx, buildKey, version)
}

// Build is the context's version of the program.
func Build(ctx context.Context) string {
	v, _ := ctx.Value(buildKey).(string)
	return v
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush implements http.Flusher for event streams.
func (r *recorder) Flush() {
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// logged writes one line per request, at the debug level when all is well.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.now()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		log := Logger(r.Context()).Debug
		if rec.status >= http.StatusInternalServerError {
			log = Logger(r.Context()).Warn
		}
		log("request", zap.String("method", r.Method), zap.String("path", r.URL.Path), zap.Int("status", rec.status), zap.Duration("took", s.now().Sub(started)))
	})
}
