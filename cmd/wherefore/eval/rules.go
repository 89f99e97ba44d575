package eval

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/mechanism"
	"github.com/wherefore-dev/wherefore/correlate/weights"
)

// RuleRate says how often a mechanism rule fires on commits that are not guilty.
type RuleRate struct {
	Rule  string `json:"rule"`
	Fired int    `json:"fired"`
	Of    int    `json:"of"`
	// Recorded is the rate that the weights know, Counts what part of the rule's
	// strength counts by it, both in thousandths.
	Recorded int `json:"recorded"`
	Counts   int `json:"counts"`
}

// share is how often it fires.
func (r RuleRate) share() float64 {
	if r.Of == 0 {
		return 0
	}
	return float64(r.Fired) / float64(r.Of)
}

// TooOften are the rules that fire on so many innocent commits that they tell
// nothing, and that the weights let count all the same; of fewer than a hundred
// commits nothing is concluded.
func TooOften(rates []RuleRate, by *weights.Set) []string {
	var out []string
	for _, r := range rates {
		if r.Of >= 100 && r.share() >= 1/by.Commit.Silent && r.Counts > 0 {
			out = append(out, r.Rule)
		}
	}
	return out
}

// Rules measures every mechanism rule on the innocent commits of labelled
// bundles: all that no label calls guilty, each diff once, those that change
// nothing that runs left out. The rates come in order of rule.
func Rules(ctx context.Context, paths []string, open Opener, by *weights.Set) ([]RuleRate, error) {
	cases, err := find(paths)
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	fired, of := map[string]int{}, 0
	seen := map[[sha256.Size]byte]bool{}
	for _, c := range cases {
		commits, err := commitsOf(ctx, c, open)
		if err != nil {
			return nil, fmt.Errorf("eval: %s: %w", c.path, err)
		}
		for _, k := range commits {
			sum := sha256.Sum256([]byte(k.Diff))
			if k.SHA == c.label.Commit || k.Diff == "" || seen[sum] || mechanism.Innocuous(k.Diff, k.Files...) {
				continue
			}
			seen[sum] = true
			of++
			once := map[string]bool{}
			for _, m := range mechanism.Scan(&weights.Or(nil).Mechanism, k.Diff, k.Files...) {
				if !once[m.Rule] {
					once[m.Rule] = true
					fired[m.Rule]++
				}
			}
		}
	}
	var out []RuleRate
	for _, r := range mechanism.Rules() {
		out = append(out, RuleRate{Rule: r.ID, Fired: fired[r.ID], Of: of, Recorded: by.RuleRate(r.ID), Counts: by.Telling(r.ID)})
	}
	slices.SortFunc(out, func(a, b RuleRate) int { return cmp.Compare(a.Rule, b.Rule) })
	return out, nil
}

// commitsOf are all commits of a bundle.
func commitsOf(ctx context.Context, c labelled, open Opener) (list []evidence.Commit, err error) {
	s, req, done, err := open(ctx, c.path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := done(); err == nil {
			err = e
		}
	}()
	if s.Code == nil {
		return nil, nil
	}
	ever := evidence.Window{Start: req.Now.Add(-10 * 365 * 24 * time.Hour), End: req.Now.Add(24 * time.Hour)}
	list, err = s.Code.Commits(ctx, evidence.CommitQuery{Window: ever})
	return list, unless(err)
}

// WriteRules writes rates as people read them, in shares of all commits.
func WriteRules(w io.Writer, rates []RuleRate) error {
	for _, r := range rates {
		if _, err := fmt.Fprintf(w, "%-16s %5d of %d innocent commits  %.3f, recorded %.3f, counts %.2f\n", r.Rule, r.Fired, r.Of, r.share(), float64(r.Recorded)/1000, float64(r.Counts)/1000); err != nil {
			return err
		}
	}
	return nil
}
