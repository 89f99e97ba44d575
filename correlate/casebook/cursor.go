package casebook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// order is one way to sort the list: by a key, then the newest first, then by
// ID, which makes it total.
type order struct {
	key  string // SQL expression, the one of the order's index
	down bool   // the highest key first
	// parse reads a key back out of a cursor.
	parse func(string) (any, error)
}

// orders are the ways in which the list can be sorted.
var orders = map[string]order{
	"":         {`CASE state WHEN 'resolved' THEN 1 ELSE 0 END`, false, whole},
	"burn":     {`burn`, true, number},
	"impact":   {`affected`, true, number},
	"started":  {`started_at`, true, whole},
	"service":  {`service`, false, func(s string) (any, error) { return s, nil }},
	"severity": {`CASE severity WHEN 'critical' THEN 0 WHEN 'page' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 WHEN 'info' THEN 3 ELSE 4 END`, false, whole},
}

func whole(s string) (any, error)  { return strconv.ParseInt(s, 10, 64) }
func number(s string) (any, error) { return strconv.ParseFloat(s, 64) }

// by is the order's ORDER BY. By start, the key is the start.
func (o order) by() string {
	switch {
	case o.key == `started_at`:
		return `started_at DESC, id`
	case o.down:
		return o.key + ` DESC, started_at DESC, id`
	}
	return o.key + `, started_at DESC, id`
}

// behind is the condition for what comes after a row. It names the row and not
// how many there were before it, so that incidents that come in while somebody
// turns pages neither repeat a row nor hide one. The first comparison alone
// would do; the others say where the index is to be entered.
func (o order) behind(c cursor) (string, []any) {
	key, _ := o.parse(c.Key) // decodeCursor has tried
	from, past := `>=`, `>`
	if o.down {
		from, past = `<=`, `<`
	}
	return `((` + o.key + `) ` + from + ` ? AND ((` + o.key + `) ` + past + ` ? OR started_at < ? OR started_at = ? AND id > ?))`,
		[]any{key, key, c.Started, c.Started, c.ID}
}

// cursor names the last row of a page.
type cursor struct {
	Sort    string `json:"s"`
	Key     string `json:"k"`
	Started int64  `json:"t"` // Unix nanoseconds
	ID      string `json:"i"`
}

func (c cursor) encode() string {
	raw, _ := json.Marshal(c) // strings and a number are always JSON
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads a cursor that was made for the same order.
func decodeCursor(s, sort string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil {
		_, err = orders[sort].parse(c.Key)
	}
	if err != nil || c.Sort != sort || c.ID == "" {
		return c, fmt.Errorf("cursor %.60q is not one that this server gave out for this order: %w", s, evidence.ErrInvalid)
	}
	return c, nil
}

// keyText writes a key as SQLite gave it.
func keyText(v any) string {
	switch x := v.(type) {
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case []byte:
		return string(x)
	}
	return fmt.Sprint(v)
}
