package blameindex

import (
	"cmp"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/blameindex/pathglob"
)

// ourDecisions are the records of this repository.
func ourDecisions(t *testing.T) []decision.Record {
	records, faults, err := decision.ReadDir(os.DirFS("../docs/decisions"), "docs/decisions", decision.DefaultVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, decision.Across(records)...) {
		t.Errorf("%s", f)
	}
	return records
}

// TestOurOwnDecisionsAreComplete holds docs/decisions to what we ask of others.
func TestOurOwnDecisionsAreComplete(t *testing.T) {
	records := ourDecisions(t)
	const departures = 3
	if len(records) < departures {
		t.Errorf("got %d records, want the departures from the seed at least", len(records))
	}
	verified := 0
	for _, r := range records {
		verified += len(r.How.Verify)
	}
	if verified == 0 {
		t.Error("no record says how it is measured whether it holds")
	}
}

// TestEveryRoomHasADecisionOfItsOwn asks of the ten largest files of each package
// what `wherefore why` would name first, and wants a decision about that package:
// one pattern that covers half of the tree says of a file as good as nothing.
func TestEveryRoomHasADecisionOfItsOwn(t *testing.T) {
	const (
		each = 10
		// near is how many packages a pattern may reach into and still be about each of
		// them: a package and those below it that only it uses.
		near = 4
		// most is how many packages the near patterns of one record may reach into.
		most = 12
	)
	rooms := ourPackages(t)
	reach := map[string]int{} // by pattern
	byRecord := map[string]map[string]bool{}
	records := ourDecisions(t)
	for _, r := range records {
		byRecord[r.ID] = map[string]bool{}
		for _, g := range r.Scope {
			var into []string
			for room, files := range rooms {
				if slices.ContainsFunc(files, func(f string) bool { return pathglob.Match(g, f) }) {
					into = append(into, room)
				}
			}
			if reach[g] = len(into); len(into) == 0 && !pathThere(g) {
				t.Errorf("%s: the scope %q matches nothing", r.ID, g)
			}
			for _, room := range into {
				byRecord[r.ID][room] = byRecord[r.ID][room] || len(into) <= near
			}
		}
		n := 0
		for _, isNear := range byRecord[r.ID] {
			if isNear {
				n++
			}
		}
		if n > most {
			t.Errorf("%s names %d packages one by one: it claims more than a decision is about", r.ID, n)
		}
	}
	for room, files := range rooms {
		for _, file := range files[:min(len(files), each)] {
			links := linkSet{}
			for _, r := range records {
				links.addRecord(r, file, 0)
			}
			found := links.sorted()
			if len(found) == 0 {
				t.Errorf("no decision is behind %s", file)
				continue
			}
			if !byRecord[found[0].DecisionID][room] {
				t.Errorf("what is said first of %s is %s, which is about %s no more than about everything", file, found[0].DecisionID, room)
			}
		}
	}
}

// ourPackages are the files of each package of the program, the largest first,
// without tests and what is generated.
func ourPackages(t *testing.T) map[string][]string {
	out, size := map[string][]string{}, map[string]int64{}
	root := os.DirFS("..")
	for _, top := range []string{"blameindex", "cmd", "correlate", "sources", "ui"} {
		err := fs.WalkDir(root, top, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") || strings.Contains(name, "/testdata/") {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			out[path.Dir(name)], size[name] = append(out[path.Dir(name)], name), info.Size()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, files := range out {
		slices.SortFunc(files, func(a, b string) int { return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(a, b)) })
	}
	if len(out) < 50 {
		t.Fatalf("got %d packages: the tree is not where it was", len(out))
	}
	return out
}

// pathThere reports whether something outside the packages is where a pattern
// begins.
func pathThere(pattern string) bool {
	_, err := os.Stat(path.Join("..", pathglob.Root(pattern)))
	return err == nil
}
