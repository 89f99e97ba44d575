package blameindex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hmarr/codeowners" // CODEOWNERS as GitHub reads it, last match wins

	"github.com/wherefore-dev/wherefore/blameindex/decision"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// What is kept decoded in memory: revisions that are asked about at the same
// time are few, and a set may hold thousands of records.
const (
	keptRecordSets = 16
	keptOwnerFiles = 16
)

// recordSet is the records of a set by ID, those that were refused apart. Both
// are shared: read only.
type recordSet struct{ sound, refused []decision.Record }

// recordSet returns the records of a set by ID, the refused left out. The slice
// is shared: read only.
func (db *DB) recordSet(ctx context.Context, set int64) ([]decision.Record, error) {
	rs, err := db.wholeRecordSet(ctx, set)
	return rs.sound, err
}

// wholeRecordSet returns a set. A set never changes, so one
// that was read whole is kept; one that was read in part is an error and is not.
// Two callers may read the same set at once; neither waits for the other.
func (db *DB) wholeRecordSet(ctx context.Context, set int64) (recordSet, error) {
	if set == 0 {
		return recordSet{}, nil
	}
	if rs, ok := db.records.Get(set); ok {
		return rs, nil
	}
	rs, err := db.readRecordSet(ctx, set)
	if err != nil {
		return recordSet{}, err
	}
	db.records.Add(set, rs)
	return rs, nil
}

func (db *DB) readRecordSet(ctx context.Context, set int64) (rs recordSet, err error) {
	rows, err := db.read.QueryContext(ctx, "SELECT r.document FROM record_member m JOIN record r ON r.id = m.record_id WHERE m.set_id = ?", set)
	if err != nil {
		return rs, fmt.Errorf("read decisions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var document []byte
		if err := rows.Scan(&document); err != nil {
			return rs, err
		}
		plain, err := db.seal.open(document)
		if err != nil {
			return rs, err
		}
		var stored struct {
			decision.Record
			Drills []evidence.Drill // as they stood before they were the decision's
		}
		if err := json.Unmarshal(plain, &stored); err != nil {
			return rs, fmt.Errorf("a decision in the index is damaged: %w", err)
		}
		r := stored.Record
		if r.How.Drills == nil {
			r.How.Drills = stored.Drills
		}
		if r.Form == "" { // stored before there were others
			r.Form = decision.FormFive
		}
		if r.Refused() {
			rs.refused = append(rs.refused, r)
		} else {
			rs.sound = append(rs.sound, r)
		}
	}
	if err := rows.Err(); err != nil {
		return rs, fmt.Errorf("read decisions: %w", err)
	}
	for _, list := range [][]decision.Record{rs.sound, rs.refused} {
		slices.SortStableFunc(list, func(a, b decision.Record) int { return strings.Compare(a.ID, b.ID) })
	}
	decision.Link(rs.sound)
	return rs, nil
}

// ownersOf returns who owns a path by a CODEOWNERS file, in its order.
func (db *DB) ownersOf(ctx context.Context, row int64, path string) ([]string, error) {
	if row == 0 {
		return nil, nil
	}
	rules, ok := db.owners.Get(row)
	if !ok {
		var text string
		if err := db.read.QueryRowContext(ctx, "SELECT text FROM codeowners WHERE id = ?", row).Scan(&text); err != nil {
			return nil, fmt.Errorf("read CODEOWNERS: %w", err)
		}
		rules = parseOwners(text)
		db.owners.Add(row, rules)
	}
	rule, _ := rules.Match(path) // a pattern that cannot be read owns nothing
	if rule == nil {
		return nil, nil
	}
	var out []string
	for _, o := range rule.Owners {
		out = append(out, o.String())
	}
	return out, nil
}

// parseOwners reads line by line, so that one bad line does not lose the rest.
func parseOwners(text string) codeowners.Ruleset {
	var rules codeowners.Ruleset
	for _, line := range strings.Split(text, "\n") {
		if rs, err := codeowners.ParseFile(strings.NewReader(line + "\n")); err == nil {
			rules = append(rules, rs...)
		}
	}
	return rules
}
