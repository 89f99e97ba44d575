package mechanism

// Signature is the way a fault shows itself, the word that a diff and a failure
// have in common.
type Signature string

// The signatures that a change of code or configuration can produce.
const (
	Timeout       Signature = "timeout"
	Hang          Signature = "hang"
	Slow          Signature = "slow"
	PoolExhausted Signature = "pool-exhausted"
	TooManyConns  Signature = "too-many-connections"
	HandleLeak    Signature = "handle-leak"
	RetryStorm    Signature = "retry-storm"
	Overload      Signature = "overload"
	CacheMiss     Signature = "cache-miss-surge"
	Stale         Signature = "stale-data"
	SlowQuery     Signature = "slow-query"
	QueryFanOut   Signature = "query-fan-out"
	Contention    Signature = "lock-contention"
	Deadlock      Signature = "deadlock"
	DataRace      Signature = "data-race"
	NilDeref      Signature = "nil-dereference"
	OutOfRange    Signature = "index-out-of-range"
	Unhandled     Signature = "unhandled-error"
	WrongResult   Signature = "wrong-result"
	Decode        Signature = "deserialisation"
	SchemaDrift   Signature = "schema-mismatch"
	NotRegistered Signature = "not-registered"
	Rejected      Signature = "valid-input-rejected"
	RateLimited   Signature = "rate-limited"
	LogVolume     Signature = "log-volume"
	MemoryGrowth  Signature = "memory-growth"
	OutOfMemory   Signature = "out-of-memory"
	CPUBurn       Signature = "cpu-burn"
	CPUThrottled  Signature = "cpu-throttled"
	DiskFull      Signature = "disk-full"
	TLSFailure    Signature = "tls-failure"
	NameFailure   Signature = "name-resolution"
	Unreachable   Signature = "connection-refused"
	CrashLoop     Signature = "crash-loop"
	ConsumerLag   Signature = "consumer-lag"
	NoConfig      Signature = "missing-configuration"
)

// The signatures of operational causes, which no diff produces.
const (
	CertExpired  Signature = "certificate-expired"
	CredsExpired Signature = "credentials-expired"
	NodePressure Signature = "node-pressure"
	Provider     Signature = "provider-outage"
	PoisonRecord Signature = "poison-record"
	Surge        Signature = "traffic-surge"
	Quota        Signature = "quota-exceeded"
	HostFailure  Signature = "host-failure"
	ZoneFailure  Signature = "zone-failure"
)

// Operational reports whether a signature speaks of the surroundings rather
// than of the code: expired certificates and credentials, nodes, providers,
// traffic, disks and the data itself.
func Operational(s Signature) bool {
	switch s {
	case CertExpired, CredsExpired, NodePressure, Provider, PoisonRecord, Surge, Quota, HostFailure, ZoneFailure:
		return true
	}
	return false
}

// kinship is how well a failure seen as the second signature fits a diff that
// produces the first, in thousandths, where they are not the same. A fault is
// seen through its consequences: an exhausted pool as a timeout, a leak as an
// exhausted pool. The table follows those chains one step, never two.
type kinship struct {
	produced, seen Signature
	fit            int
}

func kinships() []kinship {
	return []kinship{
		{PoolExhausted, Timeout, 600}, {PoolExhausted, Slow, 600}, {PoolExhausted, Hang, 600}, {PoolExhausted, RateLimited, 300},
		{HandleLeak, PoolExhausted, 900}, {HandleLeak, TooManyConns, 900}, {HandleLeak, MemoryGrowth, 500}, {HandleLeak, Timeout, 400},
		{TooManyConns, PoolExhausted, 500}, {TooManyConns, Unreachable, 500},
		{Timeout, Slow, 300}, {Timeout, Unhandled, 500}, {Timeout, RetryStorm, 300},
		{Hang, Timeout, 800}, {Hang, Slow, 700}, {Hang, PoolExhausted, 700},
		{RetryStorm, Overload, 900}, {RetryStorm, Surge, 800}, {RetryStorm, RateLimited, 800}, {RetryStorm, Timeout, 500}, {RetryStorm, Slow, 500},
		{Overload, Slow, 600}, {Overload, Timeout, 600}, {Overload, CPUBurn, 600}, {Overload, PoolExhausted, 500}, {Overload, RateLimited, 500}, {Overload, Surge, 500},
		{CacheMiss, Slow, 700}, {CacheMiss, Overload, 700}, {CacheMiss, SlowQuery, 600}, {CacheMiss, Timeout, 500}, {CacheMiss, QueryFanOut, 600},
		{Stale, WrongResult, 800}, {Stale, Rejected, 400},
		{SlowQuery, Slow, 850}, {SlowQuery, Timeout, 700}, {SlowQuery, PoolExhausted, 600}, {SlowQuery, CPUBurn, 500}, {SlowQuery, MemoryGrowth, 300},
		{QueryFanOut, Slow, 850}, {QueryFanOut, SlowQuery, 800}, {QueryFanOut, Timeout, 700}, {QueryFanOut, PoolExhausted, 600}, {QueryFanOut, Overload, 600}, {QueryFanOut, RateLimited, 500},
		{Contention, Slow, 800}, {Contention, Timeout, 600}, {Contention, Deadlock, 500}, {Contention, Hang, 700},
		{Deadlock, Hang, 900}, {Deadlock, Timeout, 800}, {Deadlock, Slow, 600}, {Deadlock, Contention, 800}, {Deadlock, PoolExhausted, 500},
		{DataRace, CrashLoop, 600}, {DataRace, WrongResult, 700}, {DataRace, Unhandled, 400},
		{NilDeref, CrashLoop, 700}, {NilDeref, Unhandled, 600}, {OutOfRange, CrashLoop, 700}, {OutOfRange, Unhandled, 600},
		{Unhandled, CrashLoop, 500}, {Unhandled, NotRegistered, 400}, {Unhandled, Rejected, 300},
		{WrongResult, Rejected, 500}, {WrongResult, Unhandled, 300},
		{Decode, Unhandled, 500}, {Decode, SchemaDrift, 800}, {SchemaDrift, Decode, 800}, {SchemaDrift, Unhandled, 500}, {SchemaDrift, NilDeref, 400},
		{NotRegistered, Unhandled, 600}, {NotRegistered, NilDeref, 600}, {NotRegistered, NoConfig, 500}, {NotRegistered, Unreachable, 300},
		{Rejected, Unhandled, 400}, {RateLimited, Rejected, 400}, {RateLimited, Unhandled, 400},
		{LogVolume, DiskFull, 900}, {LogVolume, Slow, 500}, {LogVolume, CPUBurn, 600},
		{MemoryGrowth, OutOfMemory, 1000}, {MemoryGrowth, CrashLoop, 600}, {MemoryGrowth, Slow, 400},
		{OutOfMemory, CrashLoop, 800}, {OutOfMemory, MemoryGrowth, 700},
		{CPUBurn, Slow, 800}, {CPUBurn, CPUThrottled, 800}, {CPUBurn, Timeout, 600},
		{CPUThrottled, Slow, 800}, {CPUThrottled, Timeout, 600}, {CPUThrottled, CPUBurn, 600},
		{TLSFailure, Unreachable, 500}, {TLSFailure, Unhandled, 300}, {TLSFailure, CertExpired, 100},
		{NameFailure, Unreachable, 600}, {NameFailure, Timeout, 400}, {NameFailure, Unhandled, 300},
		{Unreachable, Timeout, 600}, {Unreachable, NameFailure, 800}, {Unreachable, Unhandled, 500}, {Unreachable, TLSFailure, 300},
		{CrashLoop, Unreachable, 500}, {CrashLoop, Unhandled, 400},
		{ConsumerLag, Slow, 400}, {ConsumerLag, Overload, 400}, {NoConfig, CrashLoop, 700}, {NoConfig, Unhandled, 500}, {NoConfig, Rejected, 400},
	}
}

// Vocabulary is the table of kinship made ready for look-up.
type Vocabulary struct {
	fits map[[2]Signature]int
}

// NewVocabulary builds the table once per investigation.
func NewVocabulary() Vocabulary {
	v := Vocabulary{fits: map[[2]Signature]int{}}
	for _, k := range kinships() {
		v.fits[[2]Signature{k.produced, k.seen}] = k.fit
	}
	return v
}

// Fit says how well a diff that produces the one signature explains a failure
// seen as the other: 0 to 1000, 1000 when they are the same.
func (v Vocabulary) Fit(produced, seen Signature) int {
	if produced == seen {
		return 1000
	}
	return v.fits[[2]Signature{produced, seen}]
}
