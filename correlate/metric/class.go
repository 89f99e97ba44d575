package metric

import (
	"slices"
	"strings"
	"unicode"
)

// Class is what a series measures, told from its name, unit and kind by
// the vocabulary of the Prometheus and OpenTelemetry naming conventions. Names
// that say nothing are classOther and count little.
type Class int

const (
	ClassOther Class = iota
	ClassCPU
	ClassThrottle
	ClassMemory
	ClassDisk
	ClassGC
	ClassThreads
	ClassSockets
	ClassLatency
	ClassError
	ClassSuccess // falls when things go wrong
	ClassTraffic
	ClassNetwork // bytes and packets
	ClassRestart
	ClassSaturation // waiting for something bounded
	ClassInUse      // taken of something bounded
	ClassLimit      // what something is bounded by
	ClassExpiry     // time left of something that expires
	ClassAge        // lag or age of work not done
)

// Internal reports whether the class measures an entity's own resources, which
// do not propagate along calls (PRISM, arXiv 2601.21359).
func (c Class) Internal() bool {
	switch c {
	case ClassCPU, ClassThrottle, ClassMemory, ClassDisk, ClassGC, ClassThreads, ClassSockets:
		return true
	}
	return false
}

// String is the class as a report says it.
func (c Class) String() string {
	switch c {
	case ClassCPU:
		return "CPU"
	case ClassThrottle:
		return "throttling"
	case ClassMemory:
		return "memory"
	case ClassDisk:
		return "disk"
	case ClassGC:
		return "garbage collection"
	case ClassThreads:
		return "threads"
	case ClassSockets:
		return "connections"
	case ClassLatency:
		return "latency"
	case ClassError:
		return "errors"
	case ClassSuccess:
		return "success rate"
	case ClassTraffic:
		return "traffic"
	case ClassNetwork:
		return "network volume"
	case ClassRestart:
		return "restarts"
	case ClassSaturation:
		return "waiting"
	case ClassInUse:
		return "use"
	case ClassLimit:
		return "limit"
	case ClassExpiry:
		return "time to expiry"
	case ClassAge:
		return "backlog"
	}
	return "measure"
}

// classWords maps a word of a metric's name to what it measures. The first
// class in this order that has a word in the name wins, so that
// "http_request_errors_total" counts errors and "cpu_throttled_seconds"
// throttling. A word is compared with two that follow each other besides. Those
// that are not plain: load1, load5 and load15 are node_exporter's load averages,
// diskio is Telegraf's input, workload is the load that is offered, as performance
// engineering calls it.
var classWords = []struct {
	class Class
	words []string
}{
	{ClassExpiry, []string{"expiry", "expiration", "expires", "notafter"}},
	{ClassRestart, []string{"restart", "restarts", "oom", "oomkill", "oomkilled", "oomkills", "killed", "crash", "crashes", "crashloop", "evicted", "evictions"}},
	{ClassThrottle, []string{"throttle", "throttled", "throttling", "cfs", "steal", "pressure"}},
	{ClassLimit, []string{"limit", "limits", "max", "capacity", "quota", "maximum"}},
	{ClassSuccess, []string{"success", "availability", "available", "ready", "uptime", "healthy", "apdex"}},
	{ClassError, []string{"error", "errors", "err", "fail", "failed", "failure", "failures", "fault", "faults", "5xx", "4xx", "401", "403", "404", "429", "500", "502", "503", "504", "exception", "exceptions", "panic", "panics", "rejected", "rejections", "refused", "servfail", "nxdomain", "aborted", "dropped", "drops", "unhealthy", "timeouts", "timeout", "retries", "retry"}},
	{ClassSaturation, []string{"wait", "waiting", "waiters", "pending", "queue", "queued", "backlog", "blocked", "runnable", "saturation", "contention"}},
	{ClassInUse, []string{"inuse", "inflight", "use", "used", "active", "busy", "checked", "occupied"}},
	{ClassAge, []string{"lag", "age", "staleness", "behind", "oldest"}},
	{ClassGC, []string{"gc", "collection"}},
	{ClassCPU, []string{"cpu", "load1", "load5", "load15", "cores"}},
	{ClassMemory, []string{"mem", "memory", "rss", "heap", "working", "resident", "alloc", "swap"}},
	{ClassDisk, []string{"disk", "diskio", "fs", "filesystem", "io", "iops", "inode", "inodes", "volume", "storage"}},
	{ClassSockets, []string{"socket", "sockets", "fd", "fds", "connection", "connections", "conns", "conn", "sess", "sessions"}},
	{ClassThreads, []string{"thread", "threads", "goroutine", "goroutines", "process", "processes", "pids"}},
	{ClassLatency, []string{"latency", "duration", "elapsed", "delay", "rtt", "p50", "p75", "p90", "p95", "p99", "p999", "time", "seconds", "ms", "slow"}},
	{ClassNetwork, []string{"network", "net", "receive", "transmit", "rx", "tx", "bytes", "packets", "traffic"}},
	{ClassTraffic, []string{"requests", "request", "req", "rps", "qps", "tps", "ops", "workload", "throughput", "rate", "calls", "count", "total", "hits", "load", "invocations", "messages"}},
}

// ClassOf tells what a metric measures from its name.
func ClassOf(name string) Class {
	if c, ok := meanings[name]; ok {
		return c
	}
	words := NameWords(name)
	has := make(map[string]bool, len(words)+4)
	for i, w := range words {
		has[w] = true
		if i > 0 {
			has[words[i-1]+w] = true
		}
	}
	if has["syscall"] || has["syscalls"] || has["per"] && has["request"] {
		return ClassOther
	}
	if has["goroutines"] && !has["runnable"] && !has["max"] && !has["limit"] {
		return ClassThreads // those that wait are parked, as idle ones are; the runnable ones wait for a processor
	}
	if has["network"] && (has["bytes"] || has["packets"]) && !has["errors"] && !has["dropped"] {
		return ClassNetwork // whoever counts them: a process, a container, a host
	}
	if c, ok := resourceFirst(has); ok {
		return c
	}
	measured := measuredMaximum(words, has)
	for _, e := range classWords {
		if e.class == ClassLimit && measured {
			continue
		}
		for _, w := range e.words {
			if has[w] {
				return e.class
			}
		}
	}
	return ClassOther
}

// measuredMaximum tells a name whose maximum is the highest that was measured, and
// no limit: of a rate of something, as HAProxy's max_session_rate of a front end, or of
// a time that Micrometer and StatsD end with "max". A name that begins with it is a
// setting's: what may not be exceeded is named before of what it is.
func measuredMaximum(words []string, has map[string]bool) bool {
	if has["limit"] || has["limits"] || has["quota"] || has["capacity"] || !has["max"] && !has["maximum"] {
		return false
	}
	last := words[len(words)-1]
	if has["rate"] {
		return words[0] != "max" && words[0] != "maximum" || last == "max" || last == "maximum"
	}
	return (last == "max" || last == "maximum") && slices.ContainsFunc([]string{"seconds", "milliseconds", "ms", "latency", "duration", "elapsed", "rtt"}, func(w string) bool { return has[w] })
}

// resourceFirst settles names in which a resource stands beside a word of use:
// "memory_usage", "cpu_used" and "heap_inuse" measure the resource, and a
// network latency is a latency whatever the word order.
func resourceFirst(has map[string]bool) (Class, bool) {
	usage := has["usage"] || has["used"] || has["inuse"] || has["utilization"] || has["utilisation"] || has["rate"] || has["pct"] || has["percent"]
	limit := has["limit"] || has["limits"] || has["quota"] || has["max"] || has["capacity"]
	switch {
	case limit || !usage:
		return ClassOther, false
	case has["throttled"] || has["throttling"] || has["pressure"]:
		return ClassThrottle, true
	case has["cpu"]:
		return ClassCPU, true
	case has["memory"] || has["mem"] || has["heap"]:
		return ClassMemory, true
	case has["disk"] || has["filesystem"] || has["fs"]:
		return ClassDisk, true
	}
	return ClassOther, false
}

// NameWords splits a metric name into lower-case words at anything that is not
// a letter or digit and at changes from lower to upper case.
func NameWords(name string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	prev := rune(0)
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
		case unicode.IsUpper(r) && (unicode.IsLower(prev) || unicode.IsDigit(prev)):
			flush()
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
		prev = r
	}
	flush()
	return words
}

// OfNode reports whether a metric measures the machine and not the entity
// that runs on it: its neighbours share the value.
func OfNode(name string) bool {
	words := NameWords(name)
	return len(words) > 0 && (words[0] == "node" || words[0] == "host" || words[0] == "machine")
}
