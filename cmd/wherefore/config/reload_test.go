package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheDocsSayWhatNeedsARestart holds the keys that docs/configuration.md marks
// to those that a reload leaves as they were.
func TestTheDocsSayWhatNeedsARestart(t *testing.T) {
	text, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text2, _ := strings.Cut(string(text), "```yaml\n")
	block, _, _ := strings.Cut(text2, "\n```")
	var marked []string
	var sections [4]string
	for _, line := range strings.Split(block, "\n") {
		m := regexp.MustCompile(`^( *)([a-z_]+):`).FindStringSubmatch(line)
		if m == nil {
			continue
		}
		depth := len(m[1]) / 2
		sections[depth] = m[2]
		if regexp.MustCompile(`#\s*restart\b`).MatchString(line) {
			marked = append(marked, strings.Join(sections[:depth+1], "."))
		}
	}
	var tagged []string
	walk(reflect.TypeFor[Config](), "", func(_ []int, key string, restart bool) {
		if restart {
			tagged = append(tagged, key)
		}
	})
	slices.Sort(marked)
	slices.Sort(tagged)
	if d := cmp.Diff(tagged, marked); d != "" || len(tagged) == 0 {
		t.Errorf("keys that need a restart (-), keys that the docs mark (+):\n%s", d)
	}
}

func TestRestartKeysNamesWhatChanged(t *testing.T) {
	a, b := Default(), Default()
	if got := RestartKeys(a, b); got != nil {
		t.Errorf("nothing changed: got %v", got)
	}
	a.Tenants, b.Tenants = []Tenant{{Name: "a"}, {Name: "b"}}, []Tenant{{Name: "a"}, {Name: "b", OrgID: "x", Webhook: Webhook{BearerToken: "t"}}}
	if got := RestartKeys(a, b); got != nil {
		t.Errorf("a tenant's sources and senders changed: got %v, want a reload to take them up", got)
	}
	b.Tenants[1].Users, b.Tenants[1].Webhook.QueueLimit = []string{"ann"}, 3
	if got := RestartKeys(a, b); !slices.Equal(got, []string{"tenants[1].users", "tenants[1].webhook.queue_limit"}) {
		t.Errorf("got %v", got)
	}
	if got := RestartKeys(a, Default()); !slices.Equal(got, []string{"tenants"}) {
		t.Errorf("got %v of tenants that were taken out", got)
	}
	b.Tenants = a.Tenants
	b.ExternalURL, b.Webhook.QueueLimit, b.Webhook.BearerToken, b.Evidence.Repository = "https://x.example", 7, "s", 3
	if got := RestartKeys(a, b); !slices.Equal(got, []string{"external_url", "webhook.queue_limit"}) {
		t.Errorf("got %v, want the two that a reload does not take up", got)
	}
}
