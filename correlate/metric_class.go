package correlate

import (
	"strings"
	"unicode"
)

// metricClass is what a series measures, told from its name, unit and kind by
// the vocabulary of the Prometheus and OpenTelemetry naming conventions. Names
// that say nothing are classOther and count little.
type metricClass int

const (
	classOther metricClass = iota
	classCPU
	classThrottle
	classMemory
	classDisk
	classGC
	classThreads
	classSockets
	classLatency
	classError
	classSuccess // falls when things go wrong
	classTraffic
	classNetwork // bytes and packets
	classRestart
	classSaturation // waiting for something bounded
	classInUse      // taken of something bounded
	classLimit      // what something is bounded by
	classExpiry     // time left of something that expires
	classAge        // lag or age of work not done
)

// internal reports whether the class measures an entity's own resources, which
// do not propagate along calls (PRISM, arXiv 2601.21359).
func (c metricClass) internal() bool {
	switch c {
	case classCPU, classThrottle, classMemory, classDisk, classGC, classThreads, classSockets:
		return true
	}
	return false
}

// String is the class as a report says it.
func (c metricClass) String() string {
	switch c {
	case classCPU:
		return "CPU"
	case classThrottle:
		return "throttling"
	case classMemory:
		return "memory"
	case classDisk:
		return "disk"
	case classGC:
		return "garbage collection"
	case classThreads:
		return "threads"
	case classSockets:
		return "connections"
	case classLatency:
		return "latency"
	case classError:
		return "errors"
	case classSuccess:
		return "success rate"
	case classTraffic:
		return "traffic"
	case classNetwork:
		return "network volume"
	case classRestart:
		return "restarts"
	case classSaturation:
		return "waiting"
	case classInUse:
		return "use"
	case classLimit:
		return "limit"
	case classExpiry:
		return "time to expiry"
	case classAge:
		return "backlog"
	}
	return "measure"
}

// classWords maps a word of a metric's name to what it measures. The first
// class in this order that has a word in the name wins, so that
// "http_request_errors_total" counts errors and "cpu_throttled_seconds"
// throttling.
var classWords = []struct {
	class metricClass
	words []string
}{
	{classExpiry, []string{"expiry", "expiration", "expires", "notafter"}},
	{classRestart, []string{"restart", "restarts", "oom", "oomkill", "oomkilled", "oomkills", "killed", "crash", "crashes", "crashloop", "evicted", "evictions"}},
	{classThrottle, []string{"throttle", "throttled", "throttling", "cfs", "steal", "pressure"}},
	{classLimit, []string{"limit", "limits", "max", "capacity", "quota", "maximum"}},
	{classSuccess, []string{"success", "successrate", "availability", "available", "ready", "uptime", "healthy", "apdex"}},
	{classError, []string{"error", "errors", "err", "fail", "failed", "failure", "failures", "fault", "faults", "5xx", "4xx", "401", "403", "404", "429", "500", "502", "503", "504", "exception", "exceptions", "panic", "panics", "rejected", "rejections", "refused", "servfail", "nxdomain", "aborted", "dropped", "drops", "unhealthy", "timeouts", "timeout", "retries", "retry"}},
	{classSaturation, []string{"wait", "waiting", "waiters", "pending", "queue", "queued", "queuelength", "backlog", "blocked", "saturation", "contention"}},
	{classInUse, []string{"inuse", "inflight", "use", "used", "active", "busy", "checked", "occupied"}},
	{classAge, []string{"lag", "age", "staleness", "behind", "oldest"}},
	{classGC, []string{"gc", "collection"}},
	{classCPU, []string{"cpu", "ctn", "load1", "load5", "cores"}},
	{classMemory, []string{"mem", "memory", "rss", "heap", "working", "resident", "alloc", "swap"}},
	{classDisk, []string{"disk", "diskio", "fs", "filesystem", "io", "iops", "inode", "inodes", "volume", "storage"}},
	{classThreads, []string{"thread", "threads", "goroutine", "goroutines", "process", "processes", "pids"}},
	{classSockets, []string{"socket", "sockets", "fd", "fds", "connection", "connections", "conns", "conn", "sess", "sessions"}},
	{classLatency, []string{"latency", "duration", "elapsed", "delay", "rtt", "p50", "p75", "p90", "p95", "p99", "p999", "responsetime", "time", "seconds", "ms", "slow"}},
	{classNetwork, []string{"network", "net", "receive", "transmit", "rx", "tx", "bytes", "packets", "traffic"}},
	{classTraffic, []string{"requests", "request", "req", "rps", "qps", "tps", "ops", "workload", "throughput", "rate", "calls", "count", "total", "hits", "load", "invocations", "messages"}},
}

// classOf tells what a metric measures from its name.
func classOf(name string) metricClass {
	if c, ok := meanings[name]; ok {
		return c
	}
	words := nameWords(name)
	has := make(map[string]bool, len(words)+4)
	for i, w := range words {
		has[w] = true
		if i > 0 {
			has[words[i-1]+w] = true
		}
	}
	if has["syscall"] || has["syscalls"] || has["per"] && has["request"] {
		return classOther
	}
	if has["network"] && (has["bytes"] || has["packets"]) && !has["errors"] && !has["dropped"] {
		return classNetwork // whoever counts them: a process, a container, a host
	}
	if c, ok := resourceFirst(has); ok {
		return c
	}
	for _, e := range classWords {
		for _, w := range e.words {
			if has[w] {
				return e.class
			}
		}
	}
	return classOther
}

// resourceFirst settles names in which a resource stands beside a word of use:
// "memory_usage", "cpu_used" and "heap_inuse" measure the resource, and a
// network latency is a latency whatever the word order.
func resourceFirst(has map[string]bool) (metricClass, bool) {
	usage := has["usage"] || has["used"] || has["inuse"] || has["utilization"] || has["utilisation"] || has["rate"] || has["pct"] || has["percent"]
	limit := has["limit"] || has["limits"] || has["quota"] || has["max"] || has["capacity"]
	switch {
	case limit || !usage:
		return classOther, false
	case has["throttled"] || has["throttling"] || has["pressure"]:
		return classThrottle, true
	case has["cpu"] || has["cpuusage"]:
		return classCPU, true
	case has["memory"] || has["mem"] || has["heap"]:
		return classMemory, true
	case has["disk"] || has["filesystem"] || has["fs"]:
		return classDisk, true
	}
	return classOther, false
}

// nameWords splits a metric name into lower-case words at anything that is not
// a letter or digit and at changes from lower to upper case.
func nameWords(name string) []string {
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

// ofNode reports whether a metric measures the machine and not the entity
// that runs on it: its neighbours share the value.
func ofNode(name string) bool {
	words := nameWords(name)
	return len(words) > 0 && (words[0] == "node" || words[0] == "host" || words[0] == "machine")
}
