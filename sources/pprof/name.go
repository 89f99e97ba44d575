package pprof

import (
	"net/url"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Suffix ends the name of every file that holds a profile.
const Suffix = ".pb.gz"

// FileName is SERVICE.KIND.WHEN.pb.gz. What a service's name may not have in a
// file's name is escaped.
func FileName(service string, kind evidence.ProfileKind, when string) string {
	escaped := strings.ReplaceAll(url.PathEscape(service), ":", "%3A")
	return escaped + "." + string(kind) + "." + when + Suffix
}

// ParseFileName is FileName turned round; ok is false for any other name.
func ParseFileName(name string) (service string, kind evidence.ProfileKind, ok bool) {
	stem, ok := strings.CutSuffix(name, Suffix)
	if !ok {
		return "", "", false
	}
	parts := strings.Split(stem, ".")
	if len(parts) < 3 {
		return "", "", false
	}
	service, err := url.PathUnescape(strings.Join(parts[:len(parts)-2], "."))
	kind = evidence.ProfileKind(parts[len(parts)-2])
	return service, kind, err == nil && service != "" && slices.Contains(evidence.ProfileKinds(), kind)
}

// Newest are those of a list in order of start that a query asks for.
func Newest(list []evidence.Profile, q evidence.ProfileQuery) (newest []evidence.Profile, truncated bool) {
	for _, p := range list {
		if end := p.End(); p.Service == q.Service && p.Kind == q.Kind && (q.Window.Contains(end) || end.Equal(q.Window.End)) {
			newest = append(newest, p)
		}
	}
	if over := len(newest) - q.Limit; over > 0 {
		return newest[over:], true
	}
	return newest, false
}
