package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra" // CLI: help, completion and suggestions, the most widely kept

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Exit codes, the same for every verb.
const (
	exitOK           = 0
	exitFailed       = 1 // it failed, or it found what it was asked to look for
	exitUsage        = 2
	exitInconclusive = 3
)

// errSilent in an error's chain says that the verb has printed all there is
// to say.
var errSilent = errors.New("already reported")

// codeError gives an error its exit code.
type codeError struct {
	code int
	err  error
}

func (e codeError) Error() string { return e.err.Error() }
func (e codeError) Unwrap() error { return e.err }

// usageError is a mistake in how the command was called.
func usageError(format string, args ...any) error {
	return codeError{exitUsage, fmt.Errorf(format, args...)}
}

func exitCode(err error) int {
	var c codeError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &c):
		return c.code
	default:
		return exitFailed
	}
}

// sentence is what somebody at a terminal reads of an error: what programs tell
// its kind by, at the end, says nothing to them.
func sentence(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		for _, kind := range []error{evidence.ErrNotFound, evidence.ErrInvalid, evidence.ErrUnavailable} {
			if errors.Is(err, kind) {
				lines[i] = strings.TrimSuffix(lines[i], ": "+kind.Error())
			}
		}
	}
	return strings.Join(lines, "\n")
}

// App is one run of the program.
type App struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run dispatches to the verb named by the first argument and returns when it
// is done or ctx ends.
func (a App) Run(ctx context.Context) error {
	root := &cobra.Command{
		Use:           "wherefore",
		Short:         "Why an alert fired, and which recorded decision put it there",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError("unknown verb %q; see 'wherefore --help'", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return codeError{exitUsage, err} })
	root.AddCommand(verbs()...)
	return root.ExecuteContext(ctx)
}

// verbs lists the verbs in the order of the help text, one file each.
func verbs() []*cobra.Command {
	return []*cobra.Command{
		demoCmd(),
		serveCmd(),
		investigateCmd(),
		exportCmd(),
		replayCmd(),
		doctorCmd(),
		bundleCmd(),
		importCmd(),
		indexCmd(),
		blameCmd(),
		whyCmd(),
		decisionsCmd(),
		checkpointCmd(),
		hookCmd(),
		evalCmd(),
		checkCmd(),
		versionCmd(),
	}
}
