package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

// listening are the ports on which the services of the compose file answer. What
// a mounted configuration or a command sets is read from there; the rest are the
// programs' defaults, and the lab's from its 22000 on.
func listening(t *testing.T, p *types.Project) map[string][]string {
	t.Helper()
	on := map[string][]string{"alertmanager": {"9093"}, "prometheus": {"9090"}, "lab": {"22014", "22016", "22019", "22020", "22021"}}
	for service, file := range map[string]string{"jaeger": "jaeger.yaml", "loki": "loki.yaml", "wherefore": "wherefore.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, "fixtures/compose", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:endpoint: 0\.0\.0\.0:|listen: 0\.0\.0\.0:|http_listen_port: )(\d+)`).FindAllStringSubmatch(string(text), -1) {
			on[service] = append(on[service], m[1])
		}
	}
	for _, m := range regexp.MustCompile(`--listen-client-urls=http://0\.0\.0\.0:(\d+)`).FindAllStringSubmatch(strings.Join(p.Services["etcd"].Command, " "), -1) {
		on["etcd"] = append(on["etcd"], m[1])
	}
	for name, s := range p.Services {
		if host, shared := strings.CutPrefix(s.NetworkMode, "service:"); shared {
			on[host] = append(on[host], on[name]...)
			on[name] = on[host]
		}
		if len(on[name]) == 0 {
			t.Errorf("%s: no port is known on which it answers", name)
		}
	}
	return on
}

// TestComposeServicesReachEachOther finds every address that a command, a health
// check or a mounted configuration names among the ports that are listened on.
func TestComposeServicesReachEachOther(t *testing.T) {
	p := composeProject(t)
	on := listening(t, p)
	address := regexp.MustCompile(`\b([a-z][a-z0-9-]*|127\.0\.0\.1):(\d{4,5})\b`)
	seen := 0
	check := func(where, self, text string) {
		for _, m := range address.FindAllStringSubmatch(text, -1) {
			host := m[1]
			if host == "127.0.0.1" {
				host = self
			}
			if ports, ok := on[host]; ok {
				seen++
				if !slices.Contains(ports, m[2]) {
					t.Errorf("%s names %s, but %s answers on %v", where, m[0], host, ports)
				}
			}
		}
	}
	for name, s := range p.Services {
		check(name+"'s command", name, strings.Join(s.Command, " "))
		check(name+"'s health check", name, strings.Join(s.HealthCheck.Test, " "))
		for _, port := range s.Ports {
			if !slices.Contains(on[name], fmt.Sprint(port.Target)) {
				t.Errorf("%s publishes %d, but answers on %v", name, port.Target, on[name])
			}
		}
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind || name == "wherefore" { // whose loopback addresses are a browser's
				continue
			}
			text, err := os.ReadFile(v.Source)
			if err != nil {
				t.Fatal(err)
			}
			check(filepath.Base(v.Source), name, string(text))
		}
	}
	own, err := os.ReadFile(filepath.Join(root, "fixtures/compose/wherefore.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	check("wherefore.yaml", "", string(own))
	if seen < 20 {
		t.Errorf("found %d addresses to check; the reading is broken", seen)
	}
}

// TestComposeConfigurationIsServed asks our own program, with the container's
// folders moved to where a test may write.
func TestComposeConfigurationIsServed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "fixtures/compose/wherefore.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	repository := filepath.Join(dir, "platform")
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	runGit(t, "init", "--quiet", repository)
	moved := strings.NewReplacer("/repository/platform", repository, "data_dir: /data", "data_dir: "+filepath.Join(dir, "data")).Replace(string(text))
	file := filepath.Join(dir, "wherefore.yaml")
	if err := os.WriteFile(file, []byte(moved), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := runApp(t, "serve", "--config", file, "--dry-run")
	if code != exitOK || !strings.Contains(stdout, "1 repository") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
}

// TestComposePrometheusTakesTheWholeOfItsConfiguration goes further than syntax:
// the rules are where the container has them.
func TestComposePrometheusTakesTheWholeOfItsConfiguration(t *testing.T) {
	testenv.NeedsServers(t)
	program, err := servers.Find("promtool")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	for _, v := range composeProject(t).Services["prometheus"].Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		text, err := os.ReadFile(v.Source)
		if err != nil {
			t.Fatal(err)
		}
		moved := strings.ReplaceAll(string(text), "/etc/prometheus/", dir+"/")
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(v.Target)), []byte(moved), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), program, "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestComposeJaegerIsWiredUp holds jaeger.yaml to what a collector asks of it,
// whether or not a Jaeger 2 is here to be asked: what a pipeline or the service
// names is defined, and what is defined is named.
func TestComposeJaegerIsWiredUp(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "fixtures/compose/jaeger.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Service struct {
			Extensions []string
			Pipelines  map[string]map[string][]string
		}
		Extensions, Receivers, Processors, Exporters map[string]any
	}
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	used := map[string][]string{"extensions": c.Service.Extensions}
	for _, pipeline := range c.Service.Pipelines {
		for kind, names := range pipeline {
			used[kind] = append(used[kind], names...)
		}
	}
	for kind, defined := range map[string]map[string]any{"extensions": c.Extensions, "receivers": c.Receivers, "processors": c.Processors, "exporters": c.Exporters} {
		slices.Sort(used[kind])
		if have := slices.Sorted(maps.Keys(defined)); !slices.Equal(have, used[kind]) {
			t.Errorf("%s: %v are defined and %v are used", kind, have, used[kind])
		}
	}
	testenv.NeedsServers(t)
	program, err := servers.Find("jaeger")
	if err != nil {
		return // the rest is for where one is installed
	}
	if out, err := exec.CommandContext(t.Context(), program, "validate", "--config", filepath.Join(root, "fixtures/compose/jaeger.yaml")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
