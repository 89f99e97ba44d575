package mechanism

import "github.com/wherefore-dev/wherefore/correlate/spoken"

// phrase is a piece of text that speaks for a signature.
type phrase struct {
	text string // as spoken.Table takes it: whole words in lower case, a star for a word that goes on
	sig  Signature
	// weight is how surely it does, in thousandths.
	weight int
}

// phrases are the words of runtimes, drivers, kernels and orchestrators, as
// their own sources and manuals spell them, one signature a line.
func phrases() []phrase {
	return []phrase{
		{"certificate has expired", CertExpired, 1000}, {"certificate expired", CertExpired, 1000}, {"expired certificate", CertExpired, 1000}, {"cert expired", CertExpired, 1000}, {"not yet valid", CertExpired, 900}, {"certificate not yet valid", CertExpired, 900}, {"not after", CertExpired, 500}, {"cert has expired", CertExpired, 1000},
		{"x509", TLSFailure, 700}, {"tls handshake", TLSFailure, 800}, {"handshake failure", TLSFailure, 900}, {"ssl handshake", TLSFailure, 900}, {"ssl", TLSFailure, 600}, {"unknown authority", TLSFailure, 1000}, {"certificate verify failed", TLSFailure, 900}, {"self signed certificate", TLSFailure, 900}, {"protocol version not supported", TLSFailure, 900},
		{"credentials expired", CredsExpired, 1000}, {"expired credentials", CredsExpired, 1000}, {"expired token", CredsExpired, 900}, {"invalid api key", CredsExpired, 800}, {"api key expired", CredsExpired, 1000}, {"password expired", CredsExpired, 1000}, {"password authentication failed", CredsExpired, 800}, {"access key", CredsExpired, 500}, {"secret expired", CredsExpired, 1000}, {"invalid client token", CredsExpired, 900}, {"lease expired", CredsExpired, 600}, {"authentication failed for user", CredsExpired, 800}, {"invalid client", CredsExpired, 700},
		{"no such host", NameFailure, 1000}, {"enotfound", NameFailure, 1000}, {"getaddrinfo", NameFailure, 1000}, {"servfail", NameFailure, 1000}, {"nxdomain", NameFailure, 1000}, {"name or service not known", NameFailure, 1000}, {"temporary failure in name resolution", NameFailure, 1000}, {"unknown host exception", NameFailure, 1000}, {"name resolution", NameFailure, 900}, {"dns lookup", NameFailure, 800}, {"eai again", NameFailure, 1000}, {"could not resolve", NameFailure, 900}, {"dns failure", NameFailure, 800},
		{"no space left on device", DiskFull, 1000}, {"disk full", DiskFull, 1000}, {"enospc", DiskFull, 1000}, {"disk quota exceeded", DiskFull, 900}, {"disk pressure", DiskFull, 900}, {"read only file system", DiskFull, 600}, {"flood stage", DiskFull, 900}, {"disk usage", DiskFull, 500}, {"disk is full", DiskFull, 1000}, {"table is full", DiskFull, 500},
		{"node pressure", NodePressure, 1000}, {"memory pressure", NodePressure, 900}, {"cpu throttling high", NodePressure, 600}, {"evicted", NodePressure, 700}, {"preempted", NodePressure, 700}, {"cpu steal", NodePressure, 900},
		{"node not ready", HostFailure, 900}, {"node is not ready", HostFailure, 900}, {"spot interruption", HostFailure, 1000}, {"instance terminated", HostFailure, 800}, {"hardware error", HostFailure, 1000}, {"machine check", HostFailure, 900}, {"io error", HostFailure, 500}, {"kernel panic", HostFailure, 1000}, {"network partition", HostFailure, 800}, {"packet loss", HostFailure, 700},
		{"availability zone", ZoneFailure, 800}, {"region outage", ZoneFailure, 1000}, {"zone outage", ZoneFailure, 1000}, {"primary is down", ZoneFailure, 900}, {"primary unreachable", ZoneFailure, 900}, {"no primary", ZoneFailure, 900}, {"replica promoted", ZoneFailure, 900}, {"failover", ZoneFailure, 600}, {"read only transaction", ZoneFailure, 700}, {"leader election", ZoneFailure, 600},
		{"provider outage", Provider, 1000}, {"status page", Provider, 800}, {"third party", Provider, 600}, {"upstream provider", Provider, 900}, {"provider returned", Provider, 700}, {"service disruption", Provider, 800}, {"external api", Provider, 600}, {"provider unavailable", Provider, 900}, {"gateway provider", Provider, 600},
		{"malformed record", PoisonRecord, 900}, {"malformed message", PoisonRecord, 900}, {"corrupt record", PoisonRecord, 900}, {"redeliver*", PoisonRecord, 700}, {"invalid record", PoisonRecord, 700}, {"out of range for field", PoisonRecord, 600}, {"poison pill", PoisonRecord, 900}, {"poison message", PoisonRecord, 900}, {"poisoned", PoisonRecord, 700},
		{"traffic spike", Surge, 1000}, {"ddos", Surge, 1000}, {"load shedding", Surge, 600}, {"shedding load", Surge, 600}, {"traffic peak", Surge, 900},
		{"quota exceeded", Quota, 900}, {"limit exceeded for account", Quota, 900}, {"throttling exception", Quota, 700}, {"insufficient quota", Quota, 900}, {"resource exhausted", Quota, 500}, {"provisioned throughput exceeded", Quota, 800},
		{"connection pool", PoolExhausted, 800}, {"pool exhausted", PoolExhausted, 1000}, {"pool is exhausted", PoolExhausted, 1000}, {"pool timeout", PoolExhausted, 900}, {"acquire conn", PoolExhausted, 900}, {"acquiring connection", PoolExhausted, 900}, {"pool acquire", PoolExhausted, 900}, {"queue pool limit", PoolExhausted, 1000}, {"connection is not available", PoolExhausted, 1000}, {"no available connection", PoolExhausted, 900}, {"rejected execution", PoolExhausted, 900}, {"worker pool", PoolExhausted, 600}, {"pool saturat*", PoolExhausted, 900}, {"waiting for a free connection", PoolExhausted, 1000}, {"timed out waiting for connection", PoolExhausted, 1000}, {"bulkhead", PoolExhausted, 800}, {"thread pool", PoolExhausted, 700},
		{"too many connections", TooManyConns, 1000}, {"remaining connection slots", TooManyConns, 1000}, {"too many clients", TooManyConns, 1000}, {"max connections", TooManyConns, 800},
		{"too many open files", HandleLeak, 1000}, {"emfile", HandleLeak, 1000}, {"connection leak", HandleLeak, 1000}, {"idle in transaction", HandleLeak, 800}, {"goroutine leak", HandleLeak, 900}, {"leak detection", HandleLeak, 900}, {"unclosed", HandleLeak, 700}, {"not closed", HandleLeak, 500}, {"cannot assign requested address", HandleLeak, 800}, {"unable to create new native thread", HandleLeak, 800},
		{"deadline exceeded", Timeout, 900}, {"timed out", Timeout, 800}, {"timeout", Timeout, 700}, {"etimedout", Timeout, 800}, {"socket timeout", Timeout, 900}, {"context canceled", Timeout, 500}, {"timeouts", Timeout, 600}, {"504", Timeout, 400},
		{"slow query", SlowQuery, 1000}, {"full table scan", SlowQuery, 1000}, {"seq scan", SlowQuery, 1000}, {"rows examined", SlowQuery, 900}, {"query took", SlowQuery, 800}, {"statement timeout", SlowQuery, 800}, {"query exceeded", SlowQuery, 800}, {"temp file", SlowQuery, 500}, {"filesort", SlowQuery, 900},
		{"slow request", Slow, 800}, {"latency", Slow, 500}, {"slow", Slow, 500}, {"stalling", Slow, 600},
		{"queries per request", QueryFanOut, 1000}, {"n+1", QueryFanOut, 1000}, {"queries in one request", QueryFanOut, 1000},
		{"deadlock", Deadlock, 1000},
		{"lock wait timeout", Contention, 900}, {"could not obtain lock", Contention, 900}, {"lock contention", Contention, 1000}, {"waiting for lock", Contention, 900}, {"blocked for more than", Contention, 700}, {"lock timeout", Contention, 900}, {"lock on mutex", Contention, 800}, {"mutex contention", Contention, 1000},
		{"concurrent map", DataRace, 1000}, {"data race", DataRace, 1000}, {"race detected", DataRace, 1000}, {"concurrent modification", DataRace, 1000}, {"changed size during iteration", DataRace, 1000}, {"lost update", DataRace, 800}, {"collection was modified", DataRace, 1000},
		{"nil pointer", NilDeref, 1000}, {"null pointer", NilDeref, 1000}, {"null reference", NilDeref, 1000}, {"object reference not set", NilDeref, 1000}, {"none type", NilDeref, 1000}, {"of undefined", NilDeref, 1000}, {"of null", NilDeref, 900}, {"undefined method", NilDeref, 900}, {"invalid memory address", NilDeref, 1000}, {"is undefined", NilDeref, 600}, {"segfault", NilDeref, 600}, {"unwrap on a none", NilDeref, 1000}, {"segmentation fault", NilDeref, 600},
		{"index out of range", OutOfRange, 1000}, {"index out of bounds", OutOfRange, 1000}, {"out of bounds", OutOfRange, 900}, {"list index", OutOfRange, 900}, {"slice bounds", OutOfRange, 1000}, {"sequence contains no elements", OutOfRange, 1000},
		{"panic", Unhandled, 600}, {"unhandled", Unhandled, 800}, {"uncaught", Unhandled, 800}, {"traceback", Unhandled, 500}, {"internal server error", Unhandled, 500}, {"5xx", Unhandled, 500}, {"http 500", Unhandled, 500}, {"returned 500", Unhandled, 500}, {"division by zero", Unhandled, 700}, {"divide by zero", Unhandled, 700}, {"assertion failed", Unhandled, 600}, {"stack overflow", Unhandled, 700}, {"maximum recursion depth", Unhandled, 800}, {"maximum call stack", Unhandled, 800},
		{"unmarshal*", Decode, 900}, {"deserializ*", Decode, 900}, {"deserialis*", Decode, 900}, {"cannot parse", Decode, 700}, {"unexpected token", Decode, 900}, {"unrecognized field", Decode, 1000}, {"unknown field", Decode, 1000}, {"json parse", Decode, 900}, {"json decode", Decode, 900}, {"missing field", Decode, 900}, {"missing required field", Decode, 900}, {"wire type", Decode, 900}, {"decode error", Decode, 900}, {"failed to decode", Decode, 900}, {"invalid character", Decode, 800}, {"key error", Decode, 700}, {"class cast", Decode, 700}, {"proto cannot parse", Decode, 700}, {"avro", Decode, 600}, {"mapping exception", Decode, 700}, {"number format exception", Decode, 700},
		{"schema registry", SchemaDrift, 800}, {"no such column", SchemaDrift, 1000}, {"unknown column", SchemaDrift, 1000}, {"undefined column", SchemaDrift, 1000}, {"relation does not exist", SchemaDrift, 1000}, {"column does not exist", SchemaDrift, 1000}, {"does not exist", SchemaDrift, 600}, {"not null constraint", SchemaDrift, 900}, {"cannot be null", SchemaDrift, 700}, {"no such table", SchemaDrift, 1000}, {"violates", SchemaDrift, 500}, {"schema mismatch", SchemaDrift, 1000}, {"schema version", SchemaDrift, 800}, {"incompatible schema", SchemaDrift, 1000},
		{"not found in", NotRegistered, 700}, {"not registered", NotRegistered, 1000}, {"unregistered", NotRegistered, 1000}, {"no handler", NotRegistered, 900}, {"no provider", NotRegistered, 800}, {"no such bean", NotRegistered, 1000}, {"no route", NotRegistered, 700}, {"unimplemented", NotRegistered, 900}, {"not initialized", NotRegistered, 900}, {"not initialised", NotRegistered, 900}, {"no subscriber", NotRegistered, 900}, {"404", NotRegistered, 400}, {"is not a function", NotRegistered, 600}, {"module not found", NotRegistered, 800}, {"no module named", NotRegistered, 900}, {"class not found", NotRegistered, 800}, {"no class def found", NotRegistered, 900}, {"no such method", NotRegistered, 900}, {"cannot find module", NotRegistered, 900}, {"import error", NotRegistered, 700}, {"circular import", NotRegistered, 700}, {"attribute error", NotRegistered, 500},
		{"missing environment", NoConfig, 1000}, {"missing required env", NoConfig, 1000}, {"environment variable", NoConfig, 700}, {"missing config", NoConfig, 1000}, {"configuration error", NoConfig, 800}, {"missing key", NoConfig, 600}, {"required setting", NoConfig, 900}, {"is not set", NoConfig, 600},
		{"unauthorized", Rejected, 800}, {"forbidden", Rejected, 800}, {"permission denied", Rejected, 900}, {"access denied", Rejected, 900}, {"token is expired", Rejected, 900}, {"invalid token", Rejected, 900}, {"invalid signature", Rejected, 900}, {"jwt", Rejected, 600}, {"validation failed", Rejected, 700}, {"unauthenticated", Rejected, 900}, {"rejected", Rejected, 500}, {"invalid audience", Rejected, 900}, {"401", Rejected, 600}, {"403", Rejected, 600},
		{"429", RateLimited, 800}, {"too many requests", RateLimited, 1000}, {"rate limit", RateLimited, 1000}, {"throttled", RateLimited, 600},
		{"retry storm", RetryStorm, 1000}, {"retries exhausted", RetryStorm, 800}, {"max retries", RetryStorm, 800}, {"retrying", RetryStorm, 700}, {"retry attempt", RetryStorm, 800}, {"retry budget", RetryStorm, 900},
		{"overload*", Overload, 900}, {"load average", Overload, 600}, {"backpressure", Overload, 700}, {"queue full", Overload, 800}, {"circuit breaker", Overload, 500},
		{"unavailable", Unreachable, 500}, {"connection refused", Unreachable, 1000}, {"econnrefused", Unreachable, 1000}, {"no route to host", Unreachable, 900}, {"connection reset", Unreachable, 700}, {"econnreset", Unreachable, 700}, {"network is unreachable", Unreachable, 900}, {"no healthy upstream", Unreachable, 900},
		{"cache miss", CacheMiss, 1000}, {"cache hit ratio", CacheMiss, 900}, {"cache hit", CacheMiss, 800}, {"stampede", CacheMiss, 1000}, {"thundering herd", CacheMiss, 1000}, {"cache expired", CacheMiss, 800}, {"evictions", CacheMiss, 700},
		{"stale", Stale, 900}, {"outdated", Stale, 800},
		{"oom kill*", OutOfMemory, 1000}, {"out of memory", OutOfMemory, 1000}, {"heap space", OutOfMemory, 1000}, {"cannot allocate memory", OutOfMemory, 1000}, {"heap out of memory", OutOfMemory, 1000}, {"exit code 137", OutOfMemory, 900}, {"memory limit", OutOfMemory, 800},
		{"memory leak", MemoryGrowth, 1000}, {"gc overhead", MemoryGrowth, 900}, {"memory usage", MemoryGrowth, 600}, {"memory rss", MemoryGrowth, 600}, {"heap usage", MemoryGrowth, 700}, {"gc pause", MemoryGrowth, 700},
		{"cpu throttl*", CPUThrottled, 900}, {"cfs throttled", CPUThrottled, 900},
		{"high cpu", CPUBurn, 900}, {"cpu usage", CPUBurn, 700}, {"cpu saturation", CPUBurn, 800}, {"backtracking", CPUBurn, 1000}, {"event loop", CPUBurn, 700}, {"cpu utilization", CPUBurn, 600}, {"catastrophic backtracking", CPUBurn, 1000},
		{"log volume", LogVolume, 1000}, {"log rate", LogVolume, 800}, {"log ingest*", LogVolume, 900}, {"debug logging", LogVolume, 900},
		{"crash loop*", CrashLoop, 1000}, {"back off restarting", CrashLoop, 1000}, {"restarting", CrashLoop, 600}, {"exited with code", CrashLoop, 700}, {"liveness probe", CrashLoop, 700}, {"readiness probe", CrashLoop, 600}, {"sigterm", CrashLoop, 400}, {"crash looping", CrashLoop, 1000},
		{"consumer lag", ConsumerLag, 1000}, {"backlog", ConsumerLag, 800}, {"queue depth", ConsumerLag, 900}, {"oldest message", ConsumerLag, 700}, {"rebalanc*", ConsumerLag, 800}, {"lag", ConsumerLag, 400},
		{"mismatch", WrongResult, 700}, {"incorrect", WrongResult, 700}, {"inconsistent", WrongResult, 700}, {"wrong", WrongResult, 700}, {"checksum", WrongResult, 700}, {"duplicate", WrongResult, 600}, {"reconciliation failed", WrongResult, 800}, {"reconciliation mismatch", WrongResult, 800},
	}
}

// Reader finds signatures in text. Build one per investigation; it may be used
// concurrently.
type Reader struct {
	table spoken.Table[phrase]
}

// NewReader makes the table of phrases ready.
func NewReader() *Reader {
	r := &Reader{}
	for _, p := range phrases() {
		r.table.Add(p.text, p)
	}
	return r
}

// Symptoms are the signatures that a text speaks for, each with the largest
// weight, in thousandths; nil for none. Stack frames, paths, amounts and IDs in
// the text say nothing. It is linear in the text and meant for templates and
// exception texts rather than for every line.
func (r *Reader) Symptoms(text string) map[Signature]int {
	var out map[Signature]int
	r.table.Find(spoken.Words(text), func(p phrase) {
		if out == nil {
			out = map[Signature]int{}
		}
		out[p.sig] = max(out[p.sig], p.weight)
	})
	return out
}
