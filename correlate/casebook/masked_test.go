package casebook

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

func TestAlertsAreMaskedBeforeTheyAreStored(t *testing.T) {
	const secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
	in := evidence.Alert{
		Receiver: "r", GroupKey: `{}:{token="` + secret + `"}`, ExternalURL: "http://am/?t=" + secret,
		Labels:      map[string]string{"instance": "52.14.2.3:9100", "password": "hunter22", "job": secret},
		Annotations: map[string]string{"summary": "cannot log in with password=hunter22", "description": strings.Repeat("é", 400)},
		Instances:   []evidence.AlertInstance{{Labels: map[string]string{"k": secret}, Annotations: map[string]string{"a": "Bearer " + secret}, GeneratorURL: "http://p/?g0.expr=up&x=" + secret}},
	}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out, kept := masked(in, raw)
	body, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{string(body), string(kept)} {
		for _, never := range []string{secret, "hunter22"} {
			if strings.Contains(s, never) {
				t.Errorf("%q is stored: %s", never, s)
			}
		}
		if !json.Valid([]byte(s)) {
			t.Errorf("got %s, want JSON", s)
		}
	}
	if out.Labels["instance"] != "52.14.2.3:9100" || out.Labels["job"] == "" {
		t.Errorf("got %v, want the address by which series are found", out.Labels)
	}
	if in.Instances[0].Labels["k"] != secret || in.Labels["job"] != secret {
		t.Error("the caller's alert was changed")
	}
	other := in
	other.GroupKey = strings.Replace(in.GroupKey, "0123", "4567", 1)
	if o, _ := masked(other, nil); o.GroupKey == out.GroupKey {
		t.Error("two groups became one")
	}
	if again, _ := masked(out, kept); again.GroupKey != out.GroupKey {
		t.Errorf("got %q, want masking twice to change nothing", again.GroupKey)
	}
}

func TestWhatHoldsNoSecretStaysByteForByte(t *testing.T) {
	raw := []byte(`{ "b": 1.0, "a": "disk of node-7 fills" }`)
	if _, kept := masked(evidence.Alert{}, raw); string(kept) != string(raw) {
		t.Errorf("got %s", kept)
	}
}

func TestChangesAreMaskedBeforeTheyAreStored(t *testing.T) {
	c := maskedChange(evidence.Change{ID: "1", To: "v2", Summary: "rotated password=hunter22", Attributes: map[string]string{"api_key": "hunter22hunter22"}})
	body, _ := json.Marshal(c)
	if strings.Contains(string(body), "hunter22") || c.To != "v2" || c.ID != "1" {
		t.Errorf("got %s", body)
	}
}

func TestTitlesAreCutBetweenLetters(t *testing.T) {
	got := titleOf(evidence.Alert{Annotations: map[string]string{"summary": strings.Repeat("é", 4<<20)}})
	if len(got) > 500 || len(got) < 490 || !utf8.ValidString(got) {
		t.Errorf("got %d bytes", len(got))
	}
}
