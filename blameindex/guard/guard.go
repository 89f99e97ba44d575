// Package guard keeps a mistake in one piece of work from ending the program.
//
// A panic in a goroutine ends the process, whoever started it, and an index is
// read by a server that has other things to do: a repository that trips the
// reader must cost the answer about that repository and nothing else.
package guard

import (
	"fmt"
	"runtime/debug"
)

// Panic is a recovered panic as an error.
type Panic struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Error names the value only: the stack is for a log.
func (p *Panic) Error() string { return fmt.Sprintf("a mistake in wherefore: %v", p.Value) }

// Run calls do and returns its error, or the panic that it ended with as a
// *Panic.
func Run(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	return do()
}

// Func wraps do for a group of goroutines, as errgroup.Group.Go takes it.
func Func(do func() error) func() error {
	return func() error { return Run(do) }
}
