package errorclass

import "github.com/wherefore-dev/wherefore/correlate/spoken"

// builtIn are the rules for what everybody has, first match first. What breaks a
// promise comes before what is expected: a missing row that was answered with 500
// is a failure to whoever asked.
var builtIn = setOf(

	Rule{ID: "deadline", Class: Fatal, Text: []string{"deadline exceeded"}},
	Rule{ID: "deadline", Class: Fatal, Status: []string{"DEADLINE_EXCEEDED", "408", "504"}},
	Rule{ID: "crash", Class: Fatal, Text: []string{"panic runtime error", "nil pointer dereference", "segmentation fault", "out of memory", "stack overflow"}},
	// The caller has gone: nobody waits for this answer any more.
	Rule{ID: "caller-gone", Class: Recoverable, Status: []string{"CANCELLED", "499"}},
	Rule{ID: "rate-limit", Class: Noisy, Status: []string{"429"}},
	Rule{ID: "rate-limit", Class: Noisy, Status: []string{"RESOURCE_EXHAUSTED"}, Text: []string{"rate limit", "too many requests", "throttled", "throttling", "quota"}},
	Rule{ID: "rate-limit", Class: Noisy, Type: []string{"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "ProvisionedThroughputExceededException", "SlowDown", "RateLimitError", "RateLimitExceeded", "RequestThrottled"}},
	Rule{ID: "server-status", Class: Fatal, Status: []string{"5xx", "UNAVAILABLE", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED"}},
	Rule{ID: "rate-limit", Class: Noisy, Text: []string{"rate limit exceeded", "rate limit reached", "rate limited", "too many requests", "request was throttled", "request throttled", "rate exceeded"}},
	// An empty answer is an answer.
	Rule{ID: "empty-answer", Class: Recoverable, Text: []string{"redis nil", "no rows in result set", "no documents in result", "memcache cache miss", "etcdserver key not found", "record not found"}},
	Rule{ID: "empty-answer", Class: Recoverable, Type: []string{"RecordNotFound", "ErrRecordNotFound", "DoesNotExist", "NoResultFound", "NoResultException", "EmptyResultDataAccessException", "ModelNotFoundException", "NoSuchKey", "ResourceNotFoundException", "EntityNotFoundException", "NotFoundError"}},
	// The caller's own mistake, said to the caller.
	Rule{ID: "caller-mistake", Class: Recoverable, Status: []string{"400", "401", "402", "403", "404", "405", "406", "409", "410", "411", "412", "413", "414", "415", "416", "417", "418", "421", "422", "423", "425", "426", "428", "431", "451"}},
	Rule{ID: "caller-mistake", Class: Recoverable, Status: []string{"INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "OUT_OF_RANGE"}},
	Rule{ID: "caller-mistake", Class: Recoverable, Type: []string{"MethodArgumentNotValidException", "NoHandlerFoundException", "NoResourceFoundException", "Http404", "MaxBytesError", "ExpiredJwtException", "TokenExpiredError"}},
	// Two writers met, and one of them is to try again.
	Rule{ID: "conflict", Class: Recoverable, Status: []string{"ABORTED"}},
	Rule{ID: "conflict", Class: Recoverable, Text: []string{"duplicate key value violates unique constraint", "duplicate entry", "duplicate key error", "cannot insert duplicate key", "unique constraint failed", "could not serialize access", "deadlock detected", "deadlock found when trying to get lock", "deadlock victim"}},
	Rule{ID: "conflict", Class: Recoverable, Type: []string{"ConditionalCheckFailedException", "DuplicateKeyException", "OptimisticLockException", "OptimisticLockingFailureException", "UniqueViolation"}},
	// A client that waited no longer says of its own request that it was canceled.
	Rule{ID: "timeout", Class: Fatal, Text: []string{"timed out", "timeout", "timeouts", "time out"}},
	Rule{ID: "caller-gone", Class: Recoverable, says: spoken.HungUp},
	Rule{ID: "caller-gone", Class: Recoverable, Type: []string{"TaskCanceledException", "OperationCanceledException", "CancellationException", "CancelledError", "ClientAbortException", "AbortError"}},
	Rule{ID: "timeout", Class: Fatal, says: spoken.GaveUp},
	Rule{ID: "timeout", Class: Fatal, Type: []string{"TimeoutException", "TimeoutError", "ReadTimeout", "ConnectTimeout", "SocketTimeoutException"}},
	Rule{ID: "unreachable", Class: Fatal, says: spoken.NoWay},
	Rule{ID: "crash", Class: Fatal, Type: []string{"NullPointerException", "NullReferenceException", "IndexOutOfBoundsException", "ArrayIndexOutOfBoundsException", "IndexError", "KeyError", "AttributeError", "NameError", "TypeError", "ReferenceError", "NoMethodError", "ZeroDivisionError", "ArithmeticException", "ClassCastException"}},
)

func setOf(rules ...Rule) *ruleSet {
	s := &ruleSet{}
	for _, r := range rules {
		s.add(r)
	}
	return s
}
