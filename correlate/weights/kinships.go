package weights

// kinships are how well a failure seen as the second signature fits a diff that
// produces the first, in thousandths. A fault is seen through its consequences: an
// exhausted pool as a timeout, a leak as an exhausted pool. The table follows those
// chains one step, never two.
func kinships() map[string]map[string]int {
	return map[string]map[string]int{
		"pool-exhausted": {
			"timeout": 600, "slow": 600, "hang": 600, "rate-limited": 300,
		},
		"handle-leak": {
			"pool-exhausted": 900, "too-many-connections": 900, "memory-growth": 500, "timeout": 400,
		},
		"too-many-connections": {
			"pool-exhausted": 500, "connection-refused": 500,
		},
		"timeout": {
			"slow": 300, "unhandled-error": 500, "retry-storm": 300,
		},
		"hang": {
			"timeout": 800, "slow": 700, "pool-exhausted": 700,
		},
		"retry-storm": {
			"overload": 900, "traffic-surge": 800, "rate-limited": 800, "timeout": 500, "slow": 500,
		},
		"overload": {
			"slow": 600, "timeout": 600, "cpu-burn": 600, "pool-exhausted": 500, "rate-limited": 500, "traffic-surge": 500,
		},
		"cache-miss-surge": {
			"slow": 700, "overload": 700, "slow-query": 600, "timeout": 500, "query-fan-out": 600,
		},
		"stale-data": {
			"wrong-result": 800, "valid-input-rejected": 400,
		},
		"slow-query": {
			"slow": 850, "timeout": 700, "pool-exhausted": 600, "cpu-burn": 500, "memory-growth": 300,
		},
		"query-fan-out": {
			"slow": 850, "slow-query": 800, "timeout": 700, "pool-exhausted": 600, "overload": 600, "rate-limited": 500,
		},
		"lock-contention": {
			"slow": 800, "timeout": 600, "deadlock": 500, "hang": 700,
		},
		"deadlock": {
			"hang": 900, "timeout": 800, "slow": 600, "lock-contention": 800, "pool-exhausted": 500,
		},
		"data-race": {
			"crash-loop": 600, "wrong-result": 700, "unhandled-error": 400,
		},
		"nil-dereference": {
			"crash-loop": 700, "unhandled-error": 600,
		},
		"index-out-of-range": {
			"crash-loop": 700, "unhandled-error": 600,
		},
		"unhandled-error": {
			"crash-loop": 500, "not-registered": 400, "valid-input-rejected": 300,
		},
		"wrong-result": {
			"valid-input-rejected": 500, "unhandled-error": 300,
		},
		"deserialisation": {
			"unhandled-error": 500, "schema-mismatch": 800,
		},
		"schema-mismatch": {
			"deserialisation": 800, "unhandled-error": 500, "nil-dereference": 400,
		},
		"not-registered": {
			"unhandled-error": 600, "nil-dereference": 600, "missing-configuration": 500, "connection-refused": 300,
		},
		"valid-input-rejected": {
			"unhandled-error": 400,
		},
		"rate-limited": {
			"valid-input-rejected": 400, "unhandled-error": 400,
		},
		"log-volume": {
			"disk-full": 900, "slow": 500, "cpu-burn": 600,
		},
		"memory-growth": {
			"out-of-memory": 1000, "crash-loop": 600, "slow": 400,
		},
		"out-of-memory": {
			"crash-loop": 800, "memory-growth": 700,
		},
		"cpu-burn": {
			"slow": 800, "cpu-throttled": 800, "timeout": 600,
		},
		"cpu-throttled": {
			"slow": 800, "timeout": 600, "cpu-burn": 600,
		},
		"tls-failure": {
			"connection-refused": 500, "unhandled-error": 300, "certificate-expired": 100,
		},
		"name-resolution": {
			"connection-refused": 600, "timeout": 400, "unhandled-error": 300,
		},
		"connection-refused": {
			"timeout": 600, "name-resolution": 800, "unhandled-error": 500, "tls-failure": 300,
		},
		"crash-loop": {
			"connection-refused": 500, "unhandled-error": 400,
		},
		"consumer-lag": {
			"slow": 400, "overload": 400,
		},
		"missing-configuration": {
			"crash-loop": 700, "unhandled-error": 500, "valid-input-rejected": 400,
		},
	}
}
