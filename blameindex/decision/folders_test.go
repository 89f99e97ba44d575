package decision

import (
	"slices"
	"testing"
)

func TestFoldersOfRecordsAreFoundWhereverTheyLie(t *testing.T) {
	for _, c := range []struct {
		path string
		want bool
	}{
		{"docs/architecture/adr/0002-wait.md", true}, {"docs/ADR/0002-wait.md", true}, {"ADRs/0002-wait.md", true}, {"services/pay/docs/adr/0002-wait.md", true},
		{"docs/arch/adr/2026/0002-wait.md", true}, {"architecture/decisions/0002-wait.md", true}, {"docs/src/adr/0002-wait.md", true}, {".adr/0002-wait.md", true},
		{"documentation/Architecture-Decision-Records/2.md", true}, {"services/pay/decision-log/a.yaml", true}, {"handbook/choices/0002-wait.md", true},
		{"src/decisions/rules.yaml", false}, {"src/adrenaline/readme.md", false}, {"vendor/x/docs/adr/0001.md", false}, {"web/node_modules/x/adr/0001.md", false}, {"adr.md", false}, {"docs/adr/tool.go", false},
	} {
		globs := FolderGlobs([]string{c.path}, map[string]string{".adr-dir": "handbook/choices\n", "sub/.adr-dir": "../../out", "x/.adr-dir": "{a,b}"})
		if got := Matches(globs, c.path); got != c.want {
			t.Errorf("%s: got %v of %v, want %v", c.path, got, globs, c.want)
		}
	}
	many := make([]string, 0, 3*mostFolders)
	for i := range 3 * mostFolders {
		many = append(many, "s"+string(rune('a'+i%26))+string(rune('a'+i/26))+"/adr/1.md")
	}
	if n := len(FolderGlobs(many, nil)); n != mostFolders {
		t.Errorf("got %d folders, want at most %d", n, mostFolders)
	}
}

func TestOneNumberHasManySpellings(t *testing.T) {
	for want, ids := range map[string][]string{
		"ADR-2": {"ADR-2", "ADR-002", "adr-0002", "ADR0002", "ADR_0002", "0002", "adrs-adr002"}, "DEC-0002": {"DEC-0002"}, "ADR-2x": {"ADR-2x"}, "20240506-wait": {"20240506-wait"}, "ADR-0": {"adr-000"},
	} {
		if i := slices.IndexFunc(ids, func(id string) bool { return SameNumber(id) != want }); i >= 0 {
			t.Errorf("%s: got %s, want %s", ids[i], SameNumber(ids[i]), want)
		}
	}
}
