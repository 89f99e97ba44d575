package main

import (
	"bytes"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestATokenIsMadeListedAndRevoked begins with a folder that is not there yet.
func TestATokenIsMadeListedAndRevoked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	run := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if err := (App{Args: append(append([]string{"token"}, args...), "--data-dir", dir), Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard}).Run(t.Context()); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out.String()
	}
	made := regexp.MustCompile(`^wf_([a-z2-7]{10})_([A-Z2-7]{26})\n$`).FindStringSubmatch(run("create", "--name", "ci", "--role", "check", "--expires", "90d"))
	if made == nil {
		t.Fatal("it printed no token")
	}
	if list := run("list"); !strings.Contains(list, made[1]) || !strings.Contains(list, "counts") || strings.Contains(list, made[2]) {
		t.Errorf("the list has %s, want the ID without the secret", list)
	}
	run("revoke", made[1])
	if list := run("list"); !strings.Contains(list, "revoked") {
		t.Errorf("after it was revoked the list has %s", list)
	}
}
