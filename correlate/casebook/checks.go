package casebook

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// keptResults is how many results of one check of a service are kept; the oldest
// go first.
const keptResults = 200

// AddChecks stores the results of one run, all or none.
func (b *Book) AddChecks(ctx context.Context, service, actor string, results []casefile.CheckResult) error {
	return b.db.do(ctx, func(tx session) error {
		for i := range results {
			r := &results[i]
			body, err := json.Marshal(r)
			if err != nil {
				return fmt.Errorf("result of %s: %w", r.ID, err)
			}
			if err := tx.exec(`INSERT INTO check_result (service, check_id, at, actor, body, tenant) VALUES (?, ?, ?, ?, ?, ?)`, service, r.ID, nanos(r.ExecutedAt), actor, body, b.tenant); err != nil {
				return err
			}
			if err := tx.exec(`DELETE FROM check_result WHERE id IN (
				SELECT id FROM check_result WHERE tenant = ? AND service = ? AND check_id = ? ORDER BY id DESC LIMIT 100 OFFSET ?)`, b.tenant, service, r.ID, keptResults); err != nil {
				return err
			}
		}
		return nil
	})
}

// Checks returns the newest result of each check of a service, by check.
func (b *Book) Checks(ctx context.Context, service string) ([]casefile.CheckResult, error) {
	return b.results(ctx, `SELECT body FROM check_result WHERE id IN (SELECT max(id) FROM check_result WHERE tenant = ? AND service = ? GROUP BY check_id) ORDER BY check_id`, b.tenant, service)
}

// CheckHistory returns results of a service, newest first.
func (b *Book) CheckHistory(ctx context.Context, service string, limit int) ([]casefile.CheckResult, error) {
	return b.results(ctx, `SELECT body FROM check_result WHERE tenant = ? AND service = ? ORDER BY id DESC LIMIT ?`, b.tenant, service, limit)
}

func (b *Book) results(ctx context.Context, query string, values ...any) ([]casefile.CheckResult, error) {
	return list(b.db.reading(ctx), func(r row) (out casefile.CheckResult, err error) {
		var body []byte
		if err := r.Scan(&body); err != nil {
			return out, err
		}
		return out, json.Unmarshal(body, &out)
	}, query, values...)
}
