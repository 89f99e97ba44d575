package alertmanager

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Limits on the fields of one alert, in bytes. A longer one is cut, not
// refused: the alert is real, whatever its description has grown to.
const (
	maxName       = 256 // of a label, an annotation, a receiver, a fingerprint
	maxLabel      = 1 << 10
	maxAnnotation = 4 << 10
	maxTitle      = 500 // of the annotation that names the incident
	maxKey        = 4 << 10
	maxURL        = 8 << 10
	maxPairs      = 128 // labels or annotations of one alert
)

// bounded is an alert whose every field has a bound.
func bounded(a evidence.Alert) evidence.Alert {
	a.Receiver, a.GroupKey = cut(a.Receiver, maxName), key(a.GroupKey)
	a.ExternalURL = link(a.ExternalURL)
	a.Labels, a.Annotations = labels(a.Labels), annotations(a.Annotations)
	for i := range a.Instances {
		x := &a.Instances[i]
		x.Labels, x.Annotations = labels(x.Labels), annotations(x.Annotations)
		x.GeneratorURL, x.Fingerprint = link(x.GeneratorURL), cut(x.Fingerprint, maxName)
	}
	return a
}

func labels(m map[string]string) map[string]string {
	return pairs(m, func(string) int { return maxLabel })
}

func annotations(m map[string]string) map[string]string {
	return pairs(m, func(name string) int {
		if name == "summary" {
			return maxTitle
		}
		return maxAnnotation
	})
}

// pairs bounds a map's size, names and values; one that fits is given back as
// it is. Of too many the first by name stay.
func pairs(m map[string]string, most func(name string) int) map[string]string {
	fits := len(m) <= maxPairs
	for k, v := range m {
		fits = fits && len(k) <= maxName && len(v) <= most(k)
	}
	if fits {
		return m
	}
	out := make(map[string]string, maxPairs)
	for _, k := range slices.Sorted(maps.Keys(m))[:min(len(m), maxPairs)] {
		out[cut(k, maxName)] = cut(m[k], most(k))
	}
	return out
}

// key bounds what tells groups apart: two long ones that differ far behind stay
// two.
func key(s string) string {
	if len(s) <= maxKey {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return cut(s, maxKey-64) + hex.EncodeToString(sum[:])[:32]
}

// link leaves an address out that is too long: half of one leads nowhere.
func link(s string) string {
	if len(s) > maxURL {
		return ""
	}
	return s
}

// cut shortens a text to at most n bytes, between characters, the cut marked
// with an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return evidence.Excerpt(s, n-len("…"))
}
