package compose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/correlate/stat"
	"github.com/wherefore-dev/wherefore/correlate/wording"
)

// Bounds on who is told to be hit.
const (
	// shownParts is how many parts of a split a report lists, shownNames how many of
	// them its sentence names.
	shownParts = 8
	shownNames = 3
	// mostParts is from how many different values on something tells single requests
	// apart, as an address with an ID in it does, and not who sent them.
	mostParts = 40
	// mostNames bounds the names of attributes that are looked at, mostLength a name's
	// value.
	mostNames  = 20
	mostLength = 60
)

// byRoute is what requests are split by besides attributes.
const byRoute = "route"

// senders are the words in an attribute's name that say of a request on whose behalf
// it was sent. Names of single people are none of them: a page is read by many.
var senders = []string{"tenant", "customer", "organization", "organisation", "org", "account", "workspace", "merchant", "publisher", "advertiser", "subscriber", "shop"}

// personal are words in the names of attributes that are of a person.
var personal = []string{"email", "mail", "phone", "address", "user", "ip", "birth", "token", "secret", "key", "password", "passwd", "login", "session", "iban", "card", "msisdn", "imsi", "mobile", "tel", "contact", "first", "last", "full", "holder", "person"}

// harm is what a request suffered, and what those are said to have done that did.
type harm struct {
	hit func(*evidence.Span) bool
	did string // "failed"
}

// splits say who of those who ask a service is hit: by the routes that they asked for
// and by what the requests say of whom they are for. Only what tells something is there.
func splits(c *gathered.Evidence, service string, h harm) []report.Split {
	now, before := entrySpans(c, service, false), entrySpans(c, service, true)
	var out []report.Split
	for _, name := range append([]string{byRoute}, sendersIn(now)...) {
		if s, ok := split(c, service, name, now, before, h); ok {
			out = append(out, s)
		}
	}
	return out
}

// failing is the harm of a request that failed.
func failing() harm {
	return harm{func(s *evidence.Span) bool { return s.Failed }, "failed"}
}

// slowSplits say whose requests take longer than nearly all did before the onset.
func slowSplits(c *gathered.Evidence, service string) []report.Split {
	var took []float64
	for _, s := range entrySpans(c, service, true) {
		took = append(took, s.Duration.Seconds())
	}
	if len(took) < c.By().Report.Requests {
		return nil
	}
	usual := stat.Quantile(took, 0.95) // as nearly all did
	return splits(c, service, harm{func(s *evidence.Span) bool { return s.Duration.Seconds() > usual }, "took longer than " + wording.Amount(usual, "s")})
}

// sendersIn are the attributes of some requests that say on whose behalf they were
// sent, by name.
func sendersIn(spans []*evidence.Span) []string {
	found := map[string]bool{}
	for _, s := range spans {
		for name := range s.Attributes {
			if !found[name] && ofSender(name) {
				found[name] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(found))
	return names[:min(len(names), mostNames)]
}

// ofSender reports whether an attribute's name says that it is about on whose behalf a
// request was sent. What a cloud calls an account is where it runs.
func ofSender(name string) bool {
	words := strings.FieldsFunc(spaced(name), func(r rune) bool { return !unicode.IsLetter(r) })
	has := func(list []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, strings.ToLower(w)) })
	}
	return has(senders) && !has(personal) && !strings.HasPrefix(name, "cloud.") && !strings.HasPrefix(name, "aws.")
}

// spaced sets the words of a name apart that only capitals do.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// partOf is to which part of a split a request belongs, empty where it says nothing.
func partOf(s *evidence.Span, name string) string {
	value := s.Attributes[name]
	if name == byRoute {
		value = s.Operation
		if route := s.Attributes["http.route"]; route != "" {
			value = strings.TrimSpace(cmp.Or(s.Attributes["http.request.method"], s.Attributes["http.method"]) + " " + route)
		}
	}
	if value = strings.Join(strings.Fields(value), " "); strings.Contains(value, "@") {
		return "" // an address of a person
	}
	return evidence.Excerpt(value, mostLength)
}

// split counts the requests by part. ok is false where most of those that were hit, or
// of the others, say nothing of it, where there are too few to tell, and where all are
// of one part or nearly each of its own.
func split(c *gathered.Evidence, service, name string, now, before []*evidence.Span, h harm) (report.Split, bool) {
	out := report.Split{Service: service, By: name}
	parts := map[string]*report.Part{}
	var hit, told, toldHit int
	for _, s := range now {
		was := 0
		if h.hit(s) {
			was = 1
		}
		hit += was
		at := partOf(s, name)
		if at == "" {
			continue
		}
		p := parts[at]
		if p == nil {
			p = &report.Part{Name: at}
			parts[at] = p
		}
		p.Requests, p.Hit = p.Requests+1, p.Hit+was
		told, toldHit = told+1, toldHit+was
	}
	for _, s := range before {
		if p := parts[partOf(s, name)]; p != nil {
			p.RequestsBefore++
			if h.hit(s) {
				p.HitBefore++
			}
		}
	}
	said := stat.MoreThanHalf(toldHit, hit) && (hit == len(now) || stat.MoreThanHalf(told-toldHit, len(now)-hit))
	if !said || told < c.By().Report.Requests || len(parts) < 2 || len(parts) > mostParts {
		return out, false
	}
	for _, p := range parts {
		out.Parts = append(out.Parts, *p)
	}
	slices.SortFunc(out.Parts, func(a, b report.Part) int {
		return cmp.Or(cmp.Compare(b.Hit*a.Requests, a.Hit*b.Requests), cmp.Compare(b.Requests, a.Requests), strings.Compare(a.Name, b.Name))
	})
	out.Says = splitSays(c, &out, told, toldHit, h.did)
	if n := len(out.Parts) - shownParts; n > 0 {
		out.Parts, out.Others = out.Parts[:shownParts], n
	}
	return out, out.Says != ""
}

// splitSays names the parts that are hit more than the others by more than chance, and
// more than they were before; where no parts are, and each of which enough was read is
// hit, that it is no one's alone. Empty where neither is so.
func splitSays(c *gathered.Evidence, s *report.Split, all, hit int, did string) string {
	called := func(p report.Part) string {
		if s.By == byRoute {
			return p.Name
		}
		return s.By + " " + p.Name
	}
	first := standOut(c, s.Parts, all, hit)
	if first == 0 {
		return evenly(c, s, called, did)
	}
	var n, of int
	var names []string
	for _, p := range s.Parts[:first] {
		names, n, of = append(names, called(p)), n+p.Hit, of+p.Requests
	}
	others := "others"
	if s.By == byRoute {
		others = "to other routes"
	}
	return wording.Say("impact/split", whose(c, s.Service)+fmt.Sprintf("%s: %d of %d requests %s, %s of %d %s", wording.Listed(names, shownNames), n, of, did, noneOr(hit-n), all-of, others))
}

// standOut is how many of the parts, which are in order of how much they are hit, are
// apart from the rest: where the two differ most. 0 where they do not differ by more
// than chance.
func standOut(c *gathered.Evidence, parts []report.Part, all, hit int) (first int) {
	least := c.By().View.Patterns.Sigma
	var n, of int
	for i, p := range parts[:len(parts)-1] {
		if p.Hit == 0 || !risen(c, p) {
			break
		}
		n, of = n+p.Hit, of+p.Requests
		if _, sigma := stat.Proportions(n, of, hit-n, all-of); sigma >= least {
			first, least = i+1, sigma
		}
	}
	return first
}

// risen reports whether a part is hit more than it was before, where that is known.
func risen(c *gathered.Evidence, p report.Part) bool {
	if p.RequestsBefore < c.By().Report.Requests {
		return true
	}
	return float64(p.Hit)/float64(p.Requests) >= c.By().Report.Rise*float64(p.HitBefore)/float64(p.RequestsBefore)
}

// evenly says that the parts of which enough was read are all hit, none by much more
// than another.
func evenly(c *gathered.Evidence, s *report.Split, called func(report.Part) string, did string) string {
	var names []string
	least, most := 1.0, 0.0
	for _, p := range s.Parts {
		if p.Requests < c.By().Report.Requests {
			continue
		}
		if p.Hit == 0 || !risen(c, p) {
			return ""
		}
		share := float64(p.Hit) / float64(p.Requests)
		least, most = min(least, share), max(most, share)
		names = append(names, fmt.Sprintf("%d of %d %s", p.Hit, p.Requests, called(p)))
	}
	if len(names) < 2 || most >= c.By().Report.Rise*least {
		return ""
	}
	return wording.Say("impact/evenly", whose(c, s.Service)+fmt.Sprintf("no one %s stands out: %s %s", s.By, wording.Listed(names, shownNames), did))
}

// whose says of whose requests is spoken, where more than one service alerts: they may
// have routes of one name.
func whose(c *gathered.Evidence, service string) string {
	if len(c.Alerting) < 2 {
		return ""
	}
	return "at " + service + ", "
}

// noneOr is a number in a sentence.
func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
