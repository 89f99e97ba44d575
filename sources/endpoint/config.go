package endpoint

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// Limits that hold when the configuration sets none.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultMaxBytes = 64 << 20 // of one answer, after decompression
	DefaultParallel = 8        // requests under way to one backend
)

// Secret is a value that never shows itself when printed or marshalled.
type Secret string

const hidden = "<secret>"

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText hides the value from JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML hides the value from YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// TLS says how a server is trusted and how the client shows who it is.
type TLS struct {
	CAFile             string `yaml:"ca_file,omitempty"` // PEM; empty means the system's roots
	CertFile           string `yaml:"cert_file,omitempty"`
	KeyFile            string `yaml:"key_file,omitempty"`
	ServerName         string `yaml:"server_name,omitempty"`
	InsecureSkipVerify bool   `yaml:"insecure_skip_verify,omitempty"`
}

// Config says how to reach one backend. Adapters embed it inline in their own.
type Config struct {
	// Address is a URL, a path prefix included: https://host/loki. Jaeger's is
	// host:port, or grpc(s)://host:port, for its gRPC port.
	Address     string            `yaml:"address"`
	BearerToken Secret            `yaml:"bearer_token,omitempty"`
	Username    string            `yaml:"username,omitempty"`
	Password    Secret            `yaml:"password,omitempty"`
	TLS         TLS               `yaml:"tls,omitempty"`
	Headers     map[string]Secret `yaml:"headers,omitempty"` // sent with every request
	OrgID       string            `yaml:"org_id,omitempty"`  // tenant, sent as X-Scope-OrgID
	Timeout     time.Duration     `yaml:"timeout,omitempty"` // of one request; 0 means DefaultTimeout
	MaxBytes    int64             `yaml:"max_bytes,omitempty"`
	Parallel    int               `yaml:"parallel,omitempty"` // most requests under way at a time
}

// Checked is the configuration with its defaults filled in, or what is wrong
// with it. The address is left to whoever knows the protocol.
func (c Config) Checked() (Config, error) {
	if err := c.check(); err != nil {
		return c, err
	}
	mask.Hide(c.Username, string(c.BearerToken), string(c.Password))
	for _, value := range c.Headers {
		mask.Hide("", string(value))
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	if c.Parallel == 0 {
		c.Parallel = DefaultParallel
	}
	return c, nil
}

// check finds what no backend could be reached with.
func (c Config) check() error {
	switch {
	case c.BearerToken != "" && (c.Username != "" || c.Password != ""):
		return errors.New("bearer_token and username are both set; set one of them")
	case c.Password != "" && c.Username == "":
		return errors.New("password is set without username")
	case (c.TLS.CertFile == "") != (c.TLS.KeyFile == ""):
		return errors.New("tls.cert_file and tls.key_file go together; one is missing")
	case c.Timeout < 0:
		return fmt.Errorf("timeout %s is negative", c.Timeout)
	case c.MaxBytes < 0:
		return fmt.Errorf("max_bytes %d is negative", c.MaxBytes)
	case c.Parallel < 0:
		return fmt.Errorf("parallel %d is negative", c.Parallel)
	}
	for name := range c.Headers {
		if name == "" || strings.ContainsAny(name, " \t\r\n:") {
			return fmt.Errorf("headers: %q is not the name of a header", name)
		}
	}
	return nil
}

// baseURL is the address as a URL without a trailing slash.
func (c Config) baseURL() (*url.URL, error) {
	u, err := url.Parse(c.Address)
	switch {
	case c.Address == "":
		return nil, errors.New("address is empty; give a URL such as http://127.0.0.1:3100")
	case err != nil:
		return nil, errors.New("address is not a URL") // err quotes it, with any password
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("address %q is not an http or https URL; give one such as http://127.0.0.1:3100", u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("address %q carries credentials; set username and password instead", u.Redacted())
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("address %q has a query or a fragment", u.Redacted())
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// ClientTLS reads the files that the TLS section names.
func (t TLS) ClientTLS() (*tls.Config, error) {
	cfg := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		ServerName:         t.ServerName,
		InsecureSkipVerify: t.InsecureSkipVerify, //nolint:gosec // the operator's own choice
	}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls.ca_file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls.ca_file %s holds no PEM certificate", t.CAFile)
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("tls.cert_file: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}
