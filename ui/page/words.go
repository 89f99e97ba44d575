package page

import (
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate"
)

func itoa(n int) string { return strconv.Itoa(n) }

// pointsClass tells counter-evidence from evidence.
func pointsClass(points string) string {
	if strings.HasPrefix(points, "−") {
		return "against"
	}
	return "for"
}

// triggers are what a correction may name.
func triggers() []string {
	return []string{string(correlate.TriggerCode), string(correlate.TriggerConfig), string(correlate.TriggerFlag),
		string(correlate.TriggerMigration), string(correlate.TriggerInfra), string(correlate.TriggerLoad), string(correlate.TriggerNone)}
}
