package alertmanager_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/sources/alertmanager"
)

func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestSignatures(t *testing.T) {
	const body, header = `{"alerts":[]}`, alertmanager.DefaultSignatureHeader
	now := time.Unix(1_772_334_000, 0)
	plain := alertmanager.Signature{Secrets: [][]byte{nil, []byte("old"), []byte("new")}}
	timed := plain
	timed.TimestampHeader = "X-Time"
	for name, tc := range map[string]struct {
		s       alertmanager.Signature
		headers map[string]string
		ok      bool
	}{
		"body":                {plain, map[string]string{header: sign("new", body)}, true},
		"the old secret":      {plain, map[string]string{header: sign("old", body)}, true},
		"upper case":          {plain, map[string]string{header: strings.ToUpper(sign("new", body))}, true},
		"another secret":      {plain, map[string]string{header: sign("other", body)}, false},
		"the empty secret":    {plain, map[string]string{header: sign("", body)}, false},
		"another body":        {plain, map[string]string{header: sign("new", body+" ")}, false},
		"no header":           {plain, nil, false},
		"not hex":             {plain, map[string]string{header: "zz"}, false},
		"cut":                 {plain, map[string]string{header: sign("new", body)[:10]}, false},
		"no secrets":          {alertmanager.Signature{}, map[string]string{header: sign("", body)}, false},
		"timestamp":           {timed, map[string]string{header: sign("new", "1772333900:"+body), "X-Time": "1772333900"}, true},
		"timestamp not given": {timed, map[string]string{header: sign("new", body)}, false},
		"another timestamp":   {timed, map[string]string{header: sign("new", "1772333900:"+body), "X-Time": "1772333901"}, false},
		"too old":             {timed, map[string]string{header: sign("new", "1772333000:"+body), "X-Time": "1772333000"}, false},
		"from the future":     {timed, map[string]string{header: sign("new", "1772335000:"+body), "X-Time": "1772335000"}, false},
		"the body alone":      {timed, map[string]string{header: sign("new", body), "X-Time": "1772333900"}, false},
	} {
		h := http.Header{}
		for k, v := range tc.headers {
			h.Set(k, v)
		}
		if err := tc.s.Verify(h, []byte(body), now); (err == nil) != tc.ok || err != nil && !errors.Is(err, alertmanager.ErrSignature) {
			t.Errorf("%s: got %v, want accepted %v", name, err, tc.ok)
		}
	}
}
