package casebook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

// masked is an alert, and the bytes that it came in, without the secrets that
// somebody put there. It is what is stored, and so what everything after is made
// of. What tells alerts apart stays different, and labels keep the addresses by
// which their series are found.
func masked(a evidence.Alert, raw []byte) (evidence.Alert, []byte) {
	m := mask.New()
	a.Receiver, a.GroupKey = m.Code(a.Receiver), apart(m, a.GroupKey)
	a.Labels, a.Annotations, a.ExternalURL = labels(m, a.Labels), m.Map(a.Annotations), m.Code(a.ExternalURL)
	a.Instances = slices.Clone(a.Instances)
	for i := range a.Instances {
		x := &a.Instances[i]
		x.Labels, x.Annotations, x.GeneratorURL = labels(m, x.Labels), m.Map(x.Annotations), m.Code(x.GeneratorURL)
	}
	return a, maskedJSON(m, raw)
}

// apart masks a key and keeps it different from others with other secrets.
func apart(m *mask.Masker, key string) string {
	out := m.Code(key)
	if out == key {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return out + "#" + hex.EncodeToString(sum[:8])
}

func labels(m *mask.Masker, in map[string]string) map[string]string {
	out := maps.Clone(in)
	for k, v := range in {
		out[k] = m.Label(k, v)
	}
	return out
}

// maskedJSON masks every text of a JSON value, those in objects by their names.
func maskedJSON(m *mask.Masker, raw []byte) []byte {
	text := m.Text(string(raw))
	if text == string(raw) {
		return raw
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return []byte(text)
	}
	out, err := json.Marshal(maskedValue(m, "", v))
	if err != nil {
		return []byte(text)
	}
	return out
}

func maskedValue(m *mask.Masker, name string, v any) any {
	switch v := v.(type) {
	case string:
		return m.Value(name, v)
	case []any:
		for i := range v {
			v[i] = maskedValue(m, name, v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = maskedValue(m, k, v[k])
		}
	}
	return v
}

// maskedChange is an announced change without secrets. Its ID stays, since a
// correction names it.
func maskedChange(c evidence.Change) evidence.Change {
	m := mask.New()
	for _, s := range []*string{&c.From, &c.To, &c.URL} {
		*s = m.Code(*s)
	}
	c.Summary, c.Attributes = m.Text(c.Summary), m.Map(c.Attributes)
	return c
}

// longestTitle bounds the title of an incident, in bytes.
const longestTitle = 500

func cutTitle(s string) string {
	if len(s) <= longestTitle {
		return s
	}
	return evidence.Excerpt(s, longestTitle-len("…"))
}
