package kit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid" // RFC 9562
)

// Decision is something that the service decided by itself at run time, as to
// scale out or to shed load. All fields but Name are due.
type Decision struct {
	// ID is a UUID of version 4; NewID makes one.
	ID string
	// ContextHash is the SHA-256, in hex, of what the decision was made from; Hash
	// makes one. The same context has the same hash.
	ContextHash string
	// Confidence is from 0 to 1; a pointer, since 0 is said and nil is missing.
	Confidence *float64
	// At is when it was decided.
	At time.Time
	// Name says what was decided, for people.
	Name string
}

// NewID is a decision's ID.
func NewID() string { return uuid.NewString() }

// Hash is the hash of a context: of its JSON, in which the keys of maps are in
// order.
func Hash(of any) (string, error) {
	body, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("hash of a decision's context: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Check names every field that is missing or not well formed.
func (d Decision) Check() error {
	var wrong []string
	if id, err := uuid.Parse(d.ID); err != nil || id.Version() != 4 || len(d.ID) != 36 {
		wrong = append(wrong, "ID is no UUID of version 4 (NewID makes one)")
	}
	if !hash.MatchString(d.ContextHash) {
		wrong = append(wrong, "ContextHash is no SHA-256 in hex (Hash makes one)")
	}
	if c := d.Confidence; c == nil || math.IsNaN(*c) || *c < 0 || *c > 1 {
		wrong = append(wrong, "Confidence is not from 0 to 1")
	}
	if y := d.At.Year(); y < 1980 || y > 3000 {
		wrong = append(wrong, "At is no time of a decision")
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("the decision %.80q is not logged: %s", d.Name, strings.Join(wrong, "; "))
}

// Log writes a decision, with its trace, and out of the groups that the logger opened,
// where the logger's handler is Slog. One
// that is not whole is refused, and nothing is written.
func (d Decision) Log(ctx context.Context) error { return d.write(ctx, nil, "decision_made", d.At) }

// Executed writes that a decision was carried out now.
func (d Decision) Executed(ctx context.Context) error {
	return d.write(ctx, nil, "decision_executed", time.Now())
}

// Decide logs a decision where the kit's decisions go.
func (k *Kit) Decide(ctx context.Context, d Decision) error {
	return d.write(ctx, k.decisions, "decision_made", d.At)
}

// Executed logs there that one was carried out now.
func (k *Kit) Executed(ctx context.Context, d Decision) error {
	return d.write(ctx, k.decisions, "decision_executed", time.Now())
}

func (d Decision) write(ctx context.Context, to *slog.Logger, event string, at time.Time) error {
	if err := d.Check(); err != nil {
		return err
	}
	if to == nil {
		to = slog.Default()
	}
	if !to.Enabled(ctx, slog.LevelInfo) {
		return fmt.Errorf("the decision %.80q is not logged: its logger leaves out what is below a warning", d.Name)
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, event, caller(3))
	r.AddAttrs(slog.String("event", event), slog.String("decision", d.Name), slog.String("decision_id", d.ID), slog.String("context_hash", d.ContextHash),
		slog.Float64("confidence_score", *d.Confidence), slog.Int64("ts_ms", at.UnixMilli()))
	return ungrouped(to.Handler()).Handle(ctx, r) //nolint:wrapcheck // the handler's own
}
