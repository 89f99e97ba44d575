package suspect

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/spoken"
)

// raisers say by what in a program the errors of runtimes, libraries and databases
// come about: what they say, a phrase a comma, and the words of code that does such
// a thing. They name no fault and no system: an error of parsing speaks for commits
// that parse. A star ends the beginning of a word.
var raisers = []struct{ said, done string }{
	{"key error, keyerror, no such key, key not found, no such element, no value present, missing key", "get key keys pop dict map lookup find optional field item items has contains"},
	{"index out of range, index out of bounds, indexerror, out of bounds for length, slice bounds out of range, list index, string index, exceeds capacity", "index length len size range substring slice split first last offset loop for position"},
	{"nil pointer, null pointer, nullpointer*, nonetype, of undefined, of null, reading undefined, is null, is undefined, is not set, nil map, invalid memory address", "nil null none undefined optional find get lookup default empty missing init lazy"},
	{"positional argument, positional arguments, keyword argument, required argument, too many arguments, not enough arguments, nosuchmethod*, abstractmethod*, wrong number of arguments, incompatible types, no suitable method, abstract class, abstract method", "def func function args kwargs param params argument arguments signature override abstract super init constructor"},
	{"has no attribute, is not a function, is not a constructor, undefined method, no such method, nosuchfield*, has no member, does not provide an export, no export named, cannot find symbol", "import export exports require default module class def rename alias static bind prototype this self"},
	{"no module named, cannot find module, modulenotfound*, importerror, cannot import, classnotfound*, noclassdef*, err require esm, err module not found, circular import, unable to resolve", "import from require module package exports path resolve lazy dependency class classpath loader"},
	{"json, unmarshal, unexpected token, unexpected end, jsondecode*, invalid character, unrecognized field, unrecognized property, expecting value, mismatchedinput*, deserialize, deserialization, cannot deserialize, parse error, parsing failed, yaml", "json yaml xml parse decode encode marshal unmarshal serialize deserialize loads dumps stringify mapper field property tag schema body"},
	{"not json serializable, circular structure, no serializer, notserializable*, infinite recursion, cannot be serialized, cloned", "json serialize serializer marshal dumps stringify transient lazy entity dataclass field circular dict"},
	{"codec, unicode*, invalid byte sequence, utf, charset, malformed, mojibake, illegal character, incorrect string value", "utf encode decode ascii latin charset bytes buffer getbytes open text string encoding locale"},
	{"numberformat*, invalid literal, parseint, strconv, could not convert string, not a number, nan, invalid number", "int float number parse atoi strconv decimal format locale value double"},
	{"datetimeparse*, time data, parsing time, invalid date, invalid time, time zone, timezone, offset naive, daylight, unsupported unit, temporal*, date", "date time zone tz utc format parse instant local now timestamp offset day hour calendar duration"},
	{"classcast*, cannot be cast, interface conversion, type assertion, expected str, must be str, not str, unhashable, unsupported operand", "cast type instance isinstance instanceof as convert generic any object list str int"},
	{"concurrentmodification*, concurrent map, changed size during iteration, data race, race, concurrent", "lock mutex synchronized map iterate remove goroutine go thread async parallel stream concurrent atomic shared global"},
	{"context canceled, context cancelled, was canceled, was cancelled, cancellederror, cancelled, aborted, aborterror, interrupted*, cancellation", "context ctx cancel abort signal background shield interrupt scope timeout task stop"},
	{"deadline exceeded, timed out, timeout, timeouterror, sockettimeout*, etimedout, took too long, not responding, stuck, hang, hung, blocked", "timeout deadline duration second seconds keepalive retry wait block sleep lock pool channel queue await sync"},
	{"too many connections, pool exhausted, queuepool, connection pool, too many open files, emfile, remaining connection slots, no available connection, connection leak, not available", "connection conn pool close open release defer finally session client rows cursor socket max limit file"},
	{"connection reset, broken pipe, socket hang up, bad connection, connection is closed, connection closed, econnreset, econnrefused, connection refused, eof, stream closed, goaway", "connection conn keepalive idle close agent socket client host port listen dial address pool retry server shutdown proxy"},
	{"use of closed, already closed, send on closed, closed channel, after shutdown, not initialized, lazyinitialization*, detachedinstance*, session is closed, already committed, not open, has been closed, illegalstate*, already started", "close closed init start stop shutdown state session lazy detach commit rollback flush channel open lifecycle expire refresh transaction"},
	{"duplicate key, unique constraint, duplicate entry, integrityerror, violates, constraint, already exists, duplicate, conflict", "insert unique key constraint upsert create id sequence append register merge add index copy conflict"},
	{"deadlock, lock wait, could not serialize, serialization failure, could not obtain lock", "lock transaction update select for begin commit order isolation tx mutex nowait"},
	{"relation, column, no such table, no such column, unknown column, undefinedcolumn, undefinedtable, syntax error at, sqlstate, programmingerror, operationalerror, sql", "select insert update delete from where join table column query sql alter create migration entity index order group"},
	{"unauthorized, forbidden, invalid signature, token, permission, access denied, csrf, cors, audience, issuer, credentials, authentication, not allowed, authorization, login", "auth token jwt role scope permission csrf cors secret sign verify cookie session origin header user policy login issuer"},
	{"not found, no route, cannot get, method not allowed, unknown path, no handler", "route path url prefix mount handler mux router endpoint redirect get post base slash register"},
	{"too large, entity too large, exceeds, maximum size, limit, message larger, header fields too large", "limit max size body bytes multipart upload buffer length header chunk batch"},
	{"regexp, regex, patternsyntax*, regular expression, backtracking, pattern", "regexp regex pattern compile match replace escape quote glob"},
	{"no such file, enoent, filenotfound*, nosuchfile*, is a directory, read only file system, no space, not a directory, file exists", "path file dir folder open join mkdir rename tmp temp cwd resource write create root base"},
	{"x509, certificate, handshake, tls, ssl, pkix*, hostname", "tls ssl cert certificate ca verify insecure cipher hostname trust server name version"},
	{"stackoverflow*, maximum call stack, recursionerror, recursion, stack exceeds, stack overflow", "recursion recursive tostring hashcode equals repr getattr depth parent children self visit walk"},
	{"outofmemory*, heap out of memory, heap space, oom*, cannot allocate, memoryerror, memory, gc overhead", "cache buffer list append readall stream evict batch size retain map array copy limit load all pool"},
	{"divide by zero, division by zero, by zero, overflow, infinity, negative, underflow", "divide total count ratio rate average int long float mod percent sum max min cast size"},
	{"environment variable, not configured, invalid configuration, unknown flag, flag provided, unknown option, unknown property, bindexception, required property, configuration, could not resolve placeholder", "env environ getenv config configuration option flag setting property default yaml required load profile"},
	{"never awaited, event loop, promise, unhandled rejection, is not iterable, different loop, unhandledpromise*, coroutine", "async await promise then loop gather all future task coroutine run sync callback iterator generator"},
	{"header, headers, content type, accept", "header headers set get canonical lower case content type accept response request"},
	{"enum, no enum constant, unknown value, unexpected value, unexpected state, unknown type, unhandled", "enum case switch value status state type default constant ordinal name"},
	{"import cycle, cycle, circular, bean, beans, dependency injection, inject*, unsatisfied*, no qualifying, no provider", "inject autowired bean provider module component service constructor register scope circular import factory"},
	{"sort, comparison method, ordering, not sorted, comparator", "sort compare comparator order equals less key hash"},
}

// raiserTable finds what of raisers a text says.
var raiserTable = func() *spoken.Table[[]string] {
	t := &spoken.Table[[]string]{}
	for _, r := range raisers {
		words := strings.Fields(r.done)
		for phrase := range strings.SplitSeq(r.said, ", ") {
			t.Add(phrase, words)
		}
	}
	return t
}()

// raisedBy are the words of code that brings about what a text says, each with how
// many of what it says name it.
func raisedBy(text string) map[string]int {
	out := map[string]int{}
	raiserTable.Find(spoken.Words(text), func(words []string) {
		for _, w := range words {
			out[w]++
		}
	})
	return out
}
