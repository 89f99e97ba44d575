package correlate_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inCode = regexp.MustCompile("`([^`]+)`")
	// inGo is a name of Go's: Settle, Finder.Find, stat.Proportions.
	inGo = regexp.MustCompile(`^(?:([a-z]+)\.)?([A-Z]\w*\.)?([A-Z]\w*)$`)
)

// TestThePlacesOfTheMapAreThere reads the table of docs/architecture.md that answers
// where something is: its folders and files exist, a file's folder being the last one
// named before it, and so do its functions and types, in a package of their row. Four
// questions that whoever joins asks first are among its rows, with more than a folder.
func TestThePlacesOfTheMapAreThere(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Where is")
	table, _, _ = strings.Cut(table, "\n## ")
	asked := map[string]string{"severity is told from text": "`severity.go`", "when did it begin": "`Finder.Find`", "how sure is the report": "`Settle`", "where is a commit blamed or cleared": "`cleared.go`"}
	rows := 0
	for row := range strings.Lines(table) {
		folder, names, folders := "", [][]string{}, map[string]bool{}
		for _, m := range inCode.FindAllStringSubmatch(row, -1) {
			at := filepath.Join("..", m[1])
			switch {
			case strings.Contains(m[1], "/"):
				if info, err := os.Stat(at); err != nil {
					t.Errorf("%s is not there", m[1])
				} else if folder = at; !info.IsDir() {
					folder = filepath.Dir(at)
				}
			case strings.HasSuffix(m[1], ".go"):
				if _, err := os.Stat(filepath.Join(folder, m[1])); err != nil {
					t.Errorf("%s is not in %s", m[1], folder)
				}
			default:
				if name := inGo.FindStringSubmatch(m[1]); name != nil {
					names = append(names, name)
					if name[1] != "" {
						folders[filepath.Join("..", "correlate", name[1])] = true
					}
				}
			}
			folders[folder] = true
		}
		delete(folders, "")
		for _, name := range names {
			if !declared(t, folders, name[3]) {
				t.Errorf("%s is in none of %v", name[0], slices.Sorted(maps.Keys(folders)))
			}
		}
		for question, place := range asked {
			if strings.Contains(row, question) && strings.Contains(row, place) {
				delete(asked, question)
			}
		}
		if folder != "" {
			rows++
		}
	}
	for question := range asked {
		t.Errorf("no row says where %q is", question)
	}
	if rows < 15 {
		t.Errorf("found %d rows with a place, want the whole table", rows)
	}
}

// declared reports whether a package of some folders has a function, method or type of
// a name.
func declared(t *testing.T, folders map[string]bool, name string) bool {
	t.Helper()
	found := regexp.MustCompile(`(?m)^(?:func (?:\([^)]*\) )?|type |\t)` + name + `\b`)
	for folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if found.Match(text) {
				return true
			}
		}
	}
	return false
}
