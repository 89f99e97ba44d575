package topology

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// Callees tells whom a client span calls when nobody answered it. The callee's
// own name for itself is on its spans only; what a caller says of it (an
// address, an RPC service, the operation) is tied to that name by the calls that
// were answered, before the trouble or during it.
type Callees struct {
	names *Namer
	led   map[string]*led // by key
	// known are the callees of each service, sorted.
	known map[string][]string
	// traced are the services that have spans of their own.
	traced map[string]bool
	// at are the addresses that the calls of each service name.
	at map[string]map[string]bool
	// addresses are the platform's own: "IP:port" or "IP" to a service.
	addresses map[string]string
	// stores are databases and queues that some span calls as such: that they have no
	// spans says nothing of them.
	stores map[string]bool
	// answered is the share of calls that must have been answered, stem the least
	// length of a stem, silent the least number of calls without an answer, see
	// weights.Topology.
	answered     float64
	stem, silent int
}

// led is what the calls with one key led to.
type led struct {
	to string // empty for two services: that tells nothing
	// calls and answered count client spans of the time before and of the
	// incident.
	calls, answered [2]int
}

// name is the service that a key leads to, empty for none; share is how many of the
// calls of one time must have been answered.
func (l *led) name(share float64) string {
	if l == nil {
		return ""
	}
	for side := range l.calls {
		if n := l.answered[side]; n > 0 && float64(n) >= share*float64(l.calls[side]) {
			return l.to
		}
	}
	return ""
}

// silent reports whether calls with a key were made before the trouble and none was
// ever answered by spans: whoever is there has none, and is none of those that less
// exact keys lead to.
func (l *led) silent() bool { return l != nil && l.calls[0] > 0 && l.answered == [2]int{} }

// everAnswered reports whether any call with a key was answered by whomever.
func (l *led) everAnswered() bool { return l != nil && l.answered != [2]int{} }

// LearnCallees reads the answered calls of the traces, which bear their
// entities' names, and the edges that are known otherwise.
func LearnCallees(c *gathered.Evidence, edges []evidence.Edge, names *Namer) *Callees {
	k := &Callees{names: names, led: map[string]*led{}, known: map[string][]string{}, traced: map[string]bool{}, at: map[string]map[string]bool{}, stores: map[string]bool{}, addresses: c.Addresses,
		answered: c.By().Topology.Answered, stem: c.By().Topology.Stem, silent: c.By().Topology.Silent}
	know := func(caller, callee string) {
		if caller != callee && !slices.Contains(k.known[caller], callee) {
			k.known[caller] = append(k.known[caller], callee)
		}
	}
	for _, e := range edges {
		know(names.Name(e.Caller), names.Name(e.Callee))
	}
	EachSpan(c, func(t *gathered.Trace, s *evidence.Span, children []int) {
		side := 0
		if incident, _ := c.TraceSide(t.Trace); incident {
			side = 1
		}
		k.traced[s.Service] = true
		if peer, told := PeerOf(*s); told && (peer.Kind == evidence.KindDatabase || peer.Kind == evidence.KindQueue) {
			k.stores[names.Name(peer.Name)] = true
		}
		if s.Kind == evidence.SpanServer {
			if key := rpcKey(s); key != "" {
				k.learn(key, s.Service, side)
			}
			return
		}
		callee := ""
		for _, child := range children {
			if to := t.Spans[child].Service; to != s.Service {
				callee = to
				know(s.Service, callee)
			}
		}
		if callee == "" && s.Kind != evidence.SpanClient && s.Kind != evidence.SpanProducer {
			return
		}
		for _, key := range keysOf(s) {
			k.learn(key, callee, side)
		}
		if key := bareAddress(s); key != "" {
			if k.at[s.Service] == nil {
				k.at[s.Service] = map[string]bool{}
			}
			k.at[s.Service][key] = true
		}
	})
	return k
}

// learn counts a call, which nobody answered when callee is empty.
func (k *Callees) learn(key, callee string, side int) {
	l := k.led[key]
	if l == nil {
		l = &led{to: callee}
		k.led[key] = l
	}
	l.calls[side]++
	if callee == "" {
		return
	}
	if l.answered == [2]int{} {
		l.to = callee
	} else if l.to != callee {
		l.to = ""
	}
	l.answered[side]++
}

// Of is the entity that an unanswered client span calls, and what kind of thing
// it is when no span ever came from it; false for a span that calls nobody: no
// client's, a call of a service to itself, an embedded database.
func (k *Callees) Of(s *evidence.Span) (evidence.Entity, bool) {
	if s.Kind == evidence.SpanServer || s.Kind == evidence.SpanConsumer || isEmbedded(s) {
		return evidence.Entity{}, false
	}
	peer, told := PeerOf(*s)
	if told {
		if name, ok := k.names.Find(peer.Name); ok {
			return evidence.Entity{Name: name, Kind: peer.Kind}, name != s.Service
		}
	}
	if s.Kind == evidence.SpanClient || s.Kind == evidence.SpanProducer {
		if name := k.learned(s); name != "" {
			return evidence.Entity{Name: name, Kind: evidence.KindService}, name != s.Service
		}
		if name := Stemmed(peer.Name, k.known[s.Service], k.stem); told && name != "" {
			return evidence.Entity{Name: name, Kind: evidence.KindService}, true
		}
	}
	if rpc := s.Attributes["rpc.service"]; !told && rpc != "" && !k.led[rpcKey(s)].everAnswered() {
		// Nothing names who serves it: it goes by the name that its callers have for it.
		return evidence.Entity{Name: rpc, Kind: evidence.KindService}, true
	}
	return peer, told
}

// learned is what answered calls of the same kind led to.
func (k *Callees) learned(s *evidence.Span) string {
	for _, key := range keysOf(s) {
		if to := k.led[key].name(k.answered); to != "" {
			return to
		}
		if k.led[key].silent() {
			if to := k.left(s, key); to != "" {
				return to
			}
			break
		}
	}
	host, port := addressOf(s)
	for _, a := range []string{net.JoinHostPort(host, port), host} {
		if to, ok := k.addresses[a]; ok {
			return k.names.Name(to)
		}
	}
	return ""
}

// left is who is at an address where no span ever answered, by elimination: of those
// that the caller is known to call, exactly one has no spans and should have, and of the
// addresses that it calls, this alone has no answers, of calls enough to tell.
func (k *Callees) left(s *evidence.Span, key string) string {
	if key != bareAddress(s) || k.led[key].calls[0] < k.silent {
		return ""
	}
	for other := range k.at[s.Service] { // any other one ends it
		if other != key && k.led[other].silent() {
			return ""
		}
	}
	found := ""
	for _, callee := range k.known[s.Service] {
		switch {
		case k.traced[callee] || k.stores[callee]:
		case found != "":
			return ""
		default:
			found = callee
		}
	}
	return found
}

// bareAddress is the key of an address that names nobody, an IP or the loopback with
// a port, which no database or queue is at; empty for none.
func bareAddress(s *evidence.Span) string {
	host, port := addressOf(s)
	if port == "" || net.ParseIP(host) == nil && !isLoopback(host) || s.Attributes["db.system"] != "" || s.Attributes["db.system.name"] != "" || s.Attributes["messaging.system"] != "" {
		return ""
	}
	return "address\x00" + net.JoinHostPort(host, port)
}

// keysOf are what a client span says about its callee, most exact first. A host
// without a port is none on the loopback, which everybody has; the operation is
// none of a database's or queue's client, whose server has no spans.
func keysOf(s *evidence.Span) []string {
	var keys []string
	if host, port := addressOf(s); host != "" && port != "" {
		keys = append(keys, "address\x00"+net.JoinHostPort(host, port))
	} else if host != "" && !isLoopback(host) {
		keys = append(keys, "address\x00"+host)
	}
	if rpc := rpcKey(s); rpc != "" {
		keys = append(keys, rpc)
	}
	if s.Attributes["db.system"] != "" || s.Attributes["db.system.name"] != "" || s.Attributes["messaging.system"] != "" {
		return keys
	}
	return append(keys, "operation\x00"+s.Service+"\x00"+s.Operation)
}

func rpcKey(s *evidence.Span) string {
	if x := s.Attributes["rpc.service"]; x != "" {
		return "rpc\x00" + x
	}
	return ""
}

// addressOf is where a client span's call went, by today's and past semantic
// conventions and by the URL that it called.
func addressOf(s *evidence.Span) (host, port string) {
	for _, pair := range [][2]string{{"server.address", "server.port"}, {"net.peer.name", "net.peer.port"}, {"network.peer.address", "network.peer.port"},
		{"net.peer.ip", "net.peer.port"}, {"net.sock.peer.addr", "net.sock.peer.port"}, {"peer.address", ""}, {"peer.ipv4", "peer.port"}, {"http.host", ""}} {
		at := s.Attributes[pair[0]]
		if at == "" || IsSocket(at) {
			continue
		}
		if h, p, err := net.SplitHostPort(at); err == nil {
			return strings.ToLower(h), p
		}
		return strings.ToLower(at), s.Attributes[pair[1]]
	}
	for _, a := range []string{"url.full", "http.url"} {
		if u, err := url.Parse(s.Attributes[a]); err == nil && u.Hostname() != "" {
			return strings.ToLower(u.Hostname()), u.Port()
		}
	}
	return "", ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// embedded are the databases that run inside the process that uses them, as
// OpenTelemetry's and common drivers spell db.system.
var embedded = []string{"sqlite", "sqlite3", "h2", "h2database", "hsqldb", "derby", "duckdb", "rocksdb", "leveldb", "badger", "bbolt", "bolt", "lmdb"}

// isEmbedded tells that a span's database is part of the service: a call to it
// leaves no process.
func isEmbedded(s *evidence.Span) bool {
	system := strings.ToLower(s.Attributes["db.system.name"])
	if system == "" {
		system = strings.ToLower(s.Attributes["db.system"])
	}
	if !slices.Contains(embedded, system) || s.Attributes["peer.service"] != "" {
		return false
	}
	host, _ := addressOf(s)
	return host == "" || isLoopback(host) // H2 and others can also be served
}

// Stemmed is the one of a service's known callees that a name means by its
// stem, as cart means cartservice; empty when none or several could be meant.
// Among strangers a stem proves nothing, nor does one shorter than least.
func Stemmed(name string, callees []string, least int) string {
	found := ""
	want := Stem(name, least)
	if len(want) < least {
		return ""
	}
	for _, c := range callees {
		if Stem(c, least) == want {
			if found != "" && found != c {
				return ""
			}
			found = c
		}
	}
	return found
}
