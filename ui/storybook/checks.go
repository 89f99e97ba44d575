package storybook

import (
	"context"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// checks knows of one service that has reached level 1, and whose results are
// hostile; it forgets what is added.
type checks struct{}

func (checks) AddChecks(context.Context, string, string, []casefile.CheckResult) error { return nil }

func (checks) Checks(_ context.Context, service string) ([]casefile.CheckResult, error) {
	if service != "ad-server" {
		return nil, nil
	}
	var list []casefile.CheckResult
	statuses := []string{maturity.Pass, maturity.Warn, maturity.Fail, maturity.Inconclusive}
	for i, c := range maturity.Checks() {
		r := casefile.CheckResult{ID: c.ID, Name: c.Name, Level: c.Level, Service: service, Revision: "4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70", Status: maturity.Pass,
			Message: "3 tests of 2 packages passed, 0 were skipped", ExecutedAt: onset().Add(time.Duration(i) * time.Minute)}
		if c.Level > 1 {
			r.Status, r.Message, r.Evidence = statuses[i%len(statuses)], Payloads()[i%len(Payloads())], "/incidents/INC-confirmed"
			r.Places = []casefile.CheckPlace{{Path: Payloads()[i%len(Payloads())], Line: i, Message: Payloads()[0]}}
		}
		list = append(list, r)
	}
	return list, nil
}

func (c checks) CheckHistory(ctx context.Context, service string, limit int) ([]casefile.CheckResult, error) {
	list, err := c.Checks(ctx, service)
	return list[:min(len(list), limit)], err
}
