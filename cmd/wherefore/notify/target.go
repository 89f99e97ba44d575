package notify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
	"github.com/wherefore-dev/wherefore/correlate/report"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
)

// Target is one place that is told of reports.
type Target struct {
	// Name stands in logs and metrics; the URL, which is often a secret, does
	// not.
	Name string `yaml:"name"`
	// Kind is slack, for an incoming webhook of Slack or of what understands its
	// payload (Mattermost, Rocket.Chat), webhook, for JSON of our own, or grafana, for
	// annotations; its URL is Grafana's address and its secret a service account's
	// token.
	Kind string          `yaml:"kind"`
	URL  endpoint.Secret `yaml:"url"`
	// Secret signs what a webhook is sent, as Standard Webhooks has it. While it is
	// changed two that begin with whsec_ may be there, apart by a blank, and each signs.
	Secret endpoint.Secret `yaml:"secret"`
	// Template words the message: Slack's mrkdwn, or a webhook's whole body.
	// Empty means our own words.
	Template string `yaml:"template"`
	// Verdicts are told of; empty means all.
	Verdicts []report.VerdictWord `yaml:"verdicts"`
	// Revisions are first, changed (the first, then those with another verdict
	// or first cause; the default) or all.
	Revisions string `yaml:"revisions"`
	// Status are what people did that a target is told of too: acknowledged, lead,
	// resolved, reopened, note; empty means none.
	Status []string `yaml:"status"`
	// Dashboard and Panel are where Grafana shows an annotation; without them it is
	// shown wherever its tags are asked for.
	Dashboard string `yaml:"dashboard"`
	Panel     int    `yaml:"panel"`
}

// Kinds of target.
const (
	kindSlack   = "slack"
	kindWebhook = "webhook"
	kindGrafana = "grafana"
)

// Check says what is wrong with a target's configuration; empty when nothing.
func (t Target) Check() string {
	u, err := url.Parse(string(t.URL))
	switch {
	case t.Name == "":
		return "needs a name"
	case strings.HasPrefix(t.Name, ReservedNames):
		return fmt.Sprintf("%s: names that begin with %s are taken", t.Name, ReservedNames)
	case t.Kind != kindSlack && t.Kind != kindWebhook && t.Kind != kindGrafana:
		return fmt.Sprintf("%s: the kind %q is not slack, webhook or grafana", t.Name, t.Kind)
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return t.Name + ": the url is not an http or https URL"
	case t.Kind == kindSlack && t.Secret != "":
		return t.Name + ": Slack checks no signature; leave secret out"
	case t.Kind != kindGrafana && (t.Dashboard != "" || t.Panel != 0):
		return t.Name + ": dashboard and panel are Grafana's"
	case t.Kind == kindGrafana && (t.Template != "" || len(t.Status) > 0 || t.Revisions != ""):
		return t.Name + ": an annotation follows its incident; leave template, status and revisions out"
	case t.Kind == kindGrafana && t.Panel != 0 && t.Dashboard == "":
		return t.Name + ": a panel needs its dashboard"
	case !slices.Contains([]string{"", "first", "changed", "all"}, t.Revisions):
		return fmt.Sprintf("%s: revisions %q is not first, changed or all", t.Name, t.Revisions)
	}
	for _, v := range t.Verdicts {
		if !slices.Contains([]report.VerdictWord{report.Confirmed, report.Likely, report.LeadOnly, report.Inconclusive}, v) {
			return fmt.Sprintf("%s: there is no verdict %q", t.Name, v)
		}
	}
	for _, s := range t.Status {
		if !slices.Contains(Events, s) {
			return fmt.Sprintf("%s: there is no status %q, only %s", t.Name, s, strings.Join(Events, ", "))
		}
	}
	if _, err := t.renderer(); err != nil {
		return strings.TrimPrefix(err.Error(), "notifications: ")
	}
	return ""
}

// Hide has the secrets masked wherever they appear: each of several, with what marks
// it as base64 and without.
func (t Target) Hide() {
	for _, key := range keysOf(string(t.Secret)) {
		mask.Hide("", key, strings.TrimPrefix(key, secretPrefix))
	}
	mask.HideURL(string(t.URL))
}

// wants reports whether a target is told of a revision.
func (t Target) wants(revision int, changed bool, v report.VerdictWord) bool {
	if len(t.Verdicts) > 0 && !slices.Contains(t.Verdicts, v) {
		return false
	}
	if t.Kind == kindGrafana {
		return true // each says where the region ends
	}
	switch t.Revisions {
	case "first":
		return revision <= 1
	case "all":
		return true
	}
	return changed
}
