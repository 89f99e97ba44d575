package kit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	grpccodes "google.golang.org/grpc/codes"
)

// Class is what an error means for the promise that a service made.
type Class string

// The classes. What is fatal broke the promise; what is recoverable was expected;
// what is noisy is worth an alert and no failure.
const (
	Fatal       Class = "fatal"
	Recoverable Class = "recoverable"
	Noisy       Class = "noisy"
)

// Rule gives errors a class. An error has to fit all that a rule names, and one of
// each list.
type Rule struct {
	Class  Class
	Status []string // HTTP statuses, as 429 or 5xx, and gRPC codes by name, as RESOURCE_EXHAUSTED
	Is     []error  // as errors.Is has it
	Type   []string // ends of the names of types
	Text   []string // phrases, found by their words
	name   string   // of a built-in rule
}

func (r Rule) check() error {
	switch {
	case r.Class != Fatal && r.Class != Recoverable && r.Class != Noisy:
		return fmt.Errorf("class is %q and must be fatal, recoverable or noisy", r.Class)
	case len(r.Status)+len(r.Is)+len(r.Type)+len(r.Text) == 0:
		return errors.New("it names nothing, and would fit every error")
	}
	for _, t := range r.Text {
		if len(wordsOf(t)) == 0 {
			return fmt.Errorf("text %q has no word in it", t)
		}
	}
	return nil
}

// Classified is the class of an error, and by which rule. What no rule knows is
// fatal and unclassified.
type Classified struct {
	Class        Class
	Rule         string
	Unclassified bool
}

// builtIn are the rules for what everybody has, the first that fits first. They
// give the classes that the reading side gives: testdata/classes.json holds both
// to one table.
var builtIn = []Rule{
	{name: "deadline", Class: Fatal, Is: []error{context.DeadlineExceeded}},
	{name: "deadline", Class: Fatal, Text: []string{"deadline exceeded"}},
	{name: "deadline", Class: Fatal, Status: []string{"DEADLINE_EXCEEDED", "408", "504"}},
	{name: "crash", Class: Fatal, Text: []string{"panic runtime error", "nil pointer dereference", "segmentation fault", "out of memory", "stack overflow"}},
	{name: "caller-gone", Class: Recoverable, Status: []string{"CANCELLED", "499"}},
	{name: "rate-limit", Class: Noisy, Status: []string{"429"}},
	{name: "rate-limit", Class: Noisy, Status: []string{"RESOURCE_EXHAUSTED"}, Text: []string{"rate limit", "too many requests", "throttled", "throttling", "quota"}},
	{name: "rate-limit", Class: Noisy, Type: []string{"ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "ProvisionedThroughputExceededException", "SlowDown", "RateLimitError", "RateLimitExceeded", "RequestThrottled"}},
	{name: "server-status", Class: Fatal, Status: []string{"5xx", "UNAVAILABLE", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED"}},
	{name: "rate-limit", Class: Noisy, Text: []string{"rate limit exceeded", "rate limit reached", "rate limited", "too many requests", "request was throttled", "request throttled", "rate exceeded"}},
	{name: "empty-answer", Class: Recoverable, Text: []string{"redis nil", "no rows in result set", "no documents in result", "memcache cache miss", "etcdserver key not found", "record not found"}},
	{name: "empty-answer", Class: Recoverable, Type: []string{"RecordNotFound", "ErrRecordNotFound", "DoesNotExist", "NoResultFound", "NoResultException", "EmptyResultDataAccessException", "ModelNotFoundException", "NoSuchKey", "ResourceNotFoundException", "EntityNotFoundException", "NotFoundError"}},
	{name: "caller-mistake", Class: Recoverable, Status: []string{"400", "401", "402", "403", "404", "405", "406", "409", "410", "411", "412", "413", "414", "415", "416", "417", "418", "421", "422", "423", "425", "426", "428", "431", "451",
		"INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "OUT_OF_RANGE"}},
	{name: "caller-mistake", Class: Recoverable, Type: []string{"MethodArgumentNotValidException", "NoHandlerFoundException", "NoResourceFoundException", "Http404", "MaxBytesError", "ExpiredJwtException", "TokenExpiredError"}},
	{name: "conflict", Class: Recoverable, Status: []string{"ABORTED"}},
	{name: "conflict", Class: Recoverable, Text: []string{"duplicate key value violates unique constraint", "duplicate entry", "duplicate key error", "cannot insert duplicate key", "unique constraint failed", "could not serialize access", "deadlock detected", "deadlock found when trying to get lock", "deadlock victim"}},
	{name: "conflict", Class: Recoverable, Type: []string{"ConditionalCheckFailedException", "DuplicateKeyException", "OptimisticLockException", "OptimisticLockingFailureException", "UniqueViolation"}},
	{name: "caller-gone", Class: Recoverable, Is: []error{context.Canceled, syscall.EPIPE}},
	// A client that waited no longer says of its own request that it was canceled.
	{name: "timeout", Class: Fatal, Text: []string{"timed out", "timeout", "timeouts", "time out"}},
	{name: "caller-gone", Class: Recoverable, Text: []string{"context canceled", "context cancelled", "broken pipe", "request canceled", "request cancelled", "request was canceled", "request aborted", "client disconnected", "client closed", "operation was canceled", "operation canceled", "task was canceled"}},
	{name: "caller-gone", Class: Recoverable, Type: []string{"TaskCanceledException", "OperationCanceledException", "CancellationException", "CancelledError", "ClientAbortException", "AbortError"}},
	{name: "timeout", Class: Fatal, Type: []string{"TimeoutException", "TimeoutError", "ReadTimeout", "ConnectTimeout", "SocketTimeoutException"}},
	{name: "unreachable", Class: Fatal, Is: []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EHOSTUNREACH, syscall.ENETUNREACH, io.ErrUnexpectedEOF}},
	{name: "unreachable", Class: Fatal, Text: []string{"connection refused", "connection reset", "no such host", "no route to host", "network is unreachable", "server misbehaving", "econnrefused", "econnreset", "enotfound", "getaddrinfo", "x509", "tls handshake"}},
	{name: "crash", Class: Fatal, Type: []string{"NullPointerException", "NullReferenceException", "IndexOutOfBoundsException", "ArrayIndexOutOfBoundsException", "IndexError", "KeyError", "AttributeError", "NameError", "TypeError", "ReferenceError", "NoMethodError", "ZeroDivisionError", "ArithmeticException", "ClassCastException"}},
}

// Classify gives an error its class. The status is an HTTP status or a gRPC code,
// by number or name, and may be empty.
func (k *Kit) Classify(status string, err error) Classified {
	text := ""
	if err != nil {
		text = err.Error()
	}
	return classify(k.classes, status, kindsOf(err, nil), text, err)
}

// mostWrapped bounds how much of what an error wraps is looked at.
const mostWrapped = 32

// kindsOf are the types of an error and of all that it wraps.
func kindsOf(err error, kinds []string) []string {
	if err == nil || len(kinds) == mostWrapped {
		return kinds
	}
	kinds = append(kinds, reflect.TypeOf(err).String())
	switch x := err.(type) { //nolint:errorlint // this is what walks the chain
	case interface{ Unwrap() error }:
		return kindsOf(x.Unwrap(), kinds)
	case interface{ Unwrap() []error }:
		for _, one := range x.Unwrap() {
			kinds = kindsOf(one, kinds)
		}
	}
	return kinds
}

func classify(own []Rule, status string, kinds []string, text string, err error) Classified {
	inText, named := said(text)
	status = known(status)
	answered := serverFailed(status)
	if saysNothing(status) {
		status = cmp.Or(inText, status)
	}
	if code := codeOf(err); saysNothing(status) && code != grpccodes.OK && code != grpccodes.Unknown {
		status = canonical(code.String()) // as a client of gRPC has it
	}
	e := failure{status: status, kinds: append(kinds, named...), words: " " + strings.Join(wordsOf(text), " ") + " ", err: err}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && !errors.Is(err, context.DeadlineExceeded) {
		e.words += "timeout "
	}
	for i := range own {
		if e.fits(&own[i]) {
			return Classified{Class: own[i].Class, Rule: "own " + strconv.Itoa(i+1)}
		}
	}
	if answered {
		e.kinds = nil // what was answered with 500 broke a promise, whatever it came of
	}
	for i := range builtIn {
		if e.fits(&builtIn[i]) {
			return Classified{Class: builtIn[i].Class, Rule: builtIn[i].name}
		}
	}
	return Classified{Class: Fatal, Unclassified: true}
}

// failure is an error as rules look at it.
type failure struct {
	status, words string
	kinds         []string
	err           error
}

func (e *failure) fits(r *Rule) bool {
	return oneOf(r.Status, func(s string) bool { return sameStatus(canonical(s), e.status) }) &&
		oneOf(r.Is, func(x error) bool { return errors.Is(e.err, x) }) &&
		oneOf(r.Type, func(x string) bool {
			return slices.ContainsFunc(e.kinds, func(kind string) bool { return endsWith(kind, x) })
		}) &&
		oneOf(r.Text, func(x string) bool { return strings.Contains(e.words, " "+strings.Join(wordsOf(x), " ")+" ") })
}

// oneOf reports whether one of a list fits; an empty list asks nothing.
func oneOf[T any](list []T, fits func(T) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, fits)
}

// endsWith reports whether the name of a type ends with another, at a border.
func endsWith(kind, name string) bool {
	rest, found := strings.CutSuffix(strings.ToLower(kind), strings.ToLower(name))
	return found && (rest == "" || strings.ContainsAny(rest[len(rest)-1:], ".:/*$"))
}

// longestText is how much of an error is read, in bytes.
const longestText = 4096

var (
	path = regexp.MustCompile(`\S*/\S*`) // it spells names, and says nothing
	word = regexp.MustCompile(`[a-z0-9]+`)
)

// wordsOf are the words of a text, paths left out and names split at their humps.
func wordsOf(text string) []string {
	if len(text) > longestText {
		text = text[:longestText]
	}
	return word.FindAllString(strings.ToLower(hump.ReplaceAllString(path.ReplaceAllString(text, " "), "$1 $2")), -1)
}
