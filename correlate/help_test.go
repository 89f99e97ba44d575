package correlate

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

// TestEveryRuleInTheSourceHasAPage looks through the rooms for ids of rules, as
// they stand in terms and findings, so that a rule without help, or an id that is
// misspelt in one place, does not pass.
func TestEveryRuleInTheSourceHasAPage(t *testing.T) {
	id := regexp.MustCompile(`(?:\bI[dD]: *|case |ID == |ID != |\t\t\{|\t\t|, )"([a-z]+/[a-z-]+)"`)
	kinds := map[string]bool{}
	for _, h := range AllHelp() {
		kind, _, _ := strings.Cut(h.ID, "/")
		kinds[kind] = true
	}
	found := 0
	for _, room := range []string{"signal", "rank", "suspect", "compose", "weights"} {
		err := filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range id.FindAllStringSubmatch(string(b), -1) {
				if kind, _, _ := strings.Cut(m[1], "/"); !kinds[kind] || strings.HasSuffix(m[1], "-") || strings.HasPrefix(m[1], "commit/mechanism") {
					continue // a path or a kind of content, a prefix, or a weight whose terms carry the name of the rule that fired
				}
				found++
				if _, ok := Help(m[1]); !ok {
					t.Errorf("%s: the rule %s has no page of help", path, m[1])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 60 {
		t.Errorf("found %d ids, want those of all rules", found)
	}
}

func TestHelpBeginsWithItsIdAndSaysWhatItIs(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range AllHelp() {
		title := "# " + strings.TrimPrefix(h.ID, report.MechanismTerm("")) + "\n"
		if !strings.HasPrefix(h.Page, title) || h.Short == "" || seen[h.ID] {
			t.Errorf("%s: got a page that begins %.40q with %q", h.ID, h.Page, h.Short)
		}
		seen[h.ID] = true
		if got, ok := Help(h.ID); !ok || got != h {
			t.Errorf("%s: Help does not find it", h.ID)
		}
	}
	if _, ok := Help("no/such-rule"); ok {
		t.Error("got help for a rule that is none")
	}
}
