package weights

// phrases are the words of runtimes, drivers, kernels and orchestrators, as their
// own sources and manuals spell them: by the signature that they speak for, each
// with how surely it does, in thousandths. A phrase is whole words in lower case,
// with a star for a word that goes on.
func phrases() map[string]map[string]int {
	return map[string]map[string]int{
		"certificate-expired": {
			"certificate has expired": 1000, "certificate expired": 1000, "expired certificate": 1000, "cert expired": 1000, "not yet valid": 900,
			"certificate not yet valid": 900, "not after": 500, "cert has expired": 1000,
			"validity check failed": 800,
		},
		"tls-failure": {
			"x509": 700, "tls handshake": 800, "handshake failure": 900, "ssl handshake": 900, "ssl": 600, "unknown authority": 1000, "certificate verify failed": 900,
			"self signed certificate": 900, "protocol version not supported": 900,
		},
		"credentials-expired": {
			"credentials expired": 1000, "expired credentials": 1000, "expired token": 900, "invalid api key": 800, "api key expired": 1000, "password expired": 1000,
			"password authentication failed": 800, "access key": 500, "secret expired": 1000, "invalid client token": 900, "lease expired": 600,
			"authentication failed for user": 800, "invalid client": 700,
			"key has been revoked": 900, "has been revoked": 700,
		},
		"name-resolution": {
			"no such host": 1000, "enotfound": 1000, "getaddrinfo": 1000, "servfail": 1000, "nxdomain": 1000, "name or service not known": 1000,
			"temporary failure in name resolution": 1000, "unknown host exception": 1000, "name resolution": 900, "dns lookup": 800, "eai again": 1000, "could not resolve": 900,
			"dns failure": 800,
		},
		"disk-full": {
			"no space left on device": 1000, "disk full": 1000, "enospc": 1000, "disk quota exceeded": 900, "disk pressure": 900, "read only file system": 600,
			"flood stage": 900, "disk usage": 500, "disk is full": 1000, "table is full": 500,
		},
		"node-pressure": {
			"node pressure": 1000, "memory pressure": 900, "cpu throttling high": 600, "evicted": 700, "preempted": 700, "cpu steal": 900,
			// The kubelet's and the scheduler's events, what virtual disks and processors are granted.
			"low on resource": 1000, "system oom": 900, "pid pressure": 900, "insufficient memory": 600, "insufficient cpu": 600, "being reclaimed": 800, "burst balance": 900, "credit balance": 800,
		},
		"host-failure": {
			"node not ready": 900, "node is not ready": 900, "spot interruption": 1000, "instance terminated": 800, "hardware error": 1000, "input output error": 800, "ehostunreach": 700, "host is unreachable": 700, "node notready": 900, "machine check": 900, "io error": 500,
			"kernel panic": 1000, "network partition": 800, "packet loss": 700,
			// Kernels: errno(3), block and network drivers, machine checks.
			"eio": 700, "enetunreach": 700, "enetdown": 800, "ehostdown": 900, "host is down": 800, "network is down": 800, "no route to host": 600, "buffer i o error": 900, "blk update request": 800,
			"fs error device": 900, "btrfs error": 900, "xfs metadata": 700, "remounting filesystem read only": 900, "link down": 800, "link is down": 800, "soft lockup": 900, "rcu stall": 800, "hung task": 600, "temperature above threshold": 900, "clock throttled": 800,
			"uncorrectable": 700, "dropping packet": 800, "controller is down": 800,
			// Clocks: of tokens, of signed requests, of the machine.
			"clock skew detected": 800, "clock skew too great": 800, "time skew": 800, "request time too skewed": 900, "token used before issued": 800, "iat is in the future": 800, "issued in the future": 800, "clock was stepped": 900,
			// Stores that wait for somebody.
			"is sealed": 700,
		},
		"zone-failure": {
			"availability zone": 800, "region outage": 1000, "zone outage": 1000, "primary is down": 900, "primary unreachable": 900, "no primary": 900, "replica promoted": 900,
			"failover": 600, "read only transaction": 700, "leader election": 600,
			// SQLSTATE class 57 and standbys, MySQL 1290, Redis, Kafka's protocol errors, MongoDB, Cassandra, Elasticsearch, etcd.
			"due to administrator command": 900, "system is shutting down": 900, "system is starting up": 900, "system is in recovery": 900, "conflict with recovery": 800, "read only option": 800,
			"read only replica": 900, "masterdown": 900, "clusterdown": 900, "loading the dataset": 800, "leader not available": 800, "not leader or follower": 800, "not leader for partition": 800,
			"broker not available": 800, "not enough replicas": 800, "coordinator not available": 700, "kafka storage error": 900, "under replicated": 800, "not writable primary": 800, "stepped down": 800,
			"achieve consistency": 800, "master not discovered": 900, "no leader": 700, "leader changed": 700, "split brain": 900, "quorum lost": 900, "lost quorum": 900,
		},
		"provider-outage": {
			"provider outage": 1000, "status page": 800, "third party": 600, "upstream provider": 900, "provider returned": 700, "service disruption": 800, "external api": 600,
			"provider unavailable": 900, "gateway provider": 600,
			"insufficient instance capacity": 1000, "reduce your request rate": 700, "under maintenance": 900, "scheduled maintenance": 900, "increased error rates": 900,
			// Load balancers that are rented. An image that cannot be pulled is not here: mostly
			// the deployment names a tag that is not there, and the registry is well.
			"healthy hosts": 700,
		},
		"poison-record": {
			"malformed record": 900, "malformed message": 900, "corrupt record": 900, "redeliver*": 700, "invalid record": 700, "out of range for field": 600, "poison pill": 900,
			"poison message": 900, "poisoned": 700,
		},
		"traffic-surge": {
			"traffic spike": 1000, "ddos": 1000, "load shedding": 600, "shedding load": 600, "traffic peak": 900,
			"credential stuffing": 1000, "brute force": 800, "flash crowd": 1000,
		},
		"quota-exceeded": {
			"quota exceeded": 900, "limit exceeded for account": 900, "throttling exception": 700, "insufficient quota": 900, "resource exhausted": 500,
			"provisioned throughput exceeded": 800, "quota": 400,
			"request limit exceeded": 700, "rate exceeded": 600, "limit exceeded exception": 600, "pull rate limit": 800, "account suspended": 900, "payment required": 800,
			"subscription expired": 900, "license expired": 900, "licence expired": 900, "when used memory": 900,
		},
		"pool-exhausted": {
			"connection pool": 800, "pool exhausted": 1000, "pool is exhausted": 1000, "pool timeout": 900, "acquire conn": 900, "acquiring connection": 900, "pool acquire": 900,
			"queue pool limit": 1000, "connection is not available": 1000, "no available connection": 900, "rejected execution": 900, "worker pool": 600, "pool saturat*": 900,
			"waiting for a free connection": 1000, "timed out waiting for connection": 1000, "bulkhead": 800, "thread pool": 700,
		},
		"too-many-connections": {
			"too many connections": 1000, "remaining connection slots": 1000, "too many clients": 1000, "max connections": 800,
		},
		"handle-leak": {
			"too many open files": 1000, "emfile": 1000, "connection leak": 1000, "idle in transaction": 800, "goroutine leak": 900, "leak detection": 900, "unclosed": 700,
			"not closed": 500, "cannot assign requested address": 800, "unable to create new native thread": 800,
		},
		"timeout": {
			"deadline exceeded": 900, "timed out": 800, "timeout": 700, "etimedout": 800, "socket timeout": 900, "context canceled": 500, "timeouts": 600, "504": 400,
		},
		"slow-query": {
			"slow query": 1000, "full table scan": 1000, "seq scan": 1000, "rows examined": 900, "query took": 800, "statement timeout": 800, "query exceeded": 800,
			"temp file": 500, "filesort": 900,
		},
		"slow": {
			"slow request": 800, "latency": 500, "slow": 500, "stalling": 600,
		},
		"query-fan-out": {
			"queries per request": 1000, "n+1": 1000, "queries in one request": 1000,
		},
		"deadlock": {
			"deadlock": 1000,
		},
		"lock-contention": {
			"lock wait timeout": 900, "could not obtain lock": 900, "lock contention": 1000, "waiting for lock": 900, "blocked for more than": 700, "lock timeout": 900,
			"lock on mutex": 800, "mutex contention": 1000,
		},
		"data-race": {
			"concurrent map": 1000, "data race": 1000, "race detected": 1000, "concurrent modification": 1000, "changed size during iteration": 1000, "lost update": 800,
			"collection was modified": 1000,
		},
		"nil-dereference": {
			"nil pointer": 1000, "null pointer": 1000, "null reference": 1000, "object reference not set": 1000, "none type": 1000, "of undefined": 1000, "of null": 900,
			"undefined method": 900, "invalid memory address": 1000, "is undefined": 600, "segfault": 600, "unwrap on a none": 1000, "segmentation fault": 600,
		},
		"index-out-of-range": {
			"index out of range": 1000, "index out of bounds": 1000, "out of bounds": 900, "list index": 900, "slice bounds": 1000, "sequence contains no elements": 1000,
		},
		"unhandled-error": {
			"panic": 600, "unhandled": 800, "uncaught": 800, "traceback": 500, "internal server error": 500, "5xx": 500, "http 500": 500, "returned 500": 500,
			"division by zero": 700, "divide by zero": 700, "assertion failed": 600, "stack overflow": 700, "maximum recursion depth": 800, "maximum call stack": 800,
		},
		"deserialisation": {
			"unmarshal*": 900, "deserializ*": 900, "deserialis*": 900, "cannot parse": 700, "unexpected token": 900, "unrecognized field": 1000, "unknown field": 1000,
			"json parse": 900, "json decode": 900, "missing field": 900, "missing required field": 900, "wire type": 900, "decode error": 900, "failed to decode": 900,
			"invalid character": 800, "key error": 700, "class cast": 700, "proto cannot parse": 700, "avro": 600, "mapping exception": 700, "number format exception": 700,
		},
		"schema-mismatch": {
			"schema registry": 800, "no such column": 1000, "unknown column": 1000, "undefined column": 1000, "relation does not exist": 1000, "column does not exist": 1000,
			"does not exist": 600, "not null constraint": 900, "cannot be null": 700, "no such table": 1000, "violates": 500, "schema mismatch": 1000, "schema version": 800,
			"incompatible schema": 1000,
		},
		"not-registered": {
			"not found in": 700, "not registered": 1000, "unregistered": 1000, "no handler": 900, "no provider": 800, "no such bean": 1000, "no route": 700, "unimplemented": 900,
			"not initialized": 900, "not initialised": 900, "no subscriber": 900, "404": 400, "is not a function": 600, "module not found": 800, "no module named": 900,
			"class not found": 800, "no class def found": 900, "no such method": 900, "cannot find module": 900, "import error": 700, "circular import": 700,
			"attribute error": 500,
		},
		"missing-configuration": {
			"missing environment": 1000, "missing required env": 1000, "environment variable": 700, "missing config": 1000, "configuration error": 800, "missing key": 600,
			"required setting": 900, "is not set": 600,
		},
		"valid-input-rejected": {
			"unauthorized": 800, "forbidden": 800, "permission denied": 900, "access denied": 900, "token is expired": 900, "invalid token": 900, "invalid signature": 900,
			"jwt": 600, "validation failed": 700, "unauthenticated": 900, "rejected": 500, "invalid audience": 900, "401": 600, "403": 600,
		},
		"rate-limited": {
			"429": 800, "too many requests": 1000, "rate limit": 1000, "throttled": 600,
		},
		"retry-storm": {
			"retry storm": 1000, "retries exhausted": 800, "max retries": 800, "retrying": 700, "retry attempt": 800, "retry budget": 900,
		},
		"overload": {
			"overload*": 900, "load average": 600, "backpressure": 700, "queue full": 800, "circuit breaker": 500,
		},
		"connection-refused": {
			"unavailable": 500, "connection refused": 1000, "econnrefused": 1000, "no route to host": 900, "connection reset": 700, "econnreset": 700,
			"network is unreachable": 900, "no healthy upstream": 900,
		},
		"cache-miss-surge": {
			"cache miss": 1000, "cache hit ratio": 900, "cache hit": 800, "stampede": 1000, "thundering herd": 1000, "cache expired": 800, "evictions": 700,
		},
		"stale-data": {
			"stale": 900, "outdated": 800,
		},
		"out-of-memory": {
			"oom kill*": 1000, "out of memory": 1000, "heap space": 1000, "cannot allocate memory": 1000, "heap out of memory": 1000, "exit code 137": 900, "memory limit": 800,
		},
		"memory-growth": {
			"memory leak": 1000, "gc overhead": 900, "memory usage": 600, "memory rss": 600, "heap usage": 700, "gc pause": 700,
		},
		"cpu-throttled": {
			"cpu throttl*": 900, "cfs throttled": 900,
		},
		"cpu-burn": {
			"high cpu": 900, "cpu usage": 700, "cpu saturation": 800, "backtracking": 1000, "event loop": 700, "cpu utilization": 600, "catastrophic backtracking": 1000,
		},
		"log-volume": {
			"log volume": 1000, "log rate": 800, "log ingest*": 900, "debug logging": 900,
		},
		"crash-loop": {
			"crash loop*": 1000, "back off restarting": 1000, "restarting": 600, "exited with code": 700, "liveness probe": 700, "readiness probe": 600, "sigterm": 400,
			"crash looping": 1000,
		},
		"consumer-lag": {
			"consumer lag": 1000, "backlog": 800, "queue depth": 900, "oldest message": 700, "rebalanc*": 800, "lag": 400,
		},
		"wrong-result": {
			"mismatch": 700, "incorrect": 700, "inconsistent": 700, "wrong": 700, "checksum": 700, "duplicate": 600, "reconciliation failed": 800, "reconciliation mismatch": 800,
		},
	}
}
