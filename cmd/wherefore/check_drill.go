package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// drilling is a fault that is made on purpose while health is polled.
type drilling struct {
	url, fault, heal string
	watch            time.Duration
}

// between two looks at health; a tenth of a second is a twelfth of what is allowed.
const pollEvery = 100 * time.Millisecond

// degradeWithin is how long a drill waits for health to say that something is
// wrong, before it takes it to say so never.
const degradeWithin = 30 * time.Second

func (d *drilling) settle() error {
	if d.url == "" && d.fault == "" && d.heal == "" {
		return nil
	}
	if u, err := url.Parse(d.url); err != nil || u.Host == "" {
		return usageError("--drill %q is not the URL of a health address", d.url)
	}
	if d.fault == "" {
		return usageError("--drill needs --fault, a command that breaks something")
	}
	return nil
}

// run makes the fault and watches. The fault is taken back also when the drill is
// broken off.
func (d *drilling) run(ctx context.Context, say io.Writer, f *maturity.Facts) (err error) {
	if d.url == "" {
		return nil
	}
	out := &maturity.Drill{URL: d.url, Degraded: -1, Healed: -1}
	out.Before, _ = d.look(ctx)
	begun := time.Now()
	if err := d.command(ctx, say, "--fault", d.fault); err != nil {
		return err
	}
	out.At, out.Making = time.Now().UTC(), time.Since(begun)
	healed := d.heal == ""
	defer func() {
		if !healed {
			err = errors.Join(err, d.command(context.WithoutCancel(ctx), say, "--heal", d.heal))
		}
	}()
	out.Degraded = d.await(ctx, out.At, degradeWithin, func(status string) bool { return status != "ok" }, &out.Reasons)
	if out.Degraded >= 0 {
		out.Healed = d.await(ctx, out.At, out.Degraded+d.watch, isWell, nil)
		if out.Healed < 0 && !healed {
			healed, out.ByHand = true, true
			if err := d.command(ctx, say, "--heal", d.heal); err != nil {
				return err
			}
			out.Healed = d.await(ctx, out.At, time.Since(out.At)+d.watch, isWell, nil)
		}
	}
	f.Drill = out
	return ctx.Err()
}

func isWell(status string) bool { return status == "ok" }

// await polls until health is as wanted, and says how long after an instant that
// was; below 0 when it was not in time.
func (d *drilling) await(ctx context.Context, since time.Time, within time.Duration, wanted func(string) bool, reasons *[]string) time.Duration {
	for {
		asked := time.Since(since)
		if asked > within || ctx.Err() != nil {
			return -1
		}
		if status, why := d.look(ctx); wanted(status) {
			if reasons != nil {
				*reasons = why
			}
			return time.Since(since)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
}

// look asks health once. An answer with another status than 2xx is degraded, and
// so is none: a reason is only what the answer gives.
func (d *drilling) look(ctx context.Context) (status string, reasons []string) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	resp, err := get(ctx, d.url)
	if err != nil {
		return "down", nil
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Status  string
		Reasons []string
	}
	// A body that is no JSON leaves the status code to tell.
	_ = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&body)
	switch {
	case body.Status == "" && resp.StatusCode < 300:
		body.Status = "ok"
	case resp.StatusCode >= 300 && (body.Status == "" || body.Status == "ok"):
		body.Status = "degraded"
	}
	return body.Status, body.Reasons
}

// command runs a command by the shell, as its user would.
func (d *drilling) command(ctx context.Context, say io.Writer, flag, text string) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", text)
	cmd.Stdout, cmd.Stderr = say, say
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %q failed: %w", flag, text, err)
	}
	return nil
}
