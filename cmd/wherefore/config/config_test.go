package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/gather"
)

func env(pairs map[string]string) func(string) (string, bool) {
	return func(k string) (string, bool) { v, ok := pairs[k]; return v, ok }
}

func TestAnEmptyFileMeansTheDefaults(t *testing.T) {
	c, err := config.Parse(nil, env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Sources.Jaeger != nil || c.Investigate.Timeout != 10*time.Second {
		t.Errorf("got %+v, want loopback, no source, 10 s", c)
	}
}

func TestValuesOverrideDefaultsOneByOne(t *testing.T) {
	c, err := config.Parse([]byte(`
listen: 127.0.0.1:9
sources:
  loki: {address: "http://127.0.0.1:3100/loki", org_id: ads, timeout: 3s}
investigate: {workers: 4}
`), env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.Sources.Loki.OrgID != "ads" || c.Sources.Loki.Timeout != 3*time.Second || c.Investigate.Workers != 4 || c.Investigate.Timeout != 10*time.Second {
		t.Errorf("got %+v %+v", c.Sources.Loki, c.Investigate)
	}
}

func TestSecretsComeFromTheEnvironmentAndAreTakenAsTheyAre(t *testing.T) {
	const nasty = "a: b # c\n${OTHER}"
	c, err := config.Parse([]byte(`
# ${NOT_MEANT}
webhook: {bearer_token: "${HOOK}"}
sources: {loki: {address: "http://x", headers: {X-Key: "k-${HOOK}"}}}
`), env(map[string]string{"HOOK": nasty}))
	if err != nil {
		t.Fatal(err)
	}
	if string(c.Webhook.BearerToken) != nasty || string(c.Sources.Loki.Headers["X-Key"]) != "k-"+nasty {
		t.Errorf("got %q and %q", string(c.Webhook.BearerToken), string(c.Sources.Loki.Headers["X-Key"]))
	}
}

func TestFaultsAreNamedWithTheirLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":       {"listen: 127.0.0.1:1\nsources:\n  lokki: {}\n", `line 3: unknown key "lokki"`},
		"unknown deep key":  {"sources:\n  loki:\n    url: x\n", `line 3: unknown key "url"`},
		"two unknown keys":  {"a: 1\nb: 2\n", `line 2: unknown key "b"`},
		"wrong type":        {"investigate:\n  workers: many\n", `line 2: "many" stands where a whole number belongs`},
		"no unit":           {"investigate: {timeout: 10}\n", `line 1: "10" stands where a duration such as 10s belongs`},
		"list for a text":   {"listen: [1]\n", "line 1: a list stands where a text belongs"},
		"text for a group":  {"sources: 3\n", `line 1: "3" stands where a group of keys belongs`},
		"group for a list":  {"repositories: {name: a}\n", "line 1: a group of keys stands where a list belongs"},
		"secret":            {"webhook: {bearer_token: [a]}\n", "line 1: a list stands where a text belongs"},
		"broken YAML":       {"a: [1\n", "not valid YAML: line 1"},
		"tab":               {"sources:\n\tloki: {}\n", "line 2"},
		"unset variable":    {"listen: 127.0.0.1:1\nwebhook: {bearer_token: \"${NONE}\"}\n", "line 2: ${NONE} is not set"},
		"empty secret":      {"webhook:\n  bearer_token: \"${VOID}\"\n", "line 2: ${VOID} is empty"},
		"empty signature":   {"webhook: {signature: {secrets: [\"\"]}}\n", "secrets[0] is empty"},
		"signature's age":   {"webhook: {signature: {max_age: -1s}}\n", "max_age must not be negative"},
		"second document":   {"listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2\n", "second YAML document"},
		"listen":            {"listen: nowhere\n", `listen "nowhere" is not host:port`},
		"port":              {"listen: 127.0.0.1:99999\n", `listen "127.0.0.1:99999" has no port from 0 to 65535`},
		"negative lookback": {"engine: {lookback: -1s}\n", "engine.lookback is -1s and must not be negative"},
		"negative cap":      {"engine: {caps: {spans: -1}}\n", "engine.caps.spans is -1 and must not be negative"},
		"external URL":      {"external_url: ftp://x\n", "external_url"},
		"workers":           {"investigate: {workers: 0}\n", "workers must be at least 1"},
		"queue":             {"webhook: {queue_limit: -1}\n", "queue_limit"},
		"data dir":          {"data_dir: \"\"\n", "data_dir is empty"},
		"log level":         {"log: {level: loud}\n", `log.level "loud"`},
		"log format":        {"log: {format: xml}\n", `log.format "xml"`},
		"repository":        {"repositories: [{name: a}]\n", "repositories[0] needs a name and a url"},
		"repository's name": {"repositories: [{name: ../x, url: u}]\n", "letters, digits"},
		"repository twice":  {"repositories: [{name: a, url: u}, {name: a, url: u}]\n", `the name "a" is taken`},
		"a size":            {"listen: 127.0.0.1:1\nevidence: {keep: 2 elephants}\n", `line 2: "2 elephants" is not a size`},
		"a negative size":   {"evidence: {keep: -1GiB}\n", "is not a size"},
		"publish to a file": {"decisions: {publish: {url: \"file:///x\", secret: s}}\n", "decisions.publish.url"},
		"publish unsigned":  {"decisions: {publish: {url: \"https://x\"}}\n", "decisions.publish.secret is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Parse([]byte(c.text), env(map[string]string{"VOID": ""}))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "w.yaml")
	if _, err := config.Load(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want the missing file's name", err)
	}
	if err := os.WriteFile(file, []byte("nope: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(file); err == nil || !strings.Contains(err.Error(), file+": line 1") {
		t.Errorf("got %v, want file and line", err)
	}
}

// documented reads the example file of a documentation page, so that neither
// the page nor the keys drift.
func documented(t *testing.T, page string) config.Config {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(body), "```yaml\n")
	text, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatalf("%s has no YAML block", page)
	}
	c, err := config.Parse([]byte(text), env(map[string]string{"PROMETHEUS_TOKEN": "p", "WHEREFORE_TOKEN": "w", "GRAFANA_SECRET": "g", "GRAFANA_TOKEN": "t", "DECISIONS_SECRET": "d", "OIDC_SECRET": "o", "SLACK_WEBHOOK": "https://hooks.example/x", "HOOK_SECRET": "h",
		"PLATFORM_HOOK": "https://platform.example/x", "PLATFORM_SECRET": "whsec_" + strings.Repeat("c2Vj", 8), "PLATFORM_ANSWERS": "whsec_" + strings.Repeat("YW5z", 8)}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSizesAreBytes(t *testing.T) {
	for text, want := range map[string]config.Size{"evidence: {keep: 0}": 0, "evidence: {keep: 1.5GiB}": 3 << 29, "evidence: {keep: 500MB}": 500 << 20, "": config.Default().Evidence.Keep} {
		if c, err := config.Parse([]byte(text), env(nil)); err != nil || c.Evidence.Keep != want {
			t.Errorf("%s: got %d (%v), want %d", text, c.Evidence.Keep, err, want)
		}
	}
}

func TestTheDocumentedFileIsAccepted(t *testing.T) {
	c, d := documented(t, "configuration.md"), config.Default()
	if c.Listen != d.Listen || c.DataDir != d.DataDir || c.Investigate != d.Investigate || c.Evidence != d.Evidence || c.Log != d.Log || c.Webhook.QueueLimit != d.Webhook.QueueLimit {
		t.Errorf("the documented defaults are not the defaults: got %+v, want %+v", c, d)
	}
}

func TestTheDocumentedEngineSectionIsAccepted(t *testing.T) {
	c := documented(t, "engine.md")
	if c.Engine.Lookback != 30*time.Minute || c.Engine.Caps.Spans != 100000 || !slices.Equal(c.Engine.LogQL, gather.DefaultLogQL) {
		t.Errorf("got %+v", c.Engine)
	}
}

func TestAWrongErrorClassIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wherefore.yaml")
	if err := os.WriteFile(file, []byte("error_classes:\n  - {class: harmless, status: [500]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(file)
	if want := `error_classes: rule 1: class is "harmless" and must be fatal, recoverable or noisy`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want it to say %s", err, want)
	}
}
