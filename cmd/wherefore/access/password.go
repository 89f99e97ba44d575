package access

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/crypto/bcrypt" // what exporter-toolkit's web configuration holds
	"golang.org/x/time/rate"

	"github.com/wherefore-dev/wherefore/ui"
)

// How often somebody may be wrong: so many times at once, and then once in a
// while. Each name from each address has its own count, and each address one
// for all names.
const (
	wrongPerName    = 5
	wrongPerAddress = 20
	wrongEvery      = 12 * time.Second
)

// passwords checks passwords, slowly and not too often.
type passwords struct {
	now   func() time.Time
	wrong *lru.Cache[string, *rate.Limiter]
	right *lru.Cache[[sha256.Size]byte, struct{}] // so that a page does not cost a bcrypt per request
}

func newPasswords(now func() time.Time) *passwords {
	wrong, err := lru.New[string, *rate.Limiter](10_000)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	right, err := lru.New[[sha256.Size]byte, struct{}](1000)
	if err != nil {
		panic(err)
	}
	return &passwords{now: now, wrong: wrong, right: right}
}

// unknown is compared with for names that are not there, so that the time does
// not tell which are.
const unknown = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

// check is nil when a password is right for a hash. An empty hash is of a name
// that is not there.
func (p *passwords) check(address, name, hash, password string) error {
	sum := sha256.Sum256([]byte(hash + "\x00" + name + "\x00" + password))
	if _, known := p.right.Get(sum); known && hash != "" {
		return nil
	}
	buckets := []*rate.Limiter{p.bucket(address+" "+name, wrongPerName), p.bucket(address, wrongPerAddress)}
	for _, b := range buckets {
		if b.TokensAt(p.now()) < 1 {
			return ui.WaitError{What: "too many wrong passwords", For: wrongEvery}
		}
	}
	try := hash
	if hash == "" {
		try = unknown
	}
	if err := bcrypt.CompareHashAndPassword([]byte(try), []byte(password)); err != nil || hash == "" {
		for _, b := range buckets {
			b.AllowN(p.now(), 1)
		}
		return fmt.Errorf("the name or the password is wrong: %w", ui.ErrWho)
	}
	p.right.Add(sum, struct{}{})
	return nil
}

func (p *passwords) bucket(key string, burst int) *rate.Limiter {
	fresh := rate.NewLimiter(rate.Every(wrongEvery), burst)
	if b, known, _ := p.wrong.PeekOrAdd(key, fresh); known {
		p.wrong.Get(key) // it was seen just now
		return b
	}
	return fresh
}

// password identifies who sent a name and a password with a request.
func (a *Access) password(r *http.Request, name, password string) (*identity, error) {
	if err := a.checkPassword(r, name, password); err != nil {
		return nil, err
	}
	return a.ambient(name, "password", nil), nil
}

// passwordHash is the hash of somebody's password, empty for whom the web
// configuration does not name.
func (a *Access) passwordHash(name string) string {
	if a.web == nil {
		return ""
	}
	return string(a.web.users()[name])
}

func (a *Access) checkPassword(r *http.Request, name, password string) error {
	err := a.passes.check(a.ClientOf(r), name, a.passwordHash(name), password)
	if err != nil {
		a.noteFailure(name, r)
	}
	return err
}
