package topology

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/wherefore-dev/wherefore/correlate/kube"
)

// Learn adds a name unless it already means an entity, as a pod's name does.
func (n *Namer) Learn(name string) {
	if _, ok := n.Find(name); !ok {
		n.Add(name)
	}
}

// Namer turns what sources call a thing into the one name that a report uses.
// Names come in by trust: what may be blamed, what traces say, then labels.
type Namer struct {
	aliases map[string]string // as a source spells it -> the entity's name
	byForm  map[string]string // normal form -> the entity's name
	// closed is true when the candidates were given: then nothing is added.
	closed bool
}

func NewNamer(aliases map[string]string, candidates []string) *Namer {
	n := &Namer{aliases: aliases, byForm: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		n.Add(aliases[name])
	}
	for _, name := range candidates {
		n.Add(name)
	}
	n.closed = len(candidates) > 0
	return n
}

// Add makes a name known; the first spelling of a form wins.
func (n *Namer) Add(name string) {
	if f := nameForm(name); f != "" && !n.closed && n.byForm[f] == "" {
		n.byForm[f] = name
	}
}

// Known lists all names, sorted.
func (n *Namer) Known() []string {
	return slices.Compact(slices.Sorted(maps.Values(n.byForm)))
}

// Find returns the entity that a source's name means.
func (n *Namer) Find(name string) (string, bool) {
	if to, ok := n.aliases[name]; ok {
		return to, true
	}
	for _, form := range spellings(name) {
		if to, ok := n.byForm[form]; ok {
			return to, true
		}
	}
	return "", false
}

// Name is find, or the name as it stands.
func (n *Namer) Name(name string) string {
	if to, ok := n.Find(name); ok {
		return to
	}
	return name
}

// nameForm is what two spellings of one name have in common.
func nameForm(name string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), "_", "-"))
}

var portSuffix = regexp.MustCompile(`:[0-9]{1,5}$`)

// spellings are the forms under which a name may be known, most exact first:
// as it is, without a port, with the namespace as a part of it, without namespace
// or domain, without a pod's suffix.
func spellings(name string) []string {
	f := nameForm(name)
	forms := []string{f}
	push := func(s string) {
		if s != "" && !slices.Contains(forms, s) {
			forms = append(forms, s)
		}
	}
	if _, rest, ok := strings.Cut(f, "://"); ok { // a URL: its host
		f, _, _ = strings.Cut(rest, "/")
	}
	f = portSuffix.ReplaceAllString(f, "")
	push(f)
	// A program that has several parts calls itself by its namespace and the part.
	push(strings.ReplaceAll(f, "/", "-"))
	if i := strings.LastIndexByte(f, '/'); i >= 0 {
		f = f[i+1:]
		push(f)
	}
	for _, pod := range kube.PodForms {
		if m := pod.FindStringSubmatch(f); m != nil {
			push(m[1])
		}
	}
	const mostDigits = 3 // of a part of an address, which no name is before a dot
	if i := strings.IndexByte(f, '.'); i > 0 && !strings.ContainsAny(f[:i], "0123456789") || i > mostDigits {
		push(f[:max(i, 0)])
	}
	return forms
}

// Joined is a name in lower case without what separates its words: what
// "cart-db", "cart_db" and "CartDB" have in common.
func Joined(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// roleWords end the names of services without telling them apart, longer ones
// before those that end them.
var roleWords = []string{"microservice", "service", "svc", "server", "srv", "deployment", "backend", "api", "app"}

// Stem is a name without namespace, port, pod's suffix, separators and the word that
// says only that it is a service, where at least so many bytes are left:
// "shop/cart-service:80", "cartservice" and "CartSvc" are all "cart".
func Stem(name string, least int) string {
	forms := spellings(name)
	s := Joined(forms[len(forms)-1])
	for _, w := range roleWords {
		if rest, ok := strings.CutSuffix(s, w); ok && len(rest) >= least {
			return rest
		}
	}
	return s
}
