package main

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is the program run as a process of its own.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

// Write keeps what the process says on both of its streams.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// serving starts the program; it is killed when the test is over.
func serving(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command("wherefore", args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its state
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has ended already, mostly
		<-p.ended
		if t.Failed() {
			t.Logf("wherefore %s said:\n%s", strings.Join(args, " "), p.said())
		}
	})
	return p
}

// says waits until the process has said what matches, and returns the match's
// first group.
func (p *process) says(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for range 2400 {
		if m := re.FindStringSubmatch(p.said()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-p.ended:
			t.Fatalf("it ended before it said %s; it said\n%s", pattern, p.said())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("it never said %s; it said\n%s", pattern, p.said())
	return ""
}

// stop sends a signal and returns the exit code, -1 for one that was killed.
func (p *process) stop(t *testing.T, s os.Signal) int {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		t.Fatalf("it does not end after %v", s)
	}
	return p.cmd.ProcessState.ExitCode()
}

// urlOf is where a server says that it serves.
const urlOf = `"url":"(http://[^"]+)"`

// written is a configuration as a file, see patiently.
func written(t *testing.T, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "wherefore.yaml")
	if err := os.WriteFile(file, []byte(patiently(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// configured is a configuration with a data folder of its own.
func configured(t *testing.T) (file, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	return written(t, "listen: 127.0.0.1:0\ndata_dir: "+dir+"\n"), dir
}

// TestAHangupReloadsTheFile changes the configuration of a server that runs,
// first to one that it cannot use.
func TestAHangupReloadsTheFile(t *testing.T) {
	file, _ := configured(t)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := serving(t, "serve", "--config", file)
	alerts := p.says(t, urlOf) + "/api/v1/alerts"
	for _, c := range []struct {
		more, says string
		status     int // of an alert without a token
	}{
		{"nonsense: 1\n", `"error":"[^"]+: line 5: unknown key`, http.StatusBadRequest},
		{"webhook: {bearer_token: sesame}\n", "configuration reloaded", http.StatusUnauthorized},
	} {
		if err := os.WriteFile(file, append(slices.Clone(good), c.more...), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		p.says(t, c.says)
		resp, err := http.Post(alerts, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("after %q: got %s, want %d", c.more, resp.Status, c.status)
		}
	}
	if code := p.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("it ended with %d", code)
	}
}

// TestADataFolderHasOneServer starts a second server beside one, and a third
// after the first was killed without a chance to clean up.
func TestADataFolderHasOneServer(t *testing.T) {
	file, dir := configured(t)
	first := serving(t, "serve", "--config", file)
	url := first.says(t, urlOf)
	out, err := exec.Command("wherefore", "serve", "--config", file).CombinedOutput()
	var exit *exec.ExitError
	want := "wherefore: data_dir " + dir + " is in use by another wherefore; stop that one, or give this one a folder of its own with data_dir or --data-dir\n"
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || string(out) != want {
		t.Errorf("the second: %v, said\n%swant\n%s", err, out, want)
	}
	out, _ = exec.Command("wherefore", "export", "INC-0000000000", "--server", url).CombinedOutput()
	if want := "wherefore: export of INC-0000000000: there is no incident INC-0000000000\n"; string(out) != want {
		t.Errorf("an export from the first: got\n%swant\n%s", out, want)
	}
	if code := first.stop(t, syscall.SIGKILL); code != -1 {
		t.Errorf("the first ended with %d, want it killed", code)
	}
	third := serving(t, "serve", "--config", file)
	third.says(t, urlOf)
	if code := third.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("the third ended with %d", code)
	}
}
