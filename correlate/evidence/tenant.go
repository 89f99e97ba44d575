package evidence

import (
	"fmt"
	"regexp"
)

// Tenant is whose something is: incidents, changes, tokens and sources of one
// tenant are out of every other's reach. The zero Tenant is whose all is where
// none is configured. It comes from the credential of who asks and never from
// what is sent.
type Tenant string

var tenantName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// CheckTenant refuses a name that cannot name folders, headers and people's
// tenants alike.
func CheckTenant(t Tenant) error {
	if !tenantName.MatchString(string(t)) || t == unnamed {
		return fmt.Errorf("tenant %.60q is not made of 1 to 40 lower-case letters, digits and dashes between them, or is %q: %w", string(t), unnamed, ErrInvalid)
	}
	return nil
}

// unnamed is what people read for the zero Tenant.
const unnamed = "default"

// String is how a tenant is said to people.
func (t Tenant) String() string {
	if t == "" {
		return unnamed
	}
	return string(t)
}
