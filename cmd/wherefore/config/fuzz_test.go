package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
)

// FuzzParse reads any text as a configuration: it is taken, or refused in words that
// can be printed.
func FuzzParse(f *testing.F) {
	docs, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "configuration.md"))
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(string(docs), "```")
	for i := 1; i < len(parts); i += 2 {
		_, text, _ := strings.Cut(parts[i], "\n")
		f.Add([]byte(text))
	}
	for _, text := range []string{"", "listen: [1]", "a: &a [*a]", "sources: {loki: {address: '${X}'}}", "access: {proxy: {peers: [::/0, 1.2.3.4/33]}}", "engine: {deadline: 9999999h}", "\xff\x00", "--- {}\n--- {}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := config.Parse(text, func(name string) (string, bool) { return "value of " + name, len(name)%2 == 0 })
		if err != nil && (err.Error() == "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x00\x1b\u202e")) {
			t.Errorf("it is refused in words that nobody can print: %q", err)
		}
	})
}
