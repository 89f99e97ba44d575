package access

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/exporter-toolkit/web" // the web configuration that every Prometheus program takes
	"golang.org/x/crypto/bcrypt"
	yaml "gopkg.in/yaml.v2" // what exporter-toolkit reads it with
)

// Web is a web configuration file of exporter-toolkit. TLS is its own; its users
// are checked by our gate, which knows what each address does. It is read again
// when it changes.
type Web struct {
	file string

	mu   sync.Mutex
	seen time.Time
	web  web.Config
	tls  *tls.Config
}

// LoadWeb reads the file and what it names.
func LoadWeb(file string) (*Web, error) {
	w := &Web{file: file}
	if err := w.load(); err != nil {
		return nil, fmt.Errorf("access.web_config_file %s: %w", file, err)
	}
	return w, nil
}

func (w *Web) load() error {
	info, err := os.Stat(w.file)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(w.file)
	if err != nil {
		return err
	}
	c := web.Config{TLSConfig: web.TLSConfig{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13}, HTTPConfig: web.HTTPConfig{HTTP2: true}}
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return err
	}
	for name, hash := range c.Users {
		if _, err := bcrypt.Cost([]byte(hash)); err != nil {
			return fmt.Errorf("basic_auth_users: what stands at %q is no bcrypt hash", name)
		}
	}
	c.TLSConfig.SetDirectory(filepath.Dir(w.file))
	var made *tls.Config
	if has(c.TLSConfig) {
		if made, err = web.ConfigToTLSConfig(&c.TLSConfig); err != nil {
			return errors.New("tls_server_config: " + err.Error())
		}
		made.NextProtos = []string{"http/1.1"}
		if c.HTTPConfig.HTTP2 {
			made.NextProtos = []string{"h2", "http/1.1"}
		}
	}
	w.seen, w.web, w.tls = info.ModTime(), c, made
	return nil
}

func has(t web.TLSConfig) bool { return t.TLSCertPath != "" || t.TLSCert != "" || t.ClientAuth != "" }

// now is the present configuration; a file that cannot be used any more leaves
// the last one.
func (w *Web) now() (web.Config, *tls.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if info, err := os.Stat(w.file); err == nil && !info.ModTime().Equal(w.seen) {
		if err := w.load(); err != nil {
			w.seen = info.ModTime() // said by --dry-run and at the next start
		}
	}
	return w.web, w.tls
}

func (w *Web) users() map[string]commonconfig.Secret {
	c, _ := w.now()
	return c.Users
}

func (w *Web) speaksTLS() bool {
	_, t := w.now()
	return t != nil
}

// asksCertificates reports whether nobody gets in without a certificate that
// was verified.
func (w *Web) asksCertificates() bool {
	_, t := w.now()
	return t != nil && t.ClientAuth == tls.RequireAndVerifyClientCert
}

// Listener is the configuration for a TLS listener, which asks for the present
// certificates at each handshake.
func (w *Web) Listener() *tls.Config {
	_, first := w.now()
	c := first.Clone()
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		_, t := w.now()
		return t, nil
	}
	return c
}
