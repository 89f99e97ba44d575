package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDocumentedServiceCompiles builds the program of docs/kit.md as it stands.
func TestTheDocumentedServiceCompiles(t *testing.T) {
	doc, err := os.ReadFile("../../docs/kit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```go\n")
	program, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(program, "func main()") {
		t.Fatal("docs/kit.md has no program")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "vet", file).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
