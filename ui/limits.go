package ui

import (
	"net"
	"net/http"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2" // bounds how many clients are remembered
	"golang.org/x/time/rate"                 // token buckets, by the Go authors
)

// limit is how often one client may do a kind of thing: at once, and then every
// so often. The zero limit is none.
type limit struct {
	kind  string
	burst int
	every time.Duration
}

// The limits. Alerts have none: a storm of them is what this program is for, and
// the queue's own limit tells their senders to come back.
var (
	reruns  = limit{"investigate", 60, time.Second}
	writes  = limit{"write", 60, time.Second}
	exports = limit{"export", 60, time.Second}
	// An open page asks every half minute.
	presents = limit{"present", 60, 2 * time.Second}
	similars = limit{"similar", 60, time.Second}
	bundles  = limit{"bundle", 10, 6 * time.Second}
)

// Event streams under way at a time; each holds a connection and a
// subscription.
const (
	streamsPerClient = 64
	streamsInAll     = 1000
)

// wait is when one more is allowed.
func (l limit) wait() time.Duration { return max(l.every, time.Second) }

// limiter counts what each client did lately.
type limiter struct {
	buckets *lru.Cache[string, *rate.Limiter]

	mu      sync.Mutex
	streams map[string]int
	all     int
}

// mostClients bounds how many are remembered; the one not seen for longest is
// forgotten, and begins with a full bucket.
const mostClients = 10_000

func newLimiter() *limiter {
	buckets, err := lru.New[string, *rate.Limiter](mostClients)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	return &limiter{buckets: buckets, streams: map[string]int{}}
}

// allow takes one of what a client may do.
func (l *limiter) allow(what limit, client string) bool {
	if what.kind == "" {
		return true
	}
	key := what.kind + " " + client
	fresh := rate.NewLimiter(rate.Every(what.every), what.burst)
	bucket, known, _ := l.buckets.PeekOrAdd(key, fresh)
	if !known {
		bucket = fresh
	} else {
		l.buckets.Get(key) // it was seen just now
	}
	return bucket.Allow()
}

// stream takes one of the streams that a client may have; the caller gives it
// back.
func (l *limiter) stream(client string) (back func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= streamsInAll || l.streams[client] >= streamsPerClient {
		return nil, false
	}
	l.all++
	l.streams[client]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all--
		if l.streams[client]--; l.streams[client] == 0 {
			delete(l.streams, client)
		}
	}, true
}

// client is whose requests are counted together: those of one credential, else
// of one address.
func (s *server) client(r *http.Request, p Person) string {
	if p.Name != "" {
		return string(p.Tenant) + " " + p.By + " " + p.Name
	}
	if s.ClientOf != nil {
		return s.ClientOf(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
