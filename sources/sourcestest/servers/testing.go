package servers

import (
	"context"
	"errors"
	"testing"

	"github.com/wherefore-dev/wherefore/fixtures/testenv"
)

// Start starts a server for a test and stops it when the test is over. It skips
// the test where the server is not installed, and in short mode.
func Start(t testing.TB, start func(ctx context.Context, dir string) (*Server, error)) *Server {
	t.Helper()
	testenv.NeedsServers(t)
	if testing.Short() {
		t.Skip("needs a real server, not in short mode")
	}
	s, err := start(t.Context(), t.TempDir())
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s says:\n%s", s.Name, s.LogTail())
		}
		if err := s.Stop(); err != nil {
			t.Errorf("stop %s: %v", s.Name, err)
		}
	})
	return s
}
