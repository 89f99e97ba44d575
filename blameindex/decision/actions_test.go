package decision

import (
	"maps"
	"strings"
	"testing"
)

func TestPermissionsToActAreRead(t *testing.T) {
	const record = "decision_id: D-1\nhow:\n  actions:\n    ACTION\n"
	for text, c := range map[string]struct {
		want  map[string]string
		fault string
	}{
		"degrade: automatic\n    rollback: approval": {map[string]string{"degrade": "automatic", "rollback": "approval"}, ""},
		"rollback: always":                           {nil, `rollback is "always" and not one of automatic, approval, manual`},
		"restart: approval":                          {nil, `"restart" is not one of degrade, rollback`},
		"- rollback":                                 {nil, "is not one of degrade, rollback"},
	} {
		doc := Parse("d.yaml", []byte(strings.ReplaceAll(record, "ACTION", text)), DefaultVocabulary())
		var said []string
		for _, f := range doc.AllFaults() {
			if strings.HasPrefix(f.Message, "actions:") {
				said = append(said, f.Message)
				if f.Line != 3 {
					t.Errorf("%q: the fault stands on line %d, want 3", text, f.Line)
				}
			}
		}
		if c.fault == "" && (len(said) > 0 || !maps.Equal(doc.Records[0].How.Actions, c.want)) {
			t.Errorf("%q: got %v, %q", text, doc.Records[0].How.Actions, said)
		}
		if c.fault != "" && (len(said) != 1 || !strings.Contains(said[0], c.fault)) {
			t.Errorf("%q: got %q, want %q", text, said, c.fault)
		}
	}
}
