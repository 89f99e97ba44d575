package servers_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/sources/sourcestest/servers"
)

func TestServersStartAnswerAndLeaveNothingBehind(t *testing.T) {
	for name, start := range map[string]func(context.Context, string) (*servers.Server, error){
		"jaeger": servers.Jaeger,
		"loki":   servers.Loki,
		"prometheus": func(ctx context.Context, dir string) (*servers.Server, error) {
			return servers.Prometheus(ctx, dir, servers.PrometheusOptions{Targets: []string{"127.0.0.1:1"}, Alertmanager: "127.0.0.1:2", Rules: "groups: []\n"})
		},
		"alertmanager": func(ctx context.Context, dir string) (*servers.Server, error) {
			return servers.Alertmanager(ctx, dir, "http://127.0.0.1:1/hook", "token")
		},
	} {
		t.Run(name, func(t *testing.T) {
			var addresses map[string]string
			var started *servers.Server
			t.Run("runs", func(t *testing.T) {
				before := time.Now()
				s := servers.Start(t, start)
				addresses, started = s.Addresses, s
				if s.Ended() {
					t.Errorf("%s is said to have ended", name)
				}
				t.Logf("%s answers after %s", name, time.Since(before).Round(time.Millisecond))
			})
			if started != nil && !started.Ended() {
				t.Errorf("%s is not said to have ended", name)
			}
			for use, a := range addresses {
				if c, err := net.DialTimeout("tcp", a, time.Second); err == nil {
					c.Close()
					t.Errorf("%s still listens on %s after Stop", use, a)
				}
			}
		})
	}
}

func TestFindSaysHowToInstall(t *testing.T) {
	t.Setenv("WHEREFORE_SERVERS", t.TempDir())
	t.Setenv("PATH", "")
	if _, err := servers.Find("loki"); !errors.Is(err, servers.ErrAbsent) || !strings.Contains(err.Error(), ".ci/servers") {
		t.Errorf("got %v, want ErrAbsent that names .ci/servers", err)
	}
}

func TestPortsCanBeGiven(t *testing.T) {
	t.Setenv(servers.PortsVariable, "21x")
	if _, err := servers.Prometheus(t.Context(), t.TempDir(), servers.PrometheusOptions{}); err == nil || !strings.Contains(err.Error(), "FIRST-LAST") && !errors.Is(err, servers.ErrAbsent) {
		t.Errorf("got %v, want it to say FIRST-LAST", err)
	}
}
