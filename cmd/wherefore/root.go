package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra" // CLI: help, completion and suggestions, the most widely kept
	"github.com/spf13/pflag"
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

// App is one run of the program.
type App struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Run dispatches to the verb named by the first argument and returns when it
// is done or ctx ends.
func (a App) Run(ctx context.Context) error {
	root := newRoot()
	root.SetArgs(a.Args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	return root.ExecuteContext(ctx)
}

// newRoot is the program with all its verbs.
func newRoot() *cobra.Command {
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
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			return usageError("--%s %q is not of the kind that it takes, %s", wrong.GetFlag().Name, wrong.GetValue(), wrong.GetFlag().Value.Type())
		}
		return codeError{exitUsage, err}
	})
	root.AddCommand(verbs()...)
	for _, c := range root.Commands() {
		sayUsage(c)
	}
	return root
}

// sayUsage makes a wrong number of words a mistake in the call, which says how
// the verb is called.
func sayUsage(c *cobra.Command) {
	for _, below := range c.Commands() {
		sayUsage(below)
	}
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil || exitCode(err) == exitUsage {
			return err
		}
		return usageError("%w; call it as '%s'", err, cmd.UseLine())
	}
}

// verbs lists the verbs in the order of the help text, one file each.
func verbs() []*cobra.Command {
	return []*cobra.Command{
		demoCmd(),
		initCmd(),
		tryCmd(),
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
		explainCmd(),
		suspectsCmd(),
		decisionsCmd(),
		sloCmd(),
		rollbackCmd(),
		checkpointCmd(),
		hookCmd(),
		evalCmd(),
		checkCmd(),
		actionsCmd(),
		tokenCmd(),
		redactCmd(),
		backupCmd(),
		restoreCmd(),
		migrateCmd(),
		versionCmd(),
	}
}
