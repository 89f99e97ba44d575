package access

import (
	"net"
	"net/http"
	"strings"

	"github.com/realclientip/realclientip-go"
)

// proxied identifies whom a trusted proxy vouches for; nil when none does. The
// header counts from listed peers only, since anybody can send one.
func (a *Access) proxied(r *http.Request) *identity {
	if a.Proxy.Header == "" || !a.proxies.has(r.RemoteAddr) {
		return nil
	}
	values := r.Header.Values(a.Proxy.Header)
	if len(values) != 1 { // two would be the proxy's and somebody else's
		return nil
	}
	name := strings.TrimSpace(values[0])
	if name == "" || len(name) > 200 {
		return nil
	}
	var groups []string
	if h := a.Proxy.GroupsHeader; h != "" {
		for _, v := range r.Header.Values(h) {
			for g := range strings.SplitSeq(v, ",") {
				groups = append(groups, strings.TrimSpace(g))
			}
		}
	}
	return a.ambient(name, "proxy", groups)
}

// certified identifies who shows a client certificate that was verified.
func (a *Access) certified(r *http.Request) *identity {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil
	}
	name := r.TLS.PeerCertificates[0].Subject.CommonName
	if name == "" {
		return nil
	}
	return a.ambient(name, "certificate", nil)
}

// ClientOf is the address that a request comes from: of the connection, or what a
// listed proxy says of the one that it has on its other side. What others forward is
// not read.
func (a *Access) ClientOf(r *http.Request) string {
	if a.clients != nil && a.proxies.has(r.RemoteAddr) {
		if said := a.clients.ClientIP(r.Header, r.RemoteAddr); said != "" {
			address, _ := realclientip.SplitHostZone(said)
			return address
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
