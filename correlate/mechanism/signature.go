package mechanism

import "github.com/wherefore-dev/wherefore/correlate/weights"

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

// Defect reports whether a signature speaks of the program itself: nothing around it
// makes it read what is not there or share what it must not.
func Defect(s Signature) bool {
	switch s {
	case NilDeref, OutOfRange, DataRace, Deadlock:
		return true
	}
	return false
}

// Vocabulary is how well signatures explain each other.
type Vocabulary struct{ fits map[string]map[string]int }

// NewVocabulary takes the kinships over.
func NewVocabulary(by *weights.Mechanism) Vocabulary { return Vocabulary{fits: by.Kinships} }

// Fit says how well a diff that produces the one signature explains a failure
// seen as the other: 0 to 1000, 1000 when they are the same.
func (v Vocabulary) Fit(produced, seen Signature) int {
	if produced == seen {
		return 1000
	}
	return v.fits[string(produced)][string(seen)]
}
