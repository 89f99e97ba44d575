package correlate_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var inCode = regexp.MustCompile("`([^`]+)`")

// TestThePlacesOfTheMapAreThere reads the table of docs/architecture.md that answers
// where something is: its folders and files exist, a file's folder being the last one
// named before it.
func TestThePlacesOfTheMapAreThere(t *testing.T) {
	page, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "## Where is")
	table, _, _ = strings.Cut(table, "\n## ")
	rows := 0
	for row := range strings.Lines(table) {
		folder := ""
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
			}
		}
		if folder != "" {
			rows++
		}
	}
	if rows < 15 {
		t.Errorf("found %d rows with a place, want the whole table", rows)
	}
}
