package metric

import (
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Measured is the class of a series as it is read: by its name, the statistic that
// was asked for, and the kind of metric. The rate of a histogram's or a summary's
// count is how often something happens, not how long it takes, and what a scraper
// says about its own scraping is no evidence at all.
func Measured(name, stat string, kind evidence.MetricKind) Class {
	if Bookkeeping(name) {
		return ClassLimit
	}
	c := ClassOf(name)
	if stat == "rate" && (c == ClassSockets || c == ClassThreads || c == ClassMemory && strings.Contains(name, "_bytes")) {
		return ClassOther // what is allocated, opened or started a second is work; what is held is use
	}
	if stat == "rate" && (c == ClassLatency || c == ClassSaturation || c == ClassGC) && (kind == evidence.MetricHistogram || kind == evidence.MetricSummary || strings.HasSuffix(name, "_seconds") || strings.HasSuffix(name, "_count")) {
		if c == ClassLatency {
			return ClassTraffic
		}
		return ClassOther
	}
	return c
}

// requestWords are those of what is counted once per request; "handled" is the word of
// gRPC's middleware for Prometheus, "rq" Envoy's.
var requestWords = []string{"requests", "request", "req", "rq", "handled", "rps", "qps", "tps", "ops", "calls", "workload", "throughput", "hits", "invocations", "rpc", "load"}

// innerWords are those of steps within a request, of which one may need many.
var innerWords = []string{"cache", "db", "database", "sql", "query", "queries", "redis", "retry", "retries"}

// CountsRequests reports whether a series counts requests that its entity gets, and
// not bytes, events, steps within requests, or calls that it makes itself.
func CountsRequests(name, stat string, kind evidence.MetricKind) bool {
	if Measured(name, stat, kind) != ClassTraffic || OfClient(name) {
		return false
	}
	words := NameWords(name)
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(innerWords, w) }) {
		return false
	}
	return stat == "rate" && ClassOf(name) == ClassLatency || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(requestWords, w) })
}

// OfClient reports whether a metric is about calls that the entity makes, so
// that what it shows happened behind the entity.
func OfClient(name string) bool {
	words := NameWords(name)
	for _, w := range words {
		switch w {
		case "client", "outbound", "upstream", "egress", "dependency":
			return true
		case "downstream":
			// Whoever calls an Envoy is downstream of it; its requests are "rq", its
			// connections "cx" (Envoy's statistics of an HTTP connection manager).
			return !slices.Contains(words, "rq") && !slices.Contains(words, "cx")
		}
	}
	return false
}

// FullAt is the value at which a utilisation is complete, 1 or 100; 0 for what is
// none. highest is the highest value that was seen, over how many times full a
// reading may be: a few per cent over are rounding of a quota, far over is a sum
// over cores.
func FullAt(name, unit string, highest, over float64) float64 {
	if c := ClassOf(name); c != ClassCPU && c != ClassMemory && c != ClassDisk && c != ClassSockets {
		return 0
	}
	words := NameWords(name)
	ratio := slices.ContainsFunc(words, func(w string) bool { return w == "ratio" || w == "utilization" || w == "utilisation" })
	pct := unit == "%" || slices.ContainsFunc(words, func(w string) bool { return w == "percent" || w == "pct" || w == "percentage" })
	switch {
	case pct && highest <= wholePercent*over && highest > over:
		return wholePercent
	case ratio && highest <= over:
		return 1
	}
	return 0
}

// wholePercent is everything, in per cent.
const wholePercent = 100

// CeilingBelow is the value of a success rate at which nothing fails, 1 or 100, by
// the highest value that was seen; 0 for any other series.
func CeilingBelow(c Class, highest float64) float64 {
	switch {
	case c != ClassSuccess || highest <= 0 || highest > wholePercent:
		return 0
	case highest <= 1:
		return 1
	}
	return wholePercent
}
