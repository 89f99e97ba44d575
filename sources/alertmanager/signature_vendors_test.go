package alertmanager

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"
)

// TestGitHubAndFluxSignTheBody in headers of their own, which count where none
// is configured.
func TestGitHubAndFluxSignTheBody(t *testing.T) {
	body := []byte(`{"deployment":{}}`)
	sign := func(secret string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	for name, c := range map[string]struct {
		s      Signature
		header string
		secret string
		good   bool
	}{
		"GitHub":                          {Signature{}, "X-Hub-Signature-256", "sesame", true},
		"Flux":                            {Signature{}, "X-Signature", "sesame", true},
		"beside a Grafana with times":     {Signature{TimestampHeader: "X-Time"}, "X-Hub-Signature-256", "sesame", true},
		"another secret":                  {Signature{}, "X-Hub-Signature-256", "other", false},
		"another header is configured":    {Signature{Header: "X-Ours"}, "X-Hub-Signature-256", "sesame", false},
		"Grafana without the time signed": {Signature{TimestampHeader: "X-Time"}, DefaultSignatureHeader, "sesame", false},
	} {
		c.s.Secrets = [][]byte{[]byte("sesame")}
		h := http.Header{}
		h.Set(c.header, sign(c.secret))
		if err := c.s.Verify(h, body, time.Unix(0, 0)); (err == nil) != c.good {
			t.Errorf("%s: got %v, want good %t", name, err, c.good)
		}
	}
}
