// Package setup helps in the first hour: it finds sources, writes a first
// configuration, and knows the commonest mistakes in addresses with what fixes
// them.
package setup

import (
	"net"
	"net/url"
	"os"
	"strings"
)

// The sources by the names of their keys in the configuration.
const (
	Jaeger     = "jaeger"
	Loki       = "loki"
	Prometheus = "prometheus"
)

// Ports on which a source answers, and those of Jaeger that are taken for it.
const (
	jaegerQuery = "16685" // gRPC, https://www.jaegertracing.io/docs/latest/apis/
	jaegerPages = "16686"
)

// Hint is what is probably wrong with a source's address, and what fixes it, as
// one sentence; empty where none of the common mistakes fits. With container the
// program runs in one.
func Hint(source, address string, err error, container bool) string {
	host, port := split(address)
	said := ""
	if err != nil {
		said = strings.ToLower(err.Error())
	}
	switch {
	case source == Jaeger && port == jaegerPages:
		return jaegerPages + " is the port of Jaeger's pages, which answers in HTTP; wherefore asks its gRPC port: " + net.JoinHostPort(host, jaegerQuery)
	case source == Jaeger && (port == "4317" || port == "4318" || port == "14268" || port == "14250"):
		return "port " + port + " takes spans in and answers no questions; Jaeger's query port is " + jaegerQuery
	case source == Jaeger && strings.Contains(said, "looked like an http/1.1 header"):
		return "port " + port + " answers in HTTP, as Jaeger's pages do; wherefore asks its gRPC port, which is " + jaegerQuery + " unless it was changed"
	case source != Jaeger && address != "" && !strings.Contains(address, "://"):
		return "the scheme is missing: write http://" + address
	case container && loopback(host) && strings.Contains(said, "connection refused"):
		return "in a container " + host + " is the container itself: name the source's container or service, or host.docker.internal for this machine"
	case strings.Contains(said, "server gave http response to https client"), strings.Contains(said, "first record does not look like a tls handshake"):
		return "the server speaks without TLS: write " + map[bool]string{true: "grpc://", false: "http://"}[source == Jaeger] + strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "grpcs://")
	case strings.Contains(said, "http request to an https server"):
		return "the server wants TLS: write https://" + strings.TrimPrefix(address, "http://")
	case strings.Contains(said, "no such host"):
		return "nobody here knows the name " + host + ": a container's name is known only in the network that both are in"
	case strings.Contains(said, "connection refused"):
		return "nothing listens at " + net.JoinHostPort(host, port) + ": is it up, and is the port published?"
	}
	return ""
}

// InContainer reports whether the program runs in a container of Docker, Podman
// or Kubernetes.
func InContainer() bool {
	for _, f := range []string{"/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io"} {
		if _, err := os.Stat(f); err == nil {
			return true
		}
	}
	return false
}

// split is the host and the port of an address with or without a scheme.
func split(address string) (host, port string) {
	if !strings.Contains(address, "://") {
		address = "any://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	if port = u.Port(); port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname(), port
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// FixAddress is an address as the configuration wants it, and what was changed about
// it in words; empty words where nothing was.
func FixAddress(source, address string) (fixed, words string) {
	if source != Jaeger {
		if address != "" && !strings.Contains(address, "://") {
			return "http://" + address, "http:// was put before it"
		}
		return strings.TrimRight(address, "/"), ""
	}
	host, port := split(address)
	switch port {
	case jaegerPages:
		return net.JoinHostPort(host, jaegerQuery), jaegerPages + " is the port of Jaeger's pages; " + jaegerQuery + " is the one that answers questions"
	case "", "80":
		if host != "" && !strings.HasPrefix(address, "https://") {
			return net.JoinHostPort(host, jaegerQuery), "Jaeger's query port " + jaegerQuery + " was put behind it"
		}
	}
	return address, ""
}
