package act

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/action"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Config says what may be asked of whom. The zero value asks nothing of anybody.
type Config struct {
	// Enabled has to be said.
	Enabled bool `yaml:"enabled"`
	// DryRun decides, shows and audits, and sends nothing.
	DryRun bool `yaml:"dry_run"`
	// CoolDown is how long after an action no other of its service is asked for; 30
	// minutes when 0.
	CoolDown time.Duration `yaml:"cool_down"`
	// AnswerWithin is how long an action waits to be approved, and then for its
	// target's answer; 15 minutes when 0.
	AnswerWithin time.Duration `yaml:"answer_within"`
	Targets      []Target      `yaml:"targets"`
	Rules        []action.Rule `yaml:"rules"`
}

// Target is somebody who can carry an action out.
type Target struct {
	Name string          `yaml:"name"`
	URL  endpoint.Secret `yaml:"url"`
	// Secret signs what it is sent, AnswerSecret what it answers; both as Standard
	// Webhooks has them, whsec_ and base64. While one is changed both are there, apart
	// by a blank: what is sent is signed by each, and an answer by either counts.
	Secret       endpoint.Secret `yaml:"secret"`
	AnswerSecret endpoint.Secret `yaml:"answer_secret"`
}

// Defaults of what the configuration leaves out.
const (
	defaultCoolDown = 30 * time.Minute
	defaultAnswer   = 15 * time.Minute
)

// How long a wait may be set: below, a repeated alert is no longer the same one;
// above, an action is forgotten by whoever was to answer.
const (
	leastWait = time.Minute
	mostWait  = 24 * time.Hour
)

// Check says what is wrong with the configuration, one sentence each.
func (c Config) Check(externalURL string) []string {
	var faults []string
	add := func(format string, args ...any) { faults = append(faults, "actions"+fmt.Sprintf(format, args...)) }
	if c.Enabled && externalURL == "" {
		add(": enabled needs external_url, where targets answer")
	}
	for key, d := range map[string]time.Duration{"cool_down": c.CoolDown, "answer_within": c.AnswerWithin} {
		if d != 0 && (d < leastWait || d > mostWait) {
			add(".%s is %s and must be from %s to %s", key, d, leastWait, mostWait)
		}
	}
	named, answering := map[string]bool{}, map[string]string{}
	for i, t := range c.Targets {
		if why := t.check(); why != "" {
			add(".targets[%d] %s", i, why)
		}
		if named[t.Name] {
			add(".targets[%d]: the name %q is taken", i, t.Name)
		}
		for _, key := range Keys(t.AnswerSecret) {
			if other, taken := answering[key]; taken && other != t.Name {
				add(".targets[%d] %s: answer_secret is also %s's; who signs with it must be one target, or each could answer for the other", i, t.Name, other)
			}
			answering[key] = t.Name
		}
		named[t.Name] = true
	}
	rules := map[string]bool{}
	for i, r := range c.Rules {
		why := r.Check()
		if why == "" && !named[r.Target] {
			why = fmt.Sprintf("%s: there is no target %q under actions.targets", r.Name, r.Target)
		}
		if why == "" && rules[r.Name] {
			why = fmt.Sprintf("the name %q is taken", r.Name)
		}
		if why != "" {
			add(".rules[%d] %s", i, why)
		}
		rules[r.Name] = true
	}
	slices.Sort(faults)
	return faults
}

func (t Target) check() string {
	u, err := url.Parse(string(t.URL))
	switch {
	case t.Name == "":
		return "needs a name"
	case strings.ContainsAny(t.Name, "/\x00\n"):
		return fmt.Sprintf("the name %q holds a slash or a line break", t.Name)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return t.Name + ": the url is not an http or https URL"
	case !areKeys(t.Secret):
		return t.Name + ": secret is not whsec_ and the base64 of 24 to 64 bytes, as openssl rand -base64 32 makes them"
	case !areKeys(t.AnswerSecret):
		return t.Name + ": answer_secret is not whsec_ and the base64 of 24 to 64 bytes, as openssl rand -base64 32 makes them"
	case repeats(t.Secret):
		return t.Name + ": secret holds the same key twice"
	case repeats(t.AnswerSecret):
		return t.Name + ": answer_secret holds the same key twice"
	case slices.ContainsFunc(Keys(t.Secret), func(key string) bool { return slices.Contains(Keys(t.AnswerSecret), key) }):
		return t.Name + ": secret and answer_secret are the same, so that what is sent could be sent back as its own answer"
	}
	return ""
}

// Keys are the secrets of Standard Webhooks that a configured one has: each counts by
// itself, so that two are compared and masked key by key.
func Keys(s endpoint.Secret) []string { return strings.Fields(string(s)) }

// repeats reports whether a configured secret has a key twice.
func repeats(s endpoint.Secret) bool {
	list := slices.Sorted(slices.Values(Keys(s)))
	return len(slices.Compact(list)) < len(Keys(s))
}

// mostKeys is how many there may be at a time: the old one and the new one.
const mostKeys = 2

// areKeys reports whether a configured secret is one, or two.
func areKeys(s endpoint.Secret) bool {
	list := Keys(s)
	return len(list) > 0 && len(list) <= mostKeys && !slices.ContainsFunc(list, func(key string) bool {
		coded, ok := strings.CutPrefix(key, "whsec_")
		raw, err := base64.StdEncoding.DecodeString(coded)
		return !ok || err != nil || len(raw) < 24 || len(raw) > 64
	})
}

// Hide has the secrets masked wherever they appear.
func (c Config) Hide() {
	for _, t := range c.Targets {
		for _, key := range append(Keys(t.Secret), Keys(t.AnswerSecret)...) {
			mask.Hide("", key)
			mask.Hide("", strings.TrimPrefix(key, "whsec_"))
		}
		mask.HideURL(string(t.URL))
	}
}
