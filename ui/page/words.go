package page

import (
	"strconv"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/report"
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
	return []string{string(report.TriggerCode), string(report.TriggerConfig), string(report.TriggerFlag),
		string(report.TriggerMigration), string(report.TriggerInfra), string(report.TriggerLoad), string(report.TriggerNone)}
}
