package main

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// maskedLog is a log in which secrets are masked: errors repeat what servers
// answer, and servers repeat what they were sent.
type maskedLog struct{ zapcore.Core }

func (c maskedLog) With(fields []zapcore.Field) zapcore.Core {
	return maskedLog{c.Core.With(maskedFields(fields))}
}

func (c maskedLog) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return to.AddCore(e, c)
	}
	return to
}

func (c maskedLog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	e.Message = mask.Text(e.Message)
	return c.Core.Write(e, maskedFields(fields))
}

func maskedFields(fields []zapcore.Field) []zapcore.Field {
	out := make([]zapcore.Field, len(fields))
	for i, f := range fields {
		switch f.Type {
		case zapcore.StringType:
			f.String = mask.Text(f.String)
		case zapcore.ErrorType:
			if err, ok := f.Interface.(error); ok {
				f = zap.String(f.Key, mask.Text(err.Error()))
			}
		}
		out[i] = f
	}
	return out
}
