package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// runGit gives what git prints. Neither the user's configuration nor the system's is
// read: it may want commits signed, or run hooks.
func runGit(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...) //nolint:gosec // of these tests
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestGitRunsWithoutTheUsersConfiguration has a user who signs commits with a program
// that is not there.
func TestGitRunsWithoutTheUsersConfiguration(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	home := t.TempDir()
	put(t, home+"/.gitconfig", "[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /none\n")
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	dir := newShop(t, nil, 0).dir // commits
	if got := runGit(t, "-C", dir, "log", "--format=%s"); got != "Begin the shop" {
		t.Errorf("got %q", got)
	}
}
