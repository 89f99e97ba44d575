package casebook

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/kube"
	"github.com/wherefore-dev/wherefore/correlate/metric"
)

// notificationKey is the same for the same notification sent again, by the
// same Alertmanager or another of its cluster.
func notificationKey(a evidence.Alert) string {
	rows := make([]string, 0, len(a.Instances))
	for _, i := range a.Instances {
		rows = append(rows, strings.Join([]string{i.Fingerprint, i.Status, i.StartsAt.UTC().Format(time.RFC3339Nano), i.EndsAt.UTC().Format(time.RFC3339Nano)}, "\x1f"))
	}
	sort.Strings(rows)
	return a.Digest(append([]string{a.Receiver, a.GroupKey, a.Status, a.TraceID}, rows...)...)
}

// oneAlert is how far apart the alerts of a notification may start that give an
// incident its name; the newest does.
const oneAlert = time.Minute

// labelsOf are the columns that an alert gives an incident.
func labelsOf(a evidence.Alert) (service, severity, name string) {
	a = a.Present(oneAlert)
	if len(a.Instances) > 0 {
		service = serviceOf(a, a.Instances[0])
	} else {
		service = serviceOf(a, evidence.AlertInstance{})
	}
	return service, evidence.Cut(a.Label("severity"), mostIndexed), evidence.Cut(a.Name(), mostIndexed)
}

// serviceOf is the service that the labels of one alert name.
func serviceOf(a evidence.Alert, i evidence.AlertInstance) string {
	labels := map[string]string{}
	maps.Copy(labels, i.Labels)
	maps.Copy(labels, a.Labels)
	service := metric.NameOf(labels)
	// The pods of one workload are one service.
	if slices.ContainsFunc(metric.PodLabels, func(l string) bool { return metric.Label(labels, l) == service }) {
		service = kube.WorkloadOf(service)
	}
	return evidence.Cut(service, mostIndexed)
}

// stillNames reports whether an alert that fires is about a service.
func stillNames(a evidence.Alert, service string) bool {
	return slices.ContainsFunc(a.Instances, func(i evidence.AlertInstance) bool {
		return i.Status != evidence.StatusResolved && serviceOf(a, i) == service
	})
}

// mostIndexed is how many bytes of a name are kept: an index takes no more.
const mostIndexed = 500

// keyOf is a name by which rows are found: one that is too long for an index is
// cut, and told apart by its digest.
func keyOf(s string) string {
	if len(s) <= mostIndexed {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return evidence.Cut(s, mostIndexed) + " sha256:" + hex.EncodeToString(sum[:])
}

// titleOf stands in the list until the first report.
func titleOf(a evidence.Alert) string {
	for _, s := range []string{a.Annotation("summary"), a.Annotation("description"), a.Name()} {
		if s != "" {
			return cutTitle(s)
		}
	}
	if a.TraceID != "" {
		return "trace " + a.TraceID
	}
	return "alert without a name"
}

// stateAfter is where an incident stands once it has a report.
func stateAfter(resolvedAt int64) casefile.IncidentState {
	if resolvedAt != 0 {
		return casefile.StateResolved
	}
	return casefile.StateReported
}
