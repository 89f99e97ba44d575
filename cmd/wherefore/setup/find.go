package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// timeout is how long one address may take to answer.
const timeout = 2 * time.Second

// Usual are the addresses that a source mostly has, on this machine and beside
// it in a network of containers.
func Usual(source string) []string {
	switch source {
	case Jaeger:
		return []string{"127.0.0.1:16685", "jaeger:16685"}
	case Loki:
		return []string{"http://127.0.0.1:3100", "http://loki:3100"}
	default:
		return []string{"http://127.0.0.1:9090", "http://prometheus:9090"}
	}
}

// Find is the first address at which a source answers; empty when none does.
func Find(ctx context.Context, source string, addresses []string) string {
	for _, a := range addresses {
		if Ask(ctx, source, a) == nil {
			return a
		}
	}
	return ""
}

// Pages is the address of Jaeger's pages beside the one at which it answers
// questions; empty when there are none on their usual port.
func Pages(ctx context.Context, jaeger string) string {
	host, _ := split(jaeger)
	return pagesAt(ctx, "http://"+net.JoinHostPort(host, jaegerPages))
}

func pagesAt(ctx context.Context, address string) string {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	status, body, err := get(ctx, address+"/")
	if err != nil || status != http.StatusOK || !strings.Contains(body, "<title>Jaeger UI</title>") {
		return ""
	}
	return address
}

// get is how an address answers, and the beginning of what it says.
func get(ctx context.Context, url string) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", errors.New("the address is no URL")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, string(b), err
}

// Ask is nil when a source answers at an address: Prometheus and Loki on the
// path that only they have, Jaeger by taking a connection. Others take one too,
// so that what Jaeger really says is left to the doctor.
func Ask(ctx context.Context, source, address string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if source == Jaeger {
		host, port := split(address)
		c, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil {
			return err
		}
		return c.Close()
	}
	path := map[string]string{Loki: "/loki/api/v1/status/buildinfo", Prometheus: "/api/v1/status/buildinfo"}[source]
	status, body, err := get(ctx, strings.TrimRight(address, "/")+path)
	// A server that wants to know who asks is one that is there.
	if err == nil && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
		return nil
	}
	if err == nil && (status != http.StatusOK || !strings.Contains(body, `"version"`)) {
		err = fmt.Errorf("HTTP %d where %s says its version", status, source)
	}
	return err
}
