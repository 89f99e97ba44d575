package suspect

import (
	"path"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/gathered"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/topology"
)

// reach knows which entity a path belongs to.
type reach struct {
	whole map[string]string // name without separators -> entity
	least int               // of a stem
	stems map[string]string // stem of a name -> entity; empty for a stem that several have
}

func newReach(c *gathered.Evidence) reach {
	r := reach{least: c.By().Topology.Stem, whole: map[string]string{}, stems: map[string]string{}}
	for _, e := range c.Entities {
		r.name(e.Name)
	}
	for _, d := range c.Deployments {
		r.name(d.Service)
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
	note(r.whole, topology.Joined(entity))
	note(r.stems, topology.Stem(entity, r.least))
}

// called is the entity that a word names: by its whole name, else by a stem that
// no other entity has. It is empty where none or several are meant.
func (r reach) called(word string) string {
	if e := r.whole[topology.Joined(word)]; e != "" {
		return e
	}
	return r.stems[topology.Stem(word, r.least)]
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
