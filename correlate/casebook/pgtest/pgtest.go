// Package pgtest starts a PostgreSQL server of its own for tests, on a free
// port and as a user that is not root, and skips where none is installed.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// Server is a running server.
type Server struct {
	Port int
	dir  string
	cmd  *exec.Cmd
}

var (
	once    sync.Once
	shared  *Server
	failure error
	number  atomic.Int64
)

// errAbsent says that no server is installed.
var errAbsent = errors.New("PostgreSQL is not installed (Debian: apt-get install postgresql)")

// DSN is the address of an empty database of its own, on a server that all tests
// of the binary share. Main must have been called.
func DSN(t *testing.T) string {
	t.Helper()
	testenv.NeedsServers(t)
	once.Do(func() { shared, failure = Start() })
	if errors.Is(failure, errAbsent) {
		t.Skip(failure)
	}
	if failure != nil {
		t.Fatal(failure)
	}
	return shared.Database(t)
}

// Fresh is the address of an empty database on a server of the test's own.
func Fresh(t *testing.T) string {
	t.Helper()
	testenv.NeedsServers(t)
	s, err := Start()
	if errors.Is(err, errAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s.Database(t)
}

// Main runs a binary's tests and stops the server that they shared.
func Main(m *testing.M) int {
	code := m.Run()
	if shared != nil {
		shared.Stop()
	}
	return code
}

// Database makes an empty database and returns its address.
func (s *Server) Database(t *testing.T) string {
	t.Helper()
	name := fmt.Sprintf("test%d", number.Add(1))
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.dsn(name)
}

func (s *Server) dsn(name string) string {
	return fmt.Sprintf("postgres://wherefore@127.0.0.1:%d/%s?sslmode=disable", s.Port, name)
}

// Start makes and starts a server; Stop ends it.
func Start() (_ *Server, err error) {
	initdb, server, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "wherefore-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	who, err := owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if out, err := as(who, dir, initdb, "-D", data, "-U", "wherefore", "--auth=trust", "--encoding=UTF8", "--no-sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if s.Port, err = free(); err != nil {
		return nil, err
	}
	s.cmd = as(who, dir, server, "-D", data, "-p", strconv.Itoa(s.Port), "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "fsync=off")
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	return s, s.wait()
}

// wait returns once the server answers.
func (s *Server) wait() (err error) {
	db, err := sql.Open("pgx", s.dsn("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for range 300 {
		if err = db.PingContext(context.Background()); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	said, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return fmt.Errorf("the PostgreSQL server does not answer: %w: %s", err, said)
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGINT) // a fast shutdown
		_ = s.cmd.Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// programs finds initdb and postgres, also where Debian keeps them.
func programs() (initdb, server string, err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	for _, initdb := range found {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			initdb = real
		}
		server := filepath.Join(filepath.Dir(initdb), "postgres")
		if _, err := os.Stat(server); err == nil {
			return initdb, server, nil
		}
	}
	return "", "", errAbsent
}

// owner gives the folder to a user that is not root: the server refuses to be
// root.
func owner(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers on every system with /etc/passwd
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
	}
	return nil, errors.New("there is no user to run PostgreSQL as")
}

func as(who *syscall.Credential, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if who != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	}
	return cmd
}

// free is a port that nobody listens on.
func free() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
