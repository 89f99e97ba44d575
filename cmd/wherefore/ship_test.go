package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

const root = "../.."

func composeProject(t *testing.T) *types.Project {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")}, cli.WithWorkingDirectory(root))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestComposeFileHangsTogether stands in for an engine: what compose would
// refuse to start, or would start wrongly, is found by reading.
func TestComposeFileHangsTogether(t *testing.T) {
	p := composeProject(t)
	published := map[string]string{}
	for name, s := range p.Services {
		if s.Build == nil && !regexp.MustCompile(`:v?\d+\.\d+\.\d+$`).MatchString(s.Image) {
			t.Errorf("%s: image %q is not pinned to a version", name, s.Image)
		}
		if s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 {
			t.Errorf("%s has no health check", name)
		}
		for dep, d := range s.DependsOn {
			if _, ok := p.Services[dep]; !ok || d.Condition != "service_healthy" {
				t.Errorf("%s depends on %s with %q", name, dep, d.Condition)
			}
		}
		for _, port := range s.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %s beyond loopback", name, port.Published)
			}
			if other := published[port.Published]; other != "" {
				t.Errorf("%s and %s both publish %s", name, other, port.Published)
			}
			published[port.Published] = name
		}
		checkMounts(t, name, s)
		if s.Build != nil {
			if _, err := os.Stat(filepath.Join(s.Build.Context, s.Build.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, want := range []string{"jaeger", "loki", "prometheus", "alertmanager", "etcd", "lab", "wherefore"} {
		if _, ok := p.Services[want]; !ok {
			t.Errorf("there is no service %s", want)
		}
	}
}

func checkMounts(t *testing.T, name string, s types.ServiceConfig) {
	t.Helper()
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if _, err := os.Stat(v.Source); err != nil {
			t.Errorf("%s mounts what is not there: %v", name, err)
		}
		mentioned := strings.Contains(strings.Join(s.Command, " "), v.Target) || strings.HasPrefix(v.Target, "/etc/")
		if !mentioned {
			t.Errorf("%s: nothing uses the mount at %s", name, v.Target)
		}
	}
}

// TestComposeConfigurationNamesItsServices reads the mounted configuration
// with the program's own reader and finds every address in the compose file.
func TestComposeConfigurationNamesItsServices(t *testing.T) {
	p := composeProject(t)
	c, err := config.Load(filepath.Join(root, "fixtures/compose/wherefore.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{c.Sources.Jaeger.Address, c.Sources.Loki.Address, c.Sources.Prometheus.Address} {
		// An address is a service's name, or of one that shares its network.
		host := strings.Split(strings.TrimPrefix(address, "http://"), ":")[0]
		if _, ok := p.Services[host]; !ok {
			t.Errorf("%s is no service of the compose file", address)
		}
	}
}

// TestDockerfileBuildsWithTheGoOfGoMod keeps two places that must say the same
// from drifting apart.
func TestDockerfileBuildsWithTheGoOfGoMod(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	docker, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	v := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if v == nil {
		t.Fatal("go.mod has no go directive")
	}
	for _, want := range []string{fmt.Sprintf("FROM golang:%s-alpine", v[1]), "-trimpath", "-s -w", "\nUSER "} {
		if !strings.Contains(string(docker), want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
}

// TestNothingIsReplaced keeps "go install ...@version" working, which refuses a
// module with replacements.
func TestNothingIsReplaced(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if line := regexp.MustCompile(`(?m)^\s*(replace|exclude)\b.*`).Find(mod); line != nil {
		t.Errorf("go.mod has %q", line)
	}
}

// probes are the programs by which the images can ask themselves for their
// health, and up to which version they have them. Looked up in the images' own
// Dockerfiles: Loki's lost busybox with 3.6.
var probes = map[string]struct{ program, below string }{
	"jaegertracing/jaeger": {"wget", ""}, // on alpine
	"grafana/loki":         {"wget", "3.6"},
	"prom/prometheus":      {"wget", ""}, // on busybox
	"prom/alertmanager":    {"wget", ""},
	"quay.io/coreos/etcd":  {"etcdctl", ""},
}

func TestHealthChecksUseWhatTheirImagesHave(t *testing.T) {
	for name, s := range composeProject(t).Services {
		if s.Build != nil || s.HealthCheck == nil {
			continue
		}
		image, tag, _ := strings.Cut(s.Image, ":")
		p, known := probes[image]
		if !known || len(s.HealthCheck.Test) < 2 || s.HealthCheck.Test[0] != "CMD" || s.HealthCheck.Test[1] != p.program {
			t.Errorf("%s: the health check %v is not one that %s can run", name, s.HealthCheck.Test, image)
		}
		var major, minor, m, n int
		if _, err := fmt.Sscanf(p.below+" "+strings.TrimPrefix(tag, "v"), "%d.%d %d.%d", &m, &n, &major, &minor); err == nil && (major > m || major == m && minor >= n) {
			t.Errorf("%s: %s has no %s from %s on", name, image, p.program, p.below)
		}
	}
}

// TestComposeConfigurationIsWhatItsServersTake asks the servers' own checkers,
// where they are installed.
func TestComposeConfigurationIsWhatItsServersTake(t *testing.T) {
	dir := filepath.Join(root, "fixtures/compose")
	for _, c := range []struct {
		program string
		args    []string
	}{
		{"promtool", []string{"check", "rules", filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "objectives.yaml")}},
		{"promtool", []string{"check", "config", "--syntax-only", filepath.Join(dir, "prometheus.yaml")}},
		{"amtool", []string{"check-config", filepath.Join(dir, "alertmanager.yaml")}},
		{"loki", []string{"-verify-config", "-config.file=" + filepath.Join(dir, "loki.yaml")}},
	} {
		t.Run(c.program+" "+c.args[0], func(t *testing.T) {
			testenv.NeedsServers(t)
			program, err := servers.Find(c.program)
			if err != nil {
				t.Skip(err)
			}
			if out, err := exec.CommandContext(t.Context(), program, c.args...).CombinedOutput(); err != nil {
				t.Errorf("%s %v: %v\n%s", c.program, c.args, err, out)
			}
		})
	}
}
