package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wherefore-dev/wherefore/blameindex/git"
)

// TestTheREADMEsWhyIsTrue runs the README's example on this very source: every
// line of it stands in the answer, in that order.
func TestTheREADMEsWhyIsTrue(t *testing.T) {
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if repo, err := git.Open(t.Context(), top); err != nil || repo.Shallow || repo.Top != top {
		t.Skip("this is no clone with its history")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(readme), "$ wherefore index && wherefore why ")
	place, want, found := strings.Cut(example, "\n")
	want, _, closed := strings.Cut(want, "\n```")
	if !found || !closed {
		t.Fatal("README.md has no example of wherefore why")
	}
	path, _, _ := strings.Cut(place, ":")
	t.Chdir(top)
	db := filepath.Join(t.TempDir(), "w.db")
	run := func(args ...string) string {
		var out, complaints bytes.Buffer
		if err := (App{Args: args, Stdout: &out, Stderr: &complaints}).Run(t.Context()); err != nil {
			t.Fatalf("%v: %v %s", args, err, &complaints)
		}
		return out.String()
	}
	run("index", "--rev", "HEAD", "--path", path, "--db", db)
	got := run("why", place, "--rev", "HEAD", "--db", db)
	rest := got
	for line := range strings.Lines(want) {
		if line = strings.TrimRight(line, "\n"); strings.TrimSpace(line) == "…" {
			continue
		}
		var ok bool
		if _, rest, ok = strings.Cut(rest, "\n"+line+"\n"); !ok {
			t.Fatalf("the answer has no line %q where the README has it:\n%s", line, got)
		}
		rest = "\n" + rest
	}
}
