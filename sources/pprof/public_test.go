package pprof_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/profile"
	"github.com/wherefore-dev/wherefore/correlate/weights"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
	"github.com/wherefore-dev/wherefore/sources/endpoint"
	"github.com/wherefore-dev/wherefore/sources/pprof"
)

// podinfo is a public program that serves its profiles.
const podinfo = "github.com/stefanprodan/podinfo@v1.8.1-0.20250910200901-e86405a8674e"

// planted are two faults, each on a line of its own: what reads the version again
// and again, and what remembers every header that it was ever sent.
var planted = []struct {
	file, before, fault, helper string
	kind                        evidence.ProfileKind
	function, line              string
}{
	{"pkg/api/http/version.go", "	result := map[string]string{", "	digest(r.Host)\n", "\nfunc digest(s string) (sum int) {\n	for i := 0; i < 40_000_000; i++ { sum = sum*31 + i ^ len(s) }\n	return sum\n}\n",
		evidence.ProfileCPU, "http.digest", "sum = sum*31"},
	{"pkg/api/http/headers.go", "	s.JSONResponse(", "	remember(r.Header)\n", "\nvar seen []map[string]string\n\nfunc remember(h http.Header) {\n	copied := make(map[string]string, 2000)\n	for k := range h {\n		copied[k] = h.Get(k)\n	}\n	seen = append(seen, copied)\n}\n",
		evidence.ProfileHeap, "http.remember", "make(map[string]string, 2000)"},
}

// TestFaultsInAPublicProgramAreNamedToTheLine builds podinfo as it is and with faults
// in it, and holds the profiles that are taken of both under the same requests against
// each other.
func TestFaultsInAPublicProgramAreNamedToTheLine(t *testing.T) {
	testenv.NeedsServers(t)
	var module struct{ Dir string }
	download := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", podinfo)
	download.Dir = t.TempDir()
	out, err := download.Output()
	if err != nil || json.Unmarshal(out, &module) != nil {
		t.Skipf("the program is not to be had: %v", err)
	}
	before := take(t, build(t, module.Dir, nil))
	changed := map[string]string{}
	lines := map[string]int{}
	for _, p := range planted {
		was, err := os.ReadFile(filepath.Join(module.Dir, p.file))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(was), p.before, p.fault+p.before, 1) + p.helper
		if strings.Count(text, p.fault) != 1 {
			t.Fatalf("%s has no place for the fault", p.file)
		}
		changed[p.file] = text
		lines[p.file] = 1 + strings.Count(text[:strings.Index(text, p.line)], "\n")
	}
	during := take(t, build(t, module.Dir, changed))
	for _, p := range planted {
		b, d := before[p.kind], during[p.kind]
		places := profile.Compare(&b, &d, nil, &weights.Default().Profile).Places
		if len(places) == 0 || places[0].Short() != p.function || !strings.HasSuffix(places[0].Frame.File, p.file) || places[0].Frame.Line != lines[p.file] {
			t.Errorf("%s: got %+v, want %s at %s:%d", p.kind, places, p.function, p.file, lines[p.file])
		}
	}
}

// build builds the program with files in place of its own.
func build(t *testing.T, dir string, changed map[string]string) string {
	t.Helper()
	src, bin := filepath.Join(t.TempDir(), "src"), filepath.Join(t.TempDir(), "podinfo")
	if err := os.CopyFS(src, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for name, text := range changed {
		file := filepath.Join(src, name)
		if err := errors.Join(os.Chmod(filepath.Dir(file), 0o700), os.Chmod(file, 0o600), os.WriteFile(file, []byte(text), 0o600)); err != nil { // a module's files are read only
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-trimpath", "-o", bin, "./cmd/podinfo")
	cmd.Dir, cmd.Env = src, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return bin
}

// take runs the program under requests and takes its profiles.
func take(t *testing.T, bin string) map[evidence.ProfileKind]evidence.Profile {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	cmd := exec.Command(bin, "--host=127.0.0.1", fmt.Sprint("--port=", port), "--grpc-port=0", "--level=error")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	url := fmt.Sprint("http://127.0.0.1:", port)
	ask := func(path string) bool {
		resp, err := http.Get(url + path)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.StatusCode == http.StatusOK
	}
	up := false
	for range 2400 {
		if up = ask("/version"); up {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !up {
		t.Fatal("the program does not answer")
	}
	for range 400 {
		ask("/headers")
	}
	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		for ctx.Err() == nil {
			ask("/version")
		}
	}()
	clients, err := pprof.Clients(pprof.Config{CPU: 3 * time.Second, Targets: []pprof.Target{{Service: "podinfo", Config: endpoint.Config{Address: url}}}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[evidence.ProfileKind]evidence.Profile{}
	for _, kind := range clients[0].Kinds() {
		if _, got[kind], err = clients[0].Take(t.Context(), kind); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	<-asked
	return got
}
