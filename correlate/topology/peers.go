package topology

import (
	"cmp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// PeerOf is the dependency that a client or producer span calls, as its
// attributes tell it; false for a span that says nothing about its peer and for
// an embedded database. A peer may turn out to be a service with spans of its
// own: see Callees.
func PeerOf(s evidence.Span) (evidence.Entity, bool) {
	if s.Kind == evidence.SpanServer || s.Kind == evidence.SpanConsumer || isEmbedded(&s) {
		return evidence.Entity{}, false
	}
	at := func(names ...string) string {
		for _, n := range names {
			if v := s.Attributes[n]; v != "" && !IsSocket(v) {
				return v
			}
		}
		return ""
	}
	host := withoutPort(at("peer.service", "server.address", "net.peer.name", "network.peer.address", "peer.hostname", "http.host"))
	if system := at("db.system.name", "db.system"); system != "" {
		return evidence.Entity{Name: cmp.Or(withoutPort(at("peer.service")), databaseName(host, system)), Kind: evidence.KindDatabase}, true
	}
	if system := at("messaging.system"); system != "" {
		return evidence.Entity{Name: cmp.Or(withoutPort(at("peer.service")), at("messaging.destination.name", "messaging.destination"), host, system), Kind: evidence.KindQueue}, true
	}
	if host != "" && (s.Kind == evidence.SpanClient || s.Kind == evidence.SpanProducer) {
		return evidence.Entity{Name: host, Kind: evidence.KindExternal}, true
	}
	return evidence.Entity{}, false
}

// CalleeOf is whom a client span calls: as the evidence settled it, else as the
// span says itself; empty for nobody.
func CalleeOf(s *evidence.Span) string {
	if s.Callee != "" || isEmbedded(s) {
		return s.Callee
	}
	if p, ok := PeerOf(*s); ok {
		return p.Name
	}
	return s.Attributes["rpc.service"]
}

// databaseName prefers the host, unless it is an address that means nothing to
// a reader.
func databaseName(host, system string) string {
	if host == "" || host == "localhost" || IsAddress(host) {
		return system
	}
	return host
}

func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > 0 && strings.Count(host, ":") == 1 {
		return host[:i]
	}
	return host
}

// IsSocket reports whether an address is a Unix socket's: a path, or an abstract name
// after "@" (unix(7)). It leads to a process of the same host and names none, and often
// holds what is made anew at each start.
func IsSocket(address string) bool {
	return strings.HasPrefix(address, "unix:") || strings.HasPrefix(address, "unix-abstract:") || strings.HasPrefix(address, "/") || strings.HasPrefix(address, "@") || strings.HasPrefix(address, "\x00")
}

// IsAddress reports whether a host is a number instead of a name.
func IsAddress(host string) bool {
	return strings.Trim(host, "0123456789.") == "" || strings.Count(host, ":") > 1
}

// EachSpan calls f for every span with the indexes of its children.
func EachSpan(c *gathered.Evidence, f func(t *gathered.Trace, s *evidence.Span, children []int)) {
	for ti := range c.Traces {
		t := &c.Traces[ti]
		children := Children(Parents(t.Spans))
		for i := range t.Spans {
			f(t, &t.Spans[i], children[i])
		}
	}
}
