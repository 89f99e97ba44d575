package servers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Guard says how a server is to be shut to strangers. The zero value leaves it
// open to all.
type Guard struct {
	Keys     *Keys  // TLS, with a certificate asked of clients as well
	Tenant   string // Loki then answers only who names a tenant
	User     string // Prometheus' basic authentication
	Password string
	Hash     string // bcrypt of the password
	Prefix   string // Prometheus' path, as /metrics-store
}

// Keys are PEM files of an authority, and of a server and a client that it
// signed.
type Keys struct{ CA, ServerCert, ServerKey, ClientCert, ClientKey string }

// NewKeys makes keys in a folder. They hold for 127.0.0.1 and for an hour.
func NewKeys(dir string) (*Keys, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	k := &Keys{CA: in("ca.pem"), ServerCert: in("server.pem"), ServerKey: in("server.key"), ClientCert: in("client.pem"), ClientKey: in("client.key")}
	ca := certificate("An authority")
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	caKey, err := sign(ca, ca, nil, k.CA, in("ca.key"))
	if err != nil {
		return nil, err
	}
	server, client := certificate("A server"), certificate("A client")
	server.IPAddresses, server.ExtKeyUsage = []net.IP{net.IPv4(127, 0, 0, 1)}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	_, err1 := sign(server, ca, caKey, k.ServerCert, k.ServerKey)
	_, err2 := sign(client, ca, caKey, k.ClientCert, k.ClientKey)
	return k, errors.Join(err1, err2)
}

func certificate(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62)) // never fails
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
	}
}

// sign writes a new key and its certificate, signed by itself without a
// parent's key.
func sign(cert, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, certFile, keyFile string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if parentKey == nil {
		parentKey = key
	}
	der, err1 := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, parentKey)
	raw, err2 := x509.MarshalECPrivateKey(key)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return key, errors.Join(
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw}), 0o600))
}

// URL is the base URL of an address of a server with this guard.
func (g Guard) URL(address string) string {
	scheme := "http://"
	if g.Keys != nil {
		scheme = "https://"
	}
	return scheme + address + g.Prefix
}

// get asks for a path as somebody who is let in.
func (g Guard) get(ctx context.Context, target string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	if g.User != "" {
		r.SetBasicAuth(g.User, g.Password)
	}
	if g.Tenant != "" {
		r.Header.Set("X-Scope-OrgID", g.Tenant)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	if g.Keys != nil {
		if transport.TLSClientConfig, err = g.Keys.client(); err != nil {
			return err
		}
	}
	resp, err := (&http.Client{Timeout: 5 * time.Second, Transport: transport}).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return nil
}

func (k *Keys) client() (*tls.Config, error) {
	ca, err := os.ReadFile(k.CA)
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(k.ClientCert, k.ClientKey)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool(), Certificates: []tls.Certificate{pair}}
	c.RootCAs.AppendCertsFromPEM(ca)
	return c, nil
}
