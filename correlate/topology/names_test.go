package topology

import (
	"testing"
)

func TestSourcesSpellOneNameInManyWays(t *testing.T) {
	n := NewNamer(map[string]string{"legacy-ads": "ad-server"}, nil)
	for _, name := range []string{"ad-server", "cart", "db-0-reader", "api.shop"} {
		n.Add(name)
	}
	for _, c := range []struct{ told, want string }{
		{"ad-server", "ad-server"},
		{"ad_server", "ad-server"},
		{"Ad-Server", "ad-server"},
		{"legacy-ads", "ad-server"},
		{"prod/ad-server", "ad-server"},
		{"ad-server:8080", "ad-server"},
		{"ad/server", "ad-server"},
		{"db/0-reader", "db-0-reader"},
		{"ad-server.prod.svc.cluster.local", "ad-server"},
		{"ad-server-7c9d8b6f5d-x2x9k", "ad-server"},
		{"cart-0", "cart"},
		{"cart-zx5kd", "cart"},
		{"db-0-reader", "db-0-reader"},
		{"api.shop", "api.shop"},
	} {
		if got, ok := n.Find(c.told); !ok || got != c.want {
			t.Errorf("find(%q): got %q, %v; want %q", c.told, got, ok, c.want)
		}
	}
	for _, stranger := range []string{"cartography", "ad-server-admin", "ad/server/admin", "shop/server", "", "10.0.0.1:80"} {
		if got, ok := n.Find(stranger); ok {
			t.Errorf("find(%q): got %q, want nothing", stranger, got)
		}
	}
}

func TestGivenCandidatesAreAllThereAre(t *testing.T) {
	n := NewNamer(nil, []string{"a"})
	n.Add("b")
	if _, ok := n.Find("b"); ok {
		t.Error("a name was added to a closed list of candidates")
	}
}

func TestAStemDropsWhatOnlySaysService(t *testing.T) {
	for name, want := range map[string]string{
		"cart-service": "cart", "cartservice": "cart", "CartSvc": "cart", "cart_api": "cart", "shop/cart-service:80": "cart", "cart.shop.svc": "cart", "cart-microservice": "cart",
		"api": "api", "ts-order-service": "tsorder", "event-worker-1": "eventworker", "ad-service": "ad", "ui-backend": "ui", "x-api": "xapi", "": "",
	} {
		if got := Stem(name, 2); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
