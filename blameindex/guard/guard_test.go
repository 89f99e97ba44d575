package guard_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/wherefore-dev/wherefore/blameindex/guard"
)

func TestAPanicIsAnError(t *testing.T) {
	var empty []int
	var g errgroup.Group
	g.Go(guard.Func(func() error { _ = empty[len(empty)]; return nil }))
	err := g.Wait()
	p, ok := errors.AsType[*guard.Panic](err)
	if !ok || !strings.Contains(err.Error(), "index out of range") || !strings.Contains(string(p.Stack), "guard_test.go") {
		t.Errorf("got %v, want the panic with its stack", err)
	}
}

func TestAnErrorStaysItself(t *testing.T) {
	want := errors.New("no")
	if err := guard.Run(func() error { return want }); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	if err := guard.Run(func() error { return nil }); err != nil {
		t.Errorf("got %v, want nothing", err)
	}
}
