package access

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/realclientip/realclientip-go" // reads forwarded addresses from the right, as only that end can be trusted

	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Config is the access section of the configuration.
type Config struct {
	// WebConfigFile is exporter-toolkit's web configuration: TLS, and
	// basic_auth_users with bcrypt hashes.
	WebConfigFile string `yaml:"web_config_file"`
	// Users are the roles of people by name, whoever vouches for it.
	Users map[string]Role `yaml:"users"`
	// Groups are the groups of the identity provider or the proxy that each role
	// is given to.
	Groups map[Role][]string `yaml:"groups"`
	// DefaultRole is of people who are known and have no other; viewer when empty,
	// none lets them do nothing.
	DefaultRole Role `yaml:"default_role"`
	// ExportCode are the people who may export source code beside admins.
	ExportCode []string `yaml:"export_code"`
	Proxy      Proxy    `yaml:"proxy"`
	OIDC       *OIDC    `yaml:"oidc"`
	// Hosts are the names by which the server may be asked beside external_url's,
	// loopback's and any address.
	Hosts []string `yaml:"hosts"`
	// Session is how long somebody stays logged in; 12 hours when 0.
	Session time.Duration `yaml:"session"`
	// InsecureNoAuth lets anybody who reaches the address do everything; it comes
	// from the command line only.
	InsecureNoAuth bool `yaml:"-"`
}

// Proxy is a reverse proxy that has checked who people are.
type Proxy struct {
	// Header holds the name, as X-Forwarded-User; empty trusts none.
	Header string `yaml:"header"`
	// GroupsHeader holds the groups, separated by commas; may be empty.
	GroupsHeader string `yaml:"groups_header"`
	// ClientHeader holds the addresses that a request came by: X-Forwarded-For or
	// Forwarded. Requests without a credential are counted by the last that is none
	// of the peers; empty counts them by where the connection comes from.
	ClientHeader string `yaml:"client_header"`
	// Peers are the addresses that the proxy connects from, as 10.0.0.0/8.
	Peers []string `yaml:"peers"`
}

// OIDC is an identity provider.
type OIDC struct {
	// Issuer is the provider's address; what it supports is found below it.
	Issuer       string          `yaml:"issuer"`
	ClientID     string          `yaml:"client_id"`
	ClientSecret endpoint.Secret `yaml:"client_secret"` // empty for a public client
	Scopes       []string        `yaml:"scopes"`        // openid, profile and email when empty
	// NameClaim names the person; email when empty, and then it must be a verified
	// one.
	NameClaim string `yaml:"name_claim"`
	// GroupsClaim lists the groups that roles are given to; groups when empty.
	GroupsClaim string `yaml:"groups_claim"`
	// Name is what the page calls the provider.
	Name string `yaml:"name"`
}

func (c Config) defaultRole() Role { return cmp.Or(c.DefaultRole, Viewer) }

// Check finds what is wrong with the section, each with the key that is.
func (c Config) Check(externalURL string) []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	role := func(key string, r Role) {
		if r != NoRole {
			if err := CheckRole(r); err != nil {
				add("%s: %v", key, err)
			}
		}
	}
	for name, r := range c.Users {
		role("access.users."+name, r)
	}
	for r := range c.Groups {
		role("access.groups", r)
	}
	role("access.default_role", c.defaultRole())
	list, err := c.Proxy.parsed()
	if err != nil {
		add("%v", err)
	}
	if _, err := c.Proxy.clients(list); err != nil {
		add("%v", err)
	}
	if o := c.OIDC; o != nil {
		if o.Issuer == "" || o.ClientID == "" {
			add("access.oidc needs issuer and client_id")
		}
		if externalURL == "" {
			add("access.oidc needs external_url, to which the provider sends people back")
		}
	}
	if c.Session < 0 {
		add("access.session must not be negative")
	}
	return faults
}

// proxies are the addresses of trusted proxies.
type proxies []netip.Prefix

func (p Proxy) parsed() (proxies, error) {
	if p.Header == "" && (p.GroupsHeader != "" || len(p.Peers) > 0 && p.ClientHeader == "") {
		return nil, fmt.Errorf("access.proxy has no header, which holds the name")
	}
	if h := cmp.Or(p.Header, p.ClientHeader); h != "" && len(p.Peers) == 0 {
		return nil, fmt.Errorf("access.proxy.peers is empty; anybody could send the header %s", h)
	}
	var list proxies
	for _, text := range p.Peers {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(text); err == nil {
				prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("access.proxy.peers: %q is no address or network such as 10.0.0.0/8", text)
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}

// clients finds out whom the proxies speak for; nil where they do not say.
func (p Proxy) clients(peers proxies) (realclientip.Strategy, error) {
	if p.ClientHeader == "" {
		return nil, nil //nolint:nilnil // no header is no strategy
	}
	var ranges []string
	for _, prefix := range peers {
		ranges = append(ranges, prefix.String())
	}
	trusted, err := realclientip.AddressesAndRangesToIPNets(ranges...)
	if err != nil {
		return nil, fmt.Errorf("access.proxy.peers: %w", err)
	}
	s, err := realclientip.NewRightmostTrustedRangeStrategy(p.ClientHeader, trusted)
	if err != nil {
		return nil, fmt.Errorf("access.proxy.client_header is X-Forwarded-For or Forwarded, not %q", p.ClientHeader)
	}
	return s, nil
}

// has reports whether a connection comes from one of them.
func (p proxies) has(remote string) bool {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(at.Addr().Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// isLoopback reports whether an address is reached from this machine only.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost"
}
