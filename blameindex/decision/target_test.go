package decision

import (
	"strings"
	"testing"
)

// TestAVerbAndItsObjectAreEnough in both languages.
func TestAVerbAndItsObjectAreEnough(t *testing.T) {
	v := DefaultVocabulary()
	for what, want := range map[string]bool{
		"enable caching": true, "启用缓存": true, "禁用重试": true, "降低超时到 800ms": true, "升级 etcd": true, "回滚": false, "启用": false, "enable": false, "迁移至新集群": true, "启用它": false,
	} {
		if got := v.hasVerb(what) && v.hasTarget(what); got != want {
			t.Errorf("%s: got %t, want %t", what, got, want)
		}
	}
}

func TestNotesOnWhoAndWhen(t *testing.T) {
	const record = `decision_id: DEC-1
why: "P99 rose by 230 ms on the payment path"
what: "set the timeout to 800 ms"
who: {initiator: "iam:user:ada", approver: "iam:user:WHO", executor: "iam:user:ada"}
when: {effective_at: 2024-06-15T14:30:00Z, logged_at: LOGGED}
how: {rollout: "at once"}
`
	for name, c := range map[string]struct{ who, logged, says string }{
		"good":        {"grace", "2024-06-15T14:22:00Z", ""},
		"alone":       {"ada", "2024-06-15T14:22:00Z", "nobody else looked at it"},
		"late":        {"grace", "2024-06-16T14:30:00Z", "24h0m0s after it took effect"},
		"at the same": {"grace", "2024-06-15T14:30:00Z", ""},
	} {
		doc := Parse("x.yaml", []byte(strings.NewReplacer("WHO", c.who, "LOGGED", c.logged).Replace(record)), DefaultVocabulary())
		var said []string
		for _, f := range doc.AllFaults() {
			if !f.Note {
				t.Errorf("%s: %s", name, f)
			}
			said = append(said, f.Message)
		}
		if all := strings.Join(said, "\n"); !strings.Contains(all, c.says) || c.says == "" && all != "" {
			t.Errorf("%s: got %q, want %q", name, all, c.says)
		}
	}
}
