package mechanism

// FaultShowsAs reports whether an operational fault ordinarily shows as a
// signature as well.
func FaultShowsAs(fault, sig Signature) bool {
	for _, s := range consequences(fault) {
		if s == sig {
			return true
		}
	}
	return false
}

// consequences are how an operational fault is seen through others. Errors,
// delays and time-outs follow from all of them.
func consequences(fault Signature) []Signature {
	always := []Signature{Unhandled, Slow, Timeout, RetryStorm, Hang}
	switch fault {
	case Surge:
		return append(always, Overload, PoolExhausted, TooManyConns, CPUBurn, CPUThrottled, RateLimited, MemoryGrowth, OutOfMemory, ConsumerLag, SlowQuery, Contention, LogVolume, CacheMiss, DiskFull, CrashLoop, Unreachable)
	case NodePressure:
		return append(always, CPUBurn, CPUThrottled, MemoryGrowth, OutOfMemory, CrashLoop, Unreachable, DiskFull, ConsumerLag, SlowQuery, Overload)
	case HostFailure, ZoneFailure:
		return append(always, CrashLoop, Unreachable, Overload, PoolExhausted, ConsumerLag, NameFailure, Stale, TooManyConns, SlowQuery)
	case Provider:
		return append(always, Unreachable, RateLimited, Rejected, TLSFailure, NameFailure, PoolExhausted, ConsumerLag, Overload)
	case CertExpired:
		return append(always, TLSFailure, Unreachable, Rejected, ConsumerLag)
	case CredsExpired:
		return append(always, Rejected, Unreachable, PoolExhausted, ConsumerLag)
	case Quota:
		return append(always, RateLimited, Rejected, ConsumerLag, Overload)
	case PoisonRecord:
		return append(always, Decode, NilDeref, OutOfRange, ConsumerLag, CrashLoop, Rejected, WrongResult, SchemaDrift)
	case DiskFull:
		return append(always, CrashLoop, ConsumerLag, LogVolume, Unreachable, SlowQuery)
	case NameFailure:
		return append(always, Unreachable, PoolExhausted, Rejected, TLSFailure)
	}
	return always
}
