package config

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/jaeger"
	"github.com/wherefore-dev/wherefore/sources/loki"
	"github.com/wherefore-dev/wherefore/sources/prometheus"
	"github.com/wherefore-dev/wherefore/sources/pyroscope"
	"github.com/wherefore-dev/wherefore/ui"
)

// Tenant is a team whose incidents, sources and repositories are out of the others'
// reach. What it leaves out is not configured for it, but for what Of takes over.
// A reload takes up what has no tag; which tenants there are needs a restart.
type Tenant struct {
	// Name is made of lower-case letters, digits and dashes.
	Name evidence.Tenant `yaml:"name"`
	// Users and Groups are the people who belong to it, as in access.
	Users  []string `yaml:"users" reload:"restart"`
	Groups []string `yaml:"groups" reload:"restart"`
	// OrgID, when it is set, is the X-Scope-OrgID with which this tenant asks those of
	// the file's sources that it names no other for.
	OrgID string `yaml:"org_id"`

	Sources       Sources           `yaml:"sources"`
	Repositories  []Repository      `yaml:"repositories"`
	Owners        map[string]string `yaml:"owners"`
	Decisions     Decisions         `yaml:"decisions"`
	SLO           SLO               `yaml:"slo"`
	Webhook       Webhook           `yaml:"webhook"`
	Notifications []notify.Target   `yaml:"notifications" reload:"restart"`
	Links         ui.Links          `yaml:"links"`
	// Actions may be asked of the tenant's own targets, for its own incidents.
	Actions act.Config `yaml:"actions" reload:"restart"`
	// Keep is how much its evidence bundles may have; evidence.keep when 0.
	Keep Size `yaml:"keep" reload:"restart"`
}

// Of is the configuration as one tenant has it. It takes the limits of the whole
// over, the rules of the engine, and what Tenant says of its own.
func (c Config) Of(t Tenant) Config {
	c.Sources = t.sources(c.Sources)
	c.Repositories, c.Owners, c.Decisions, c.SLO, c.Notifications, c.Links = t.Repositories, t.Owners, t.Decisions, t.SLO, t.Notifications, t.Links
	ignore, limit := c.Webhook.Ignore, c.Webhook.QueueLimit
	c.Webhook = t.Webhook
	if c.Webhook.Ignore == nil {
		c.Webhook.Ignore = ignore
	}
	c.Webhook.QueueLimit = cmp.Or(t.Webhook.QueueLimit, limit)
	c.Actions = t.Actions
	c.Evidence.Keep = cmp.Or(t.Keep, c.Evidence.Keep)
	if s := c.Evidence.Store; s != nil {
		own := *s
		own.Prefix = path.Join(s.Prefix, "tenants", string(t.Name))
		c.Evidence.Store = &own
	}
	c.DataDir = TenantDir(c.DataDir, t.Name)
	c.Tenants = nil
	return c
}

// For is the configuration as a tenant has it by name, the whole for the unnamed;
// false where there is none of that name.
func (c Config) For(name evidence.Tenant) (Config, bool) {
	if name == "" {
		return c, true
	}
	for _, t := range c.Tenants {
		if t.Name == name {
			return c.Of(t), true
		}
	}
	return c, false
}

// sources are the tenant's own and, with its organisation's ID, those of the whole.
func (t Tenant) sources(all Sources) Sources {
	own := t.Sources
	if t.OrgID == "" {
		return own
	}
	own.Jaeger = shared(own.Jaeger, all.Jaeger, t.OrgID, func(c *jaeger.Config) *endpoint.Config { return &c.Config })
	own.Loki = shared(own.Loki, all.Loki, t.OrgID, func(c *loki.Config) *endpoint.Config { return &c.Config })
	own.Prometheus = shared(own.Prometheus, all.Prometheus, t.OrgID, func(c *prometheus.Config) *endpoint.Config { return &c.Config })
	own.Pyroscope = shared(own.Pyroscope, all.Pyroscope, t.OrgID, func(c *pyroscope.Config) *endpoint.Config { return &c.Config })
	return own
}

// shared is a tenant's own source, else that of the whole asked with an
// organisation's ID.
func shared[C any](own, whole *C, org string, endpointOf func(*C) *endpoint.Config) *C {
	if own != nil || whole == nil {
		return own
	}
	c := *whole
	endpointOf(&c).OrgID = org
	return &c
}

// Members are the people of each tenant.
func (c Config) Members() (list []access.Members) {
	for _, t := range c.Tenants {
		list = append(list, access.Members{Tenant: t.Name, Users: t.Users, Groups: t.Groups})
	}
	return list
}

// checkTenants finds what is wrong with a tenant, as it would be with a
// configuration of its own, and what two of them may not share.
func (c Config) checkTenants(add func(format string, args ...any)) {
	named, users, secrets := map[evidence.Tenant]bool{}, map[string]evidence.Tenant{}, map[string]evidence.Tenant{}
	take := func(of map[string]evidence.Tenant, t evidence.Tenant, key, value string) {
		if other, taken := of[value]; taken && other != t {
			add("%s is %s's too; who shows it is one tenant's", key, other)
		}
		of[value] = t
	}
	senders := func(t evidence.Tenant, at string, w Webhook) {
		if w.BearerToken != "" {
			take(secrets, t, at+"webhook.bearer_token", string(w.BearerToken))
		}
		for i, s := range w.Signature.Secrets {
			take(secrets, t, fmt.Sprintf("%swebhook.signature.secrets[%d]", at, i), string(s))
		}
	}
	answers := map[string]evidence.Tenant{}
	targets := func(t evidence.Tenant, at string, a act.Config) {
		for i, x := range a.Targets {
			for _, key := range act.Keys(x.AnswerSecret) { // either signs an answer
				take(answers, t, fmt.Sprintf("%sactions.targets[%d].answer_secret", at, i), key)
			}
		}
	}
	senders("", "", c.Webhook)
	targets("", "", c.Actions)
	for i, t := range c.Tenants {
		at := fmt.Sprintf("tenants[%d].", i)
		if err := evidence.CheckTenant(t.Name); err != nil {
			add("%sname: %v", at, err)
		}
		if named[t.Name] {
			add("%sname %q is taken", at, string(t.Name))
		}
		named[t.Name] = true
		for _, u := range t.Users {
			take(users, t.Name, fmt.Sprintf("%susers: %q", at, u), u)
		}
		senders(t.Name, at, t.Webhook)
		targets(t.Name, at, t.Actions)
		for _, fault := range t.Actions.Check(c.ExternalURL) {
			add("%s%s", at, fault)
		}
		own := c.Of(t)
		for _, check := range []func(func(format string, args ...any)){own.checkWebhook, own.checkPublish, own.checkNotifications, own.checkRepositories} {
			check(func(format string, args ...any) { add("%s"+format, append([]any{at}, args...)...) })
		}
	}
}

// TenantDir is the folder of a tenant's data in a data folder, which is the unnamed
// tenant's own.
func TenantDir(dataDir string, t evidence.Tenant) string {
	if t == "" {
		return dataDir
	}
	return filepath.Join(dataDir, "tenants", string(t))
}
