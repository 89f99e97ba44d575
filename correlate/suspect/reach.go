package suspect

import (
	"path"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
)

// reach knows which entity a path belongs to and who depends on whom.
type reach struct {
	whole   map[string]string // name without separators -> entity
	stems   map[string]string // stem of a name -> entity; empty for a stem that several have
	callees map[string][]string
}

func newReach(c *gathered.Evidence) reach {
	r := reach{whole: map[string]string{}, stems: map[string]string{}, callees: map[string][]string{}}
	for _, e := range c.Entities {
		r.name(e.Name)
	}
	for _, d := range c.Deployments {
		r.name(d.Service)
	}
	for _, e := range c.Edges {
		r.callees[e.Caller] = append(r.callees[e.Caller], e.Callee)
	}
	return r
}

// name notes an entity. What several could be called is nobody's.
func (r reach) name(entity string) {
	note := func(table map[string]string, key string) {
		if have, ok := table[key]; ok && have != entity {
			table[key] = ""
			return
		}
		table[key] = entity
	}
	note(r.whole, joined(entity))
	note(r.stems, stem(entity))
}

// called is the entity that a word names: by its whole name, else by a stem that
// no other entity has. It is empty where none or several are meant.
func (r reach) called(word string) string {
	if e := r.whole[joined(word)]; e != "" {
		return e
	}
	return r.stems[stem(word)]
}

// joined is a name in lower case without separators and digits.
func joined(name string) string { return strings.Join(mechanism.Words(name), "") }

// stem is a name without what says only that it is a service, and without
// separators: "cart-service", "cartservice" and "CartSvc" are all "cart".
func stem(name string) string {
	s := joined(name)
	for _, suffix := range []string{"microservice", "service", "svc", "server", "deployment", "app", "api"} {
		if t := strings.TrimSuffix(s, suffix); t != s && len(t) > 1 {
			return t
		}
	}
	return s
}

// touches says whether a commit's files belong to a service: own when a path
// names it or the code source says so, shared when no path names any entity.
func (r reach) touches(cm evidence.Commit, service string) (own, shared bool) {
	if len(cm.Services) > 0 {
		return slices.Contains(cm.Services, service), false
	}
	shared = true
	for _, f := range cm.Files {
		if mechanism.KindOf(f).Innocent() {
			continue
		}
		switch r.owner(f) {
		case "":
		case service:
			own = true
		default:
			shared = false
		}
	}
	return own, shared || own
}

// owner is the entity that a path names in one of its folders, or in the name
// of a configuration file; empty when none.
func (r reach) owner(file string) string {
	dir, base := path.Dir(file), path.Base(file)
	segments := strings.Split(dir, "/")
	for _, seg := range segments {
		if e := r.called(seg); e != "" && seg != "." {
			return e
		}
	}
	if mechanism.KindOf(file) == mechanism.Config {
		name, _, _ := strings.Cut(base, ".")
		return r.called(name)
	}
	return ""
}

// dependsOn reports whether one entity calls another, directly or through
// others.
func (r reach) dependsOn(caller, callee string) bool {
	return caller != callee && len(r.Way([]string{caller}, callee)) > 0
}

// Way are the entities on a shortest way of calls from one of the callers to an
// entity, both ends included, the last first; of ways that are equally long,
// the first by name. It is nil where there is none.
func (r reach) Way(callers []string, to string) []string {
	from := map[string]string{}
	for _, c := range callers {
		from[c] = ""
	}
	for queue := slices.Clone(callers); len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at == to {
			var way []string
			for ; at != ""; at = from[at] {
				way = append(way, at)
			}
			return way
		}
		for _, next := range r.callees[at] { // in order of names, as the edges are
			if _, seen := from[next]; !seen {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}
