// Package servers starts the real Jaeger, Loki, Prometheus and Alertmanager for
// tests and demonstrations: on free ports of 127.0.0.1, with their data in a
// folder of their own, and waits until each truly answers.
//
// The configurations are those found to work with data of any age. Their less
// obvious settings carry the reason.
package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrAbsent says that a server's program is not on this machine.
var ErrAbsent = errors.New("the server is not installed; .ci/servers installs it")

// startTimeout is how long a server may take to answer.
const startTimeout = 60 * time.Second

// Server is one running server.
type Server struct {
	Name string
	Dir  string // holds its data, configuration and log
	// Addresses by what they are for, as host:port.
	Addresses map[string]string

	cmd    *exec.Cmd
	exited chan struct{}
	log    *os.File
}

// URL is an address as an http URL.
func (s *Server) URL(name string) string { return "http://" + s.Addresses[name] }

// PID is the number of its process, for who ends it from outside.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Ended reports whether its process is over, by itself or by somebody. The ports of an
// ended server are free for others, so that to dial them tells nothing of it.
func (s *Server) Ended() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// LogTail is the end of what the server wrote.
func (s *Server) LogTail() string {
	data, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-1500):])
}

// Stop ends the server and waits until it is gone.
func (s *Server) Stop() error {
	defer func() { _ = s.log.Close() }() // the server wrote to it, not we
	if s.Ended() {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(10 * time.Second): // Loki has been seen to take its time
		err := s.cmd.Process.Kill()
		<-s.exited
		return err
	}
}

// Find is the path of a server's program: the folder that .ci/servers fills
// first, then PATH.
func Find(names ...string) (string, error) {
	dir := os.Getenv("WHEREFORE_SERVERS")
	if cache, err := os.UserCacheDir(); dir == "" && err == nil {
		dir = filepath.Join(cache, "wherefore", "servers")
	}
	for _, n := range names {
		if path := filepath.Join(dir, n); dir != "" {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path, nil
			}
		}
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", names[0], ErrAbsent)
}

// run starts a program and waits until ready does not fail.
func run(ctx context.Context, s *Server, program string, args []string, ready func(context.Context) error) (*Server, error) {
	file, err := os.Create(filepath.Join(s.Dir, s.Name+".log"))
	if err != nil {
		return nil, err
	}
	s.log, s.exited = file, make(chan struct{})
	s.cmd = exec.Command(program, args...) //nolint:noctx // it outlives the call that starts it
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Dir = file, file, s.Dir
	// Jaeger would send traces of itself to whatever listens on OTLP's port.
	s.cmd.Env = append(os.Environ(), "OTEL_TRACES_SAMPLER=always_off", "OTEL_SDK_DISABLED=true")
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its log
		close(s.exited)
	}()
	if err := s.await(ctx, ready); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s", s.Name, err, s.LogTail()), s.Stop())
	}
	return s, nil
}

func (s *Server) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		once, done := context.WithTimeout(ctx, 5*time.Second)
		err := ready(once)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// PortsVariable names the environment variable that holds the ports to use, as
// FIRST-LAST. Without it the kernel picks free ones.
const PortsVariable = "WHEREFORE_TEST_PORTS"

// free picks n free addresses. They are held until all are picked, so that none
// is picked twice.
func free(n int) ([]string, error) {
	var held []net.Listener
	var listen net.ListenConfig
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	ports := []int{0}
	if text := os.Getenv(PortsVariable); text != "" {
		from, to, ok := strings.Cut(text, "-")
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if !ok || errors.Join(err1, err2) != nil || last < first {
			return nil, fmt.Errorf("%s is %q, want FIRST-LAST", PortsVariable, text)
		}
		ports = ports[:0]
		for p := first; p <= last; p++ {
			ports = append(ports, p)
		}
	}
	var out []string
	for i := 0; len(out) < n; i++ {
		if len(ports) > 1 && i >= len(ports) {
			return nil, fmt.Errorf("no %d free ports in %s", n, os.Getenv(PortsVariable))
		}
		l, err := listen.Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[i%len(ports)])))
		if err != nil {
			if len(ports) == 1 {
				return nil, err
			}
			continue
		}
		held, out = append(held, l), append(out, l.Addr().String())
	}
	return out, nil
}

// place makes a server's folder below dir and picks an address for each use.
func place(name, dir string, uses ...string) (*Server, error) {
	s := &Server{Name: name, Dir: filepath.Join(dir, name), Addresses: map[string]string{}}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return nil, err
	}
	list, err := free(len(uses))
	if err != nil {
		return nil, err
	}
	for i, use := range uses {
		s.Addresses[use] = list[i]
	}
	return s, nil
}
