// Command wherefore answers why an alert fired: it joins traces, logs and
// metrics by trace ID with the commit that was running and the decision that
// somebody recorded behind it, and ranks the causes.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/evidence/mask"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks to stop; after it a second one ends the program at
	// once, whatever it is stuck in.
	context.AfterFunc(ctx, cancel)
	app := App{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	err := app.Run(ctx)
	cancel()
	if err != nil && !errors.Is(err, errSilent) {
		fmt.Fprintln(os.Stderr, "wherefore:", mask.Text(evidence.Sentence(err)))
	}
	os.Exit(exitCode(err))
}
