package bundle

import (
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon" // OpenTelemetry's own reader of the file-exporter format
)

// unknownService is what a resource without service.name is called, as in Loki.
const unknownService = "unknown_service"

const serviceName = "service.name"

// words keeps one copy of strings that repeat, as attribute names do. It is
// bounded so that a file of distinct values cannot fill it.
type words map[string]string

const maxWords = 1 << 16

func (w words) keep(s string) string {
	if len(s) > 128 {
		return strings.Clone(validText(s))
	}
	if k, ok := w[s]; ok {
		return k
	}
	s = strings.Clone(validText(s))
	if len(w) < maxWords {
		w[s] = s
	}
	return s
}

// validText replaces bytes that are not UTF-8, which JSON decoders let pass.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// attributes renders a pdata map as text; nil when it is empty. Structured
// values become their JSON.
func (w words) attributes(m pcommon.Map) map[string]string {
	if m.Len() == 0 {
		return nil
	}
	out := make(map[string]string, m.Len())
	m.Range(func(k string, v pcommon.Value) bool {
		out[w.keep(k)] = w.keep(v.AsString())
		return true
	})
	return out
}

// resource renders resource attributes and names their service.
func (w words) resource(r pcommon.Resource) (attributes map[string]string, service string) {
	attributes = w.attributes(r.Attributes())
	service = attributes[serviceName]
	if service == "" {
		service = unknownService
	}
	return attributes, service
}

func instant(t pcommon.Timestamp) time.Time { return time.Unix(0, int64(t)).UTC() }

// plausible reports whether a nanosecond stamp fits a time.Time. Stamps past
// 2262 wrap to negative numbers and are refused.
func plausible(t pcommon.Timestamp) bool { return t > 0 && int64(t) > 0 }
