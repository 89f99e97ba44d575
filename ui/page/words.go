package page

import (
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/report"
)

func itoa(n int) string { return strconv.Itoa(n) }

// triggers are what a correction may name.
func triggers() []string {
	return []string{string(report.TriggerCode), string(report.TriggerConfig), string(report.TriggerFlag),
		string(report.TriggerMigration), string(report.TriggerInfra), string(report.TriggerLoad), string(report.TriggerNone)}
}
