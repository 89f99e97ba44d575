package topology

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
)

// TestWhomAnUnansweredCallIsTo has calls as instrumentations write them, some
// answered and one not.
func TestWhomAnUnansweredCallIsTo(t *testing.T) {
	type attributes = map[string]string
	call := func(a attributes) evidence.Span {
		return evidence.Span{SpanID: "1", Service: "front", Operation: "call", Kind: evidence.SpanClient, Attributes: a, Start: time.Unix(0, 0)}
	}
	answered := func(service string, a attributes) gathered.Trace {
		c := call(a)
		return gathered.Trace{Trace: evidence.Trace{Spans: []evidence.Span{c, {SpanID: "2", ParentID: "1", Service: service, Operation: "serve", Kind: evidence.SpanServer}}}}
	}
	unanswered := func(n int) (list []gathered.Trace) {
		for range n {
			list = append(list, gathered.Trace{Trace: evidence.Trace{Spans: []evidence.Span{call(nil)}}})
		}
		return list
	}
	at := func(port string) attributes {
		return attributes{"server.address": "127.0.0.1", "server.port": port}
	}
	silent := func(attributes ...attributes) (list []gathered.Trace) { // calls in normal time
		for _, a := range attributes {
			list = append(list, gathered.Trace{Baseline: true, Trace: evidence.Trace{Spans: []evidence.Span{call(a)}}})
		}
		return list
	}
	often := func(a attributes) []gathered.Trace { return silent(a, a, a, a, a) }
	asStore := func(s evidence.Span) gathered.Trace {
		s.Attributes = attributes{"db.system": "redis", "peer.service": "kv"}
		return gathered.Trace{Baseline: true, Trace: evidence.Trace{Spans: []evidence.Span{s}}}
	}
	calls := func(callees ...string) (list []evidence.Edge) {
		for _, callee := range callees {
			list = append(list, evidence.Edge{Caller: "front", Callee: callee})
		}
		return list
	}
	after := evidence.Window{Start: time.Unix(1, 0), End: time.Unix(2, 0)}
	named := func(s evidence.Span, op string) evidence.Span { s.Operation = op; return s }
	for name, c := range map[string]struct {
		answered  []gathered.Trace
		edges     []evidence.Edge
		addresses map[string]string
		span      evidence.Span
		want      string
	}{
		"by address and port":                 {[]gathered.Trace{answered("driver", attributes{"server.address": "127.0.0.1", "server.port": "8082"}), answered("route", attributes{"server.address": "127.0.0.1", "server.port": "8083"})}, nil, nil, call(attributes{"server.address": "127.0.0.1", "server.port": "8083"}), "route"},
		"by the URL":                          {[]gathered.Trace{answered("driver", attributes{"http.url": "http://127.0.0.1:8082/find?x=1"}), answered("route", attributes{"http.url": "http://127.0.0.1:8083/r"})}, nil, nil, call(attributes{"http.url": "http://127.0.0.1:8082/find"}), "driver"},
		"by the RPC service":                  {[]gathered.Trace{answered("driver", attributes{"rpc.service": "d.Drivers"}), answered("route", attributes{"rpc.service": "r.Routes"})}, nil, nil, call(attributes{"rpc.service": "d.Drivers"}), "driver"},
		"by the server's own RPC service":     {[]gathered.Trace{{Trace: evidence.Trace{Spans: []evidence.Span{{SpanID: "9", Service: "driver", Kind: evidence.SpanServer, Attributes: attributes{"rpc.service": "d.Drivers"}}}}}}, nil, nil, call(attributes{"rpc.service": "d.Drivers"}), "driver"},
		"an RPC service that nobody serves":   {[]gathered.Trace{answered("driver", attributes{"rpc.service": "d.Drivers"})}, nil, nil, named(call(attributes{"rpc.service": "r.Routes"}), "other"), "r.Routes"},
		"by the operation":                    {[]gathered.Trace{answered("driver", nil)}, nil, nil, call(nil), "driver"},
		"two under one operation":             {[]gathered.Trace{answered("driver", nil), answered("route", nil)}, nil, nil, call(nil), ""},
		"the loopback alone says nothing":     {[]gathered.Trace{answered("driver", attributes{"server.address": "localhost"})}, nil, nil, named(call(attributes{"server.address": "localhost"}), "other"), "localhost"},
		"by the platform's address":           {nil, nil, map[string]string{"10.0.0.7": "route"}, call(attributes{"net.peer.ip": "10.0.0.7", "net.peer.port": "80"}), "route"},
		"by a stem among its callees":         {nil, []evidence.Edge{{Caller: "front", Callee: "cartservice"}}, nil, call(attributes{"server.address": "cart"}), "cartservice"},
		"by no stem of a stranger":            {nil, []evidence.Edge{{Caller: "till", Callee: "cartservice"}}, nil, call(attributes{"server.address": "cart"}), "cart"},
		"by no stem of two":                   {nil, []evidence.Edge{{Caller: "front", Callee: "cart-api"}, {Caller: "front", Callee: "cart-service"}}, nil, call(attributes{"server.address": "cart"}), "cart"},
		"a name that is known":                {nil, nil, nil, call(attributes{"peer.service": "shop/known"}), "known"},
		"a database by its system":            {nil, nil, nil, call(attributes{"db.system": "postgresql", "server.address": "10.0.0.9"}), "postgresql"},
		"a database in the process":           {nil, nil, nil, call(attributes{"db.system": "sqlite", "db.name": "x"}), ""},
		"H2 that is served":                   {nil, nil, nil, call(attributes{"db.system": "h2", "server.address": "ledger-h2"}), "ledger-h2"},
		"SQLite behind a server of its own":   {nil, nil, nil, call(attributes{"db.system": "sqlite", "peer.service": "ledger-db"}), "ledger-db"},
		"itself":                              {nil, nil, nil, evidence.Span{SpanID: "1", Service: "known", Kind: evidence.SpanClient, Attributes: attributes{"peer.service": "known"}}, ""},
		"nobody":                              {nil, nil, nil, evidence.Span{SpanID: "1", Service: "front", Kind: evidence.SpanInternal}, ""},
		"one broken trace of many":            {append([]gathered.Trace{answered("driver", nil)}, unanswered(20)...), nil, nil, call(nil), ""},
		"a database's answer is a mistake":    {[]gathered.Trace{answered("driver", attributes{"db.system": "redis", "peer.service": "kv"})}, nil, nil, call(attributes{"db.system": "redis", "peer.service": "kv"}), "kv"},
		"not who answers elsewhere":           {append(silent(at("8083")), answered("driver", at("8082"))), nil, nil, call(at("8083")), "127.0.0.1"},
		"the one callee without spans":        {append(often(at("8083")), answered("driver", at("8082"))), calls("driver", "route"), nil, call(at("8083")), "route"},
		"one of two callees without spans":    {append(often(at("8083")), answered("driver", at("8082"))), calls("known", "route"), nil, call(at("8083")), "127.0.0.1"},
		"at one of two silent addresses":      {append(often(at("8083")), append(silent(at("8084")), answered("driver", at("8082")))...), calls("driver", "route"), nil, call(at("8083")), "127.0.0.1"},
		"by one call without an answer":       {append(silent(at("8083")), answered("driver", at("8082"))), calls("driver", "route"), nil, call(at("8083")), "127.0.0.1"},
		"no database, which has none":         {append(often(at("8083")), answered("driver", at("8082")), asStore(call(nil))), calls("driver", "kv"), nil, call(at("8083")), "127.0.0.1"},
		"a service beside such a database":    {append(often(at("8083")), answered("driver", at("8082")), asStore(call(nil))), calls("driver", "kv", "route"), nil, call(at("8083")), "route"},
		"at a new address":                    {[]gathered.Trace{answered("driver", at("8082"))}, nil, nil, call(at("8083")), "driver"},
		"another one's operation of the name": {[]gathered.Trace{answered("driver", nil)}, nil, nil, evidence.Span{SpanID: "1", Service: "till", Operation: "call", Kind: evidence.SpanClient}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := NewNamer(nil, nil)
			for _, known := range []string{"front", "known", "driver", "route"} {
				n.Add(known)
			}
			k := LearnCallees(&gathered.Evidence{Traces: c.answered, Addresses: c.addresses, Incident: after}, c.edges, n)
			got, ok := k.Of(&c.span)
			if !ok {
				got.Name = ""
			}
			if got.Name != c.want {
				t.Errorf("got %q, want %q", got.Name, c.want)
			}
		})
	}
}

func TestAddressesOfKubernetes(t *testing.T) {
	type labels = map[string]string
	got := AddressesOf([]evidence.Series{
		{Name: "kube_endpoint_address", Labels: labels{"endpoint": "cart", "ip": "10.0.0.1", "port_number": "7070"}},
		{Name: "kube_service_info", Labels: labels{"service": "ksm", "exported_service": "cart", "cluster_ip": "10.96.0.1"}},
		{Name: "kube_service_info", Labels: labels{"service": "headless", "cluster_ip": "None"}},
		{Name: "kube_pod_info", Labels: labels{"pod": "till-6f7c9d8b54-q2wzk", "pod_ip": "10.0.0.2", "host_ip": "192.168.0.1"}},
		{Name: "kube_pod_info", Labels: labels{"pod": "on-host-x2v9k", "pod_ip": "192.168.0.1", "host_ip": "192.168.0.1"}},
		{Name: "kube_pod_info", Labels: labels{"pod": "a-0", "pod_ip": "10.0.0.3"}}, {Name: "kube_pod_info", Labels: labels{"pod": "b-0", "pod_ip": "10.0.0.3"}},
	})
	want := map[string]string{"10.0.0.1": "cart", "10.0.0.1:7070": "cart", "10.96.0.1": "cart", "10.0.0.2": "till"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNamesThatDidNotResolveAreMended(t *testing.T) {
	known := []string{"cart", "checkout-api", "checkout-worker", "till"}
	for name, want := range map[string]string{
		"shop-checkout": `nearest is checkout-api, checkout-worker; if it is meant, write engine.names.aliases: {"shop-checkout": "checkout-api"}`,
		"checkouts":     `nearest is checkout-api, checkout-worker; if it is meant, write engine.names.aliases: {"checkouts": "checkout-api"}`,
		"zebra":         `none of its names is like it; where it goes by another, write engine.names.aliases: {"zebra": NAME}`,
	} {
		if got := AliasHint(name, known); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
		if got := HasNearest(name, known); got != (name != "zebra") {
			t.Errorf("%s has a name that is like it: got %v", name, got)
		}
	}
}

// TestASocketNamesNobody: a Unix socket leads to a process of the same host, by a path
// that is often made anew at each start.
func TestASocketNamesNobody(t *testing.T) {
	for _, at := range []string{"/tmp/till-28796-249025289/grpc.sock", "unix:/run/till.sock", "unix:///run/till.sock", "@till", "unix-abstract:till", "\x00till"} {
		s := evidence.Span{Service: "till", Operation: "Ring", Kind: evidence.SpanClient, Attributes: map[string]string{"server.address": at}}
		if p, ok := PeerOf(s); ok {
			t.Errorf("%q: got the peer %+v", at, p)
		}
		s.Attributes["db.system"] = "postgresql"
		if p, _ := PeerOf(s); p.Name != "postgresql" {
			t.Errorf("%q: got the database %+v", at, p)
		}
		s.Attributes = map[string]string{"server.address": at, "peer.service": "stock"}
		if p, _ := PeerOf(s); p.Name != "stock" {
			t.Errorf("%q of stock: got %+v", at, p)
		}
	}
}
