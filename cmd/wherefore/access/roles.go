package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/ui"
)

// Role is what somebody may do, as a word.
type Role string

// The roles. Viewer, responder and admin include each other; ingest and check
// are for programs.
const (
	Viewer    Role = "viewer"
	Responder Role = "responder"
	Admin     Role = "admin"
	Ingest    Role = "ingest"
	Check     Role = "check"
	// NoRole is who is known and may do nothing.
	NoRole Role = "none"
)

// Roles are all that can be given.
var Roles = []Role{Viewer, Responder, Admin, Ingest, Check}

var (
	viewing    = []ui.Action{ui.ActView, ui.ActExport, ui.ActMetrics}
	responding = append(slices.Clone(viewing), ui.ActWrite, ui.ActInvestigate, ui.ActCheck, ui.ActDecide)
)

// actions are what each role may do. To export source code is a permission
// beside the role, but for admins.
var actions = map[Role][]ui.Action{
	Viewer:    viewing,
	Responder: responding,
	Admin:     append(slices.Clone(responding), ui.ActAlert, ui.ActChange, ui.ActAudit, ui.ActCode),
	Ingest:    {ui.ActAlert, ui.ActChange},
	Check:     {ui.ActCheck, ui.ActView},
}

// sender is what webhook.bearer_token and the signature admit to, as the
// documentation of both has always said.
const sender Role = "sender"

// senderActions are what a sender may do.
var senderActions = []ui.Action{ui.ActAlert, ui.ActChange, ui.ActInvestigate}

func init() { actions[sender] = senderActions }

// CheckRole refuses a word that is no role.
func CheckRole(r Role) error {
	if !slices.Contains(Roles, r) {
		words := make([]string, len(Roles))
		for i, x := range Roles {
			words[i] = string(x)
		}
		return fmt.Errorf("role %q is not one of %s", r, strings.Join(words, ", "))
	}
	return nil
}

// identity is who makes a request.
type identity struct {
	name    string
	by      string // how they are known
	role    Role
	tenant  evidence.Tenant
	code    bool // may export source code
	form    string
	session bool
}

func (i *identity) may(a ui.Action) bool {
	return slices.Contains(actions[i.role], a) || a == ui.ActCode && i.code && i.may(ui.ActExport)
}

func (i *identity) person() ui.Person {
	return ui.Person{Name: i.name, Tenant: i.tenant, By: i.by, FormToken: i.form, Session: i.session, May: i.may}
}

// known is the identity of a person whom something vouches for by name.
func (a *Access) known(name, by string, groups []string) *identity {
	return &identity{name: name, by: by, role: a.roleOf(name, groups), tenant: a.tenantOf(name, groups), code: slices.Contains(a.ExportCode, name)}
}

// Members are the people of a tenant: by name, whoever vouches for it, and by the
// groups of the identity provider or the proxy.
type Members struct {
	Tenant        evidence.Tenant
	Users, Groups []string
}

// tenantOf is the tenant of a name and its groups: a name counts before groups, and
// of groups the first tenant's that has one. Who is in none is of the unnamed.
func (a *Access) tenantOf(name string, groups []string) evidence.Tenant {
	for _, m := range a.Tenants {
		if slices.Contains(m.Users, name) {
			return m.Tenant
		}
	}
	for _, m := range a.Tenants {
		if slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(m.Groups, g) }) {
			return m.Tenant
		}
	}
	return ""
}

// ambient is known, by a credential that a browser adds to every request by
// itself; its forms need a token, which is a keyed hash of the name.
func (a *Access) ambient(name, by string, groups []string) *identity {
	i := a.known(name, by, groups)
	mac := hmac.New(sha256.New, a.key)
	_, _ = mac.Write([]byte(by + "\x00" + name))
	i.form = hex.EncodeToString(mac.Sum(nil))
	return i
}

// roleOf is the highest of the roles that a name and its groups have.
func (a *Access) roleOf(name string, groups []string) Role {
	if r, ok := a.Users[name]; ok {
		return r
	}
	for _, r := range []Role{Admin, Responder, Viewer, Check, Ingest} {
		for _, g := range a.Groups[r] {
			if slices.Contains(groups, g) {
				return r
			}
		}
	}
	return a.defaultRole()
}
