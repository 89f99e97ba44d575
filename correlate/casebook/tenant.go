package casebook

import (
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// What keeps tenants apart. Rows that begin something have the tenant as a column;
// what hangs on an incident is its incident's. A name that a sender chose is found
// by as [named] has it, so that two tenants may use the same. A Book is of one
// tenant for all that asks or writes in somebody's name, and of all of them for who
// works the queue.

// For is the casebook of one tenant. From now on its investigations are handed out
// too.
func (b *Book) For(t evidence.Tenant) TenantStore {
	b.turns.know(t)
	return b.of(t)
}

// of is For without making the tenant known.
func (b *Book) of(t evidence.Tenant) *Book { return &Book{b.shared, t} }

// mark stands between a tenant and a name, and in no name.
const mark = "\x1f"

// named is a name that somebody outside chose as rows are found by it: another
// tenant's never is the same.
func named(t evidence.Tenant, name string) string {
	name = strings.ReplaceAll(name, mark, " ")
	if t == "" {
		return name
	}
	return string(t) + mark + name
}

// ownerOf takes apart what named has put together.
func ownerOf(key string) (t evidence.Tenant, name string) {
	owner, name, found := strings.Cut(key, mark)
	if !found {
		return "", key
	}
	return evidence.Tenant(owner), name
}

// receiverOf is the receiver of an alert as rows are found by it.
func receiverOf(a evidence.Alert) string { return named(a.Tenant, keyOf(a.Receiver)) }

// ofIncidents is a condition on a column that names incidents: they are the
// tenant's, which is the parameter that stands in it.
const ofIncidents = `incident IN (SELECT id FROM incident WHERE tenant = ?)`

// theIncident is an incident that is named by ?1, if it is the tenant's, ?2.
const theIncident = `(SELECT id FROM incident WHERE id = ?1 AND tenant = ?2)`
