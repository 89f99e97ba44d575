package mechanism

import "github.com/wherefore-dev/wherefore/correlate/metric"

// MetricSymptoms are the signatures that a metric speaks for when it went up, or
// down, by the words of its name, most telling first; none for a name that says
// nothing about how a fault shows.
func MetricSymptoms(name string, up bool) []Signature {
	words := map[string]bool{}
	for _, w := range Words(name) {
		words[w] = true
	}
	has := func(any ...string) bool {
		for _, w := range any {
			if words[w] {
				return true
			}
		}
		return false
	}
	if !up {
		return metricDrops(has)
	}
	for _, m := range []func(func(...string) bool) []Signature{metricStores, metricResources, metricErrors} {
		if sigs := m(has); sigs != nil {
			return sigs
		}
	}
	switch metric.ClassOf(name) { // whatever no word tells more about
	case metric.ClassLatency:
		return []Signature{Slow}
	case metric.ClassError:
		return []Signature{Unhandled}
	}
	if has("queue", "inflight", "saturation") {
		return []Signature{Overload}
	}
	return nil
}

type wordTest = func(...string) bool

func metricDrops(has wordTest) []Signature {
	switch {
	case has("hit", "hits") && has("cache", "ratio"):
		return []Signature{CacheMiss}
	case has("pool", "conns", "connections") && has("max", "size", "limit", "idle", "available", "free"):
		return []Signature{PoolExhausted}
	case has("expiry", "expires", "expiration") && has("cert", "tls", "certificate", "x509", "seconds"):
		return nil // it counts down at all times: only the text or the value tells
	case has("disk", "filesystem", "volume") && has("free", "available", "avail"):
		return []Signature{DiskFull}
	case has("replicas", "ready", "available") && has("replicas", "pods", "instances"):
		return []Signature{CrashLoop, Overload}
	case has("limit") && has("memory"):
		return []Signature{OutOfMemory}
	case has("limit", "quota") && has("cpu"):
		return []Signature{CPUThrottled}
	}
	return nil
}

func metricStores(has wordTest) []Signature {
	switch {
	case has("pool", "conns", "connections", "connection") && has("wait", "waiting", "pending", "use", "used", "active", "acquire", "timeouts", "exhausted", "saturation", "utilization", "blocked", "queue"):
		return []Signature{PoolExhausted}
	case has("query", "queries", "statements", "calls") && has("request", "per", "count") && !has("duration", "latency", "seconds", "ms"):
		return []Signature{QueryFanOut}
	case has("rows") && has("examined", "scanned", "read", "returned", "fetched"), has("seq") && has("scan", "scans"):
		return []Signature{SlowQuery}
	case has("db", "sql", "query", "database", "postgres", "mysql", "mongo") && has("latency", "duration", "time", "seconds", "ms", "p99", "p95"):
		return []Signature{SlowQuery, Slow}
	case has("cache") && has("miss", "misses", "evictions"):
		return []Signature{CacheMiss}
	case has("lock", "locks", "mutex") && has("wait", "contention", "time", "seconds", "waits"):
		return []Signature{Contention}
	case has("deadlock", "deadlocks"):
		return []Signature{Deadlock}
	case has("lag", "backlog") || has("queue") && has("depth", "length", "size", "age", "messages") || has("oldest") && has("message", "age"):
		return []Signature{ConsumerLag}
	}
	return nil
}

func metricResources(has wordTest) []Signature {
	switch {
	case has("oom", "oomkilled", "oomkills"):
		return []Signature{OutOfMemory}
	case has("throttled", "throttling") && has("cpu", "cfs"):
		return []Signature{CPUThrottled}
	case has("node", "host") && has("cpu", "memory", "load", "pressure", "disk"):
		return []Signature{NodePressure}
	case has("steal"):
		return []Signature{NodePressure}
	case has("memory", "rss", "heap", "mem"):
		return []Signature{MemoryGrowth}
	case has("gc") && !has("logs"):
		return []Signature{MemoryGrowth}
	case has("cpu"):
		return []Signature{CPUBurn}
	case has("goroutines", "threads", "fds", "fd", "handles", "sockets") || has("open") && has("files", "connections"):
		return []Signature{HandleLeak}
	case has("disk", "filesystem", "volume") && has("used", "usage", "utilization", "percent", "ratio"):
		return []Signature{DiskFull}
	case has("log", "logs") && has("bytes", "lines", "rate", "volume", "total"):
		return []Signature{LogVolume}
	case has("restart", "restarts", "crash"):
		return []Signature{CrashLoop}
	}
	return nil
}

func metricErrors(has wordTest) []Signature {
	switch {
	case has("retry", "retries", "attempts"):
		return []Signature{RetryStorm}
	case has("servfail", "nxdomain") || has("dns", "resolver", "coredns") && has("errors", "failures", "latency", "duration", "error"):
		return []Signature{NameFailure}
	case has("tls", "handshake", "ssl") && has("errors", "failures", "error", "failed"):
		return []Signature{TLSFailure}
	case has("unauthorized", "forbidden", "denied", "rejected", "rejections") || has("auth") && has("errors", "failures", "error"):
		return []Signature{Rejected}
	case has("ratelimited", "throttled") || has("rate") && has("limited"):
		return []Signature{RateLimited}
	case has("decode", "parse", "deserialization", "validation") && has("errors", "error", "failures", "ratio"):
		return []Signature{Decode}
	case has("timeout", "timeouts"):
		return []Signature{Timeout}
	case has("panic", "panics", "exceptions"):
		return []Signature{Unhandled}
	}
	return nil
}
