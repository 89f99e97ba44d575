package access

import (
	"net/http"
	"strings"
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
