package mask

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// known are the secrets that this program was configured with, longest first.
// They are the process's, since a server may repeat one anywhere: in an error, in
// a log line that it keeps, in a page that it answers with.
var (
	knownMu sync.Mutex
	known   atomic.Pointer[[]string]
)

// shortestKnown is how long a configured secret must be to be looked for:
// shorter ones are in every other word.
const shortestKnown = 6

// Hide has configured secrets masked wherever they appear from now on, also in
// the forms in which they travel: escaped for a URL, and in base64 with a user
// before them.
func Hide(user string, secrets ...string) {
	knownMu.Lock()
	defer knownMu.Unlock()
	var list []string
	if old := known.Load(); old != nil {
		list = slices.Clone(*old)
	}
	for _, s := range secrets {
		if len(s) < shortestKnown {
			continue
		}
		forms := []string{s, url.QueryEscape(s), url.PathEscape(s), base64.StdEncoding.EncodeToString([]byte(s))}
		if user != "" {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(user+":"+s)))
		}
		list = append(list, forms...)
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	list = slices.Compact(list)
	known.Store(&list)
}

// HideURL is Hide for the credentials in an address.
func HideURL(address string) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return
	}
	if password, ok := u.User.Password(); ok {
		Hide(u.User.Username(), password)
	} else {
		Hide("", u.User.Username())
	}
}

func hideKnown(s string, h hider) string {
	list := known.Load()
	if list == nil {
		return s
	}
	for _, k := range *list {
		if n := strings.Count(s, k); n > 0 {
			s = strings.ReplaceAll(s, k, Masked)
			for range n {
				h("configured")
			}
		}
	}
	return s
}
