package export_test

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/ui/export"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// tool skips a test where the program that the export is for is not installed,
// and gives it a folder to work in.
func tool(t *testing.T, name string) (dir string, run func(args ...string) string) {
	t.Helper()
	testenv.NeedsBrowser(t)
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(name + " is not installed")
	}
	if testing.Short() {
		t.Skip(name + " takes seconds")
	}
	dir = t.TempDir()
	return dir, func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir) // LibreOffice keeps its profile there
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
}

func hostileExport(t *testing.T) export.Input {
	t.Helper()
	return input(t, storybook.Hostile(storybook.Payloads()))
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestASpreadsheetTakesTheTimelineAsText opens the CSV with LibreOffice and
// reads back what it made of it.
func TestASpreadsheetTakesTheTimelineAsText(t *testing.T) {
	dir, run := tool(t, "soffice")
	put(t, dir, "in.csv", write(t, "csv", hostileExport(t)))
	const utf8 = "44,34,76,1"
	run("--headless", "--infilter=CSV:"+utf8, "--convert-to", "xlsx", "in.csv")
	if sheet := member(t, filepath.Join(dir, "in.xlsx"), "xl/worksheets/sheet1.xml"); strings.Contains(sheet, "<f") || !strings.Contains(sheet, "<row") {
		t.Error("a cell became a formula, or there is no cell")
	}
	run("--headless", "--infilter=CSV:"+utf8, "--convert-to", "csv:Text - txt - csv (StarCalc):"+utf8, "--outdir", "out", "in.csv")
	want, got := readCSV(t, filepath.Join(dir, "in.csv")), readCSV(t, filepath.Join(dir, "out", "in.csv"))
	if len(got) != len(want) {
		t.Fatalf("got %d rows, want %d", len(got), len(want))
	}
	for i, row := range want {
		for k, cell := range row {
			switch name := want[0][k]; {
			case i > 0 && (name == "timestamp" || name == "first_symptom" || name == "revision"): // numbers and truth values, shown in the sheet's own way
			case got[i][k] != cell:
				t.Errorf("row %d, %s: got %.80q, want %.80q", i, name, got[i][k], cell)
			}
		}
	}
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func member(t *testing.T, archive, name string) string {
	t.Helper()
	z, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPandocReadsNothingIntoTheMarkdown converts with pandoc's own dialect,
// which knows more than CommonMark.
func TestPandocReadsNothingIntoTheMarkdown(t *testing.T) {
	dir, run := tool(t, "pandoc")
	// The long payloads say nothing more to it and take half a minute.
	short := slices.DeleteFunc(storybook.Payloads(), func(p string) bool { return len(p) > 400 })
	md := write(t, "markdown", input(t, storybook.Hostile(short)))
	put(t, dir, "in.md", md)
	run("in.md", "-t", "json", "-o", "out.json")
	b, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	count(doc, n)
	for kind, want := range map[string]int{"Table": 4, "Link": 1, "Image": 0, "RawInline": 0, "RawBlock": 0, "Cite": 0, "Superscript": 0, "Subscript": 0, "Math": 0, "Note": 0, "Strikeout": 0, "Code": 0, "Span": 0, "BlockQuote": 0, "Strong": 0} {
		if n[kind] != want {
			t.Errorf("got %d elements of kind %s, want %d", n[kind], kind, want)
		}
	}
	run("in.md", "-o", "out.docx")
	if got, want := strings.Count(member(t, filepath.Join(dir, "out.docx"), "word/document.xml"), "<w:tr>"), strings.Count(md, "\n|")-4; got != want {
		t.Errorf("got %d rows of tables in Word, want %d", got, want)
	}
}

// count tallies the elements of pandoc's syntax tree by kind.
func count(node any, n map[string]int) {
	switch x := node.(type) {
	case map[string]any:
		if kind, ok := x["t"].(string); ok {
			n[kind]++
		}
		for _, v := range x {
			count(v, n)
		}
	case []any:
		for _, v := range x {
			count(v, n)
		}
	}
}

func TestGitHubsMarkdownMakesWholeTables(t *testing.T) {
	dir, run := tool(t, "cmark-gfm")
	md := write(t, "markdown", hostileExport(t))
	put(t, dir, "in.md", md)
	got := run("-e", "table", "-e", "strikethrough", "-e", "tasklist", "-e", "autolink", "--unsafe", "in.md")
	if rows, want := strings.Count(got, "<tr>"), strings.Count(md, "\n|")-4; rows != want {
		t.Errorf("got %d rows, want %d", rows, want)
	}
	// An address of mail is made a link whatever is escaped.
	if links := strings.Count(got, "<a ") - strings.Count(got, `<a href="mailto:`); links != 1 {
		t.Errorf("got %d links, want the one to where it comes from", links)
	}
	if strings.Count(got, "<code") != strings.Count(got, "<pre><code") {
		t.Error("a text became code")
	}
	for _, bad := range []string{"<script", "<img", "<input", "<del", "<svg"} {
		if strings.Contains(got, bad) {
			t.Errorf("a text became %s", bad)
		}
	}
}
