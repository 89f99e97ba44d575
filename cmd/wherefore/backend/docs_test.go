package backend_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate"
)

// TestTheEnginesPageShowsItsDefaults reads the first block of docs/engine.md,
// which says what a key has that is left out, and compares it with what an empty
// file gives.
func TestTheEnginesPageShowsItsDefaults(t *testing.T) {
	page, err := os.ReadFile("../../../docs/engine.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(page), "```yaml\n")
	if len(parts) < 3 {
		t.Fatal("docs/engine.md lacks its two blocks of YAML")
	}
	shown, _, _ := strings.Cut(parts[1], "```")
	of := func(text string) correlate.Options {
		c, err := config.Parse([]byte(text), func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		o := backend.EngineOptions(c, "").WithDefaults()
		o.Clock = nil
		return o
	}
	if d := cmp.Diff(of("listen: 127.0.0.1:1\n"), of(shown), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("docs/engine.md shows other values than those in force (-in force +shown):\n%s", d)
	}
	for _, key := range yamlKeys(reflect.TypeFor[correlate.Options]()) {
		if !strings.Contains(parts[1]+parts[2], key+":") {
			t.Errorf("docs/engine.md does not show the key %s", key)
		}
	}
}

// yamlKeys are the keys of a group and of the groups in it.
func yamlKeys(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		name := f.Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		keys = append(keys, name)
		if f.Type.Kind() == reflect.Struct {
			keys = append(keys, yamlKeys(f.Type)...)
		}
	}
	return keys
}
