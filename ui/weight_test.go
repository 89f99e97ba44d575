package ui_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/ui"
	"github.com/wherefore-dev/wherefore/ui/storybook"
)

// maxWeight is what a page may weigh with style sheet, script and charts,
// uncompressed: 200 kB are promised, and a sentence more must not break that.
const maxWeight = 190_000

func TestPagesAreLight(t *testing.T) {
	_, h := book(t)
	assets := get(t, h, "/static/app.css").Body.Len() + get(t, h, "/static/app.js").Body.Len()
	for _, s := range append(storybook.Stories(), storybook.Large(50_000)) {
		if s.Name == "hostile" {
			continue // every one of its texts is at its longest
		}
		h := ui.New(storybook.New(storybook.Now, s).Options())
		if got := get(t, h, "/incidents/"+s.Incident.ID).Body.Len() + assets; got > maxWeight {
			t.Errorf("%s: got %d bytes, want at most %d", s.Name, got, maxWeight)
		}
	}
}

// TestTheStyleSheetIsServedWithoutAsides holds that nothing but what speaks to
// people alone is left out of it.
func TestTheStyleSheetIsServedWithoutAsides(t *testing.T) {
	_, h := book(t)
	written, err := os.ReadFile(filepath.Join("static", "app.css"))
	if err != nil {
		t.Fatal(err)
	}
	served := get(t, h, "/static/app.css").Body.String()
	rules := func(s string) string { return strings.Join(strings.Fields(comment.ReplaceAllString(s, "")), " ") }
	if strings.Contains(served, "/*") || len(served) >= len(written) || rules(served) != rules(string(written)) {
		t.Errorf("served %d of %d bytes, and not the same rules", len(served), len(written))
	}
}

// TestTheScriptHasNoTextOverSeveralLines, whose indentation would be served cut off.
func TestTheScriptHasNoTextOverSeveralLines(t *testing.T) {
	written, err := os.ReadFile(filepath.Join("static", "app.js"))
	if err != nil || strings.Contains(string(written), "`") {
		t.Errorf("a template literal in app.js, or %v", err)
	}
}

var comment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// TestGeneratedCodeIsFresh fails when a template was changed and its Go was
// not written anew.
func TestGeneratedCodeIsFresh(t *testing.T) {
	templ, err := exec.LookPath("templ")
	args := []string{"generate", "-path"}
	if err != nil {
		templ, args = "go", append([]string{"run", "github.com/a-h/templ/cmd/templ@v0.3.1118"}, args...)
	}
	if testing.Short() {
		t.Skip("generating takes seconds")
	}
	for _, dir := range []string{"page", "export"} {
		work := t.TempDir()
		sources, err := filepath.Glob(filepath.Join(dir, "*.templ"))
		if err != nil || len(sources) == 0 {
			t.Fatalf("no templates in %s: %v", dir, err)
		}
		for _, f := range sources {
			copyFile(t, f, filepath.Join(work, filepath.Base(f)))
		}
		if out, err := exec.Command(templ, append(args, work)...).CombinedOutput(); err != nil {
			t.Skipf("templ does not run here: %v\n%s", err, out)
		}
		for _, f := range sources {
			name := filepath.Base(f[:len(f)-len(".templ")]) + "_templ.go"
			want, err := os.ReadFile(filepath.Join(work, name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if fileName := regexp.MustCompile("FileName: `[^`]*`"); fileName.ReplaceAllString(string(got), "") != fileName.ReplaceAllString(string(want), "") {
				t.Errorf("%s/%s is not what its template says; run: go generate ./ui/...", dir, name)
			}
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkIncidentPage renders the page of a report with 50,000 events on its
// timeline, once the report was decoded by a first request.
func BenchmarkIncidentPage(b *testing.B) {
	s := storybook.Large(50_000)
	benchmarkPage(b, s, "/incidents/"+s.Incident.ID)
}

// BenchmarkUsualPage renders the page of an ordinary case.
func BenchmarkUsualPage(b *testing.B) {
	s := storybook.Stories()[0]
	benchmarkPage(b, s, "/incidents/"+s.Incident.ID)
}

func benchmarkPage(b *testing.B, s storybook.Story, path string) {
	h := ui.New(storybook.New(storybook.Now, s).Options())
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		w.Body = nil
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK {
			b.Fatalf("got %d", w.Code)
		}
	}
}
