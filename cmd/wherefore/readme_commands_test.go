package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
)

// documents are the pages that show commands.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, f := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md")) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		pages[f] = string(text)
	}
	return pages
}

// blocks are the fenced blocks of a page in a language.
func blocks(page, language string) (list []string) {
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		list = append(list, m[1])
	}
	return list
}

// shown matches a call of the program, in a line of a block or as a word of the
// text.
var shown = regexp.MustCompile("(?m)(?:^|`)wherefore ([^`\n]*)|^\\$ wherefore ([^\n]*)")

// TestDocumentedCommandsExist finds every verb and flag that a page shows.
func TestDocumentedCommandsExist(t *testing.T) {
	found := 0
	for file, page := range documents(t) {
		for _, m := range shown.FindAllStringSubmatch(page, -1) {
			for _, call := range strings.Split(m[1]+m[2], "&& wherefore ") {
				call, _, _ = strings.Cut(call, "#")
				if err := understood(strings.Fields(call)); err != nil {
					t.Errorf("%s: wherefore %s: %v", file, call, err)
				}
				found++
			}
		}
	}
	if found < 20 {
		t.Errorf("found %d commands, want those of README.md and docs", found)
	}
}

// understood reports what the program would not understand of a call.
func understood(args []string) error {
	program := newRoot()
	program.InitDefaultHelpFlag()
	program.InitDefaultCompletionCmd(args...)
	cmd, rest, err := program.Find(args)
	if err != nil {
		return err
	}
	if cmd == program && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("there is no verb %s", rest[0])
	}
	for _, word := range rest {
		if name, isFlag := strings.CutPrefix(word, "-"); isFlag {
			name, _, _ = strings.Cut(strings.TrimPrefix(name, "-"), "=")
			known := func(set *pflag.FlagSet) bool {
				return set.Lookup(name) != nil || len(name) == 1 && set.ShorthandLookup(name) != nil
			}
			if !known(cmd.Flags()) && !known(cmd.PersistentFlags()) && !known(cmd.InheritedFlags()) {
				return fmt.Errorf("there is no flag %s", word)
			}
		}
	}
	return nil
}

// TestServeHasTheFlagsThatAreDocumented compares the table with the verb; what
// needs more than ten flags belongs into the file.
func TestServeHasTheFlagsThatAreDocumented(t *testing.T) {
	var want, got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)").FindAllStringSubmatch(documents(t)[filepath.Join(root, "docs", "configuration.md")], -1) {
		want = append(want, m[1])
	}
	serveCmd().Flags().VisitAll(func(f *pflag.Flag) { got = append(got, f.Name) })
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" || len(got) > 10 {
		t.Errorf("%d flags (-documented +there):\n%s", len(got), d)
	}
}

// TestTheREADMEsTwoCommandsAreThese holds the commands of the first screen to
// what this tree has and what CI runs; the test below starts the first.
func TestTheREADMEsTwoCommandsAreThese(t *testing.T) {
	commands := strings.Join(blocks(documents(t)[filepath.Join(root, "README.md")], "sh"), "")
	ci, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(commands, "go run ./cmd/wherefore demo\ngo test ./...\n") {
		t.Errorf("the README's first commands are:\n%s", commands)
	}
	if !strings.Contains(string(ci), " go test ./...\n") {
		t.Error("CI does not run the README's second command")
	}
}

// TestTheDemoPrintsWhereItIs starts the demonstration as a process of its own
// and asks the address that it prints for its health.
func TestTheDemoPrintsWhereItIs(t *testing.T) {
	program := serving(t, "demo", "--listen", "127.0.0.1:0")
	url := program.says(t, `incidents at (http://\S+/)`)
	resp, err := http.Get(url + "health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("/health: %s", resp.Status)
	}
}

// TestTheREADMEsConfigurationIsGood loads the five lines as they stand; to be
// checked without its servers it takes only a repository that is there.
func TestTheREADMEsConfigurationIsGood(t *testing.T) {
	page := documents(t)[filepath.Join(root, "README.md")]
	yaml := blocks(page, "yaml")
	if len(yaml) != 1 || strings.Count(yaml[0], "\n") != 5 {
		t.Fatalf("got %d blocks %q, want one of five lines", len(yaml), yaml)
	}
	c, err := config.Parse([]byte(yaml[0]), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	if want := "http://" + c.Listen + "/api/v1/alerts"; !strings.Contains(page, want) {
		t.Errorf("the README does not point Alertmanager at %s", want)
	}
	repository := t.TempDir()
	runGit(t, "init", "--quiet", "--bare", repository)
	file := written(t, strings.Replace(yaml[0], c.Repositories[0].URL, repository, 1))
	stdout, stderr, code := runApp(t, "serve", "--config", file, "--dry-run")
	want := "the configuration is good: listen 127.0.0.1:8080, data in wherefore-data, 1 repository\n  source jaeger\n  source loki\n  source prometheus\n"
	if code != exitOK || stdout != want {
		t.Errorf("exit code %d, got\n%s%swant\n%s", code, stdout, stderr, want)
	}
}
