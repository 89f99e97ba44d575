package ui

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// How far from an instant an incident may have begun to be the one that a spike at it
// belongs to: alerts come after what they are about, and open ones last.
const (
	spikeBefore = 15 * time.Minute
	spikeAfter  = 6 * time.Hour
	listAround  = time.Hour
)

// atInstant leads from a point on a panel to its incident: that of a service which was
// open then, the one that began nearest, else to the list around that time. Grafana's
// data links ask for it (docs/configuration.md).
func (s *server) atInstant(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	err := short(field{"service", q.Get("service"), maxName}, field{"at", q.Get("at"), maxName})
	var at time.Time
	if err == nil {
		at, err = evidence.ParseInstant(q.Get("at"), s.Now())
	}
	var found []casefile.Incident
	if err == nil {
		found, _, err = s.Incidents.Incidents(r.Context(), casefile.IncidentFilter{Service: q.Get("service"), Since: at.Add(-spikeAfter), Until: at.Add(spikeBefore), Sort: "started", Limit: 200})
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	found = slices.DeleteFunc(found, func(i casefile.Incident) bool { return !i.ResolvedAt.IsZero() && i.ResolvedAt.Before(at) })
	if len(found) > 0 {
		nearest := slices.MinFunc(found, func(a, b casefile.Incident) int {
			return cmp.Or(cmp.Compare(a.StartedAt.Sub(at).Abs(), b.StartedAt.Sub(at).Abs()), cmp.Compare(a.ID, b.ID))
		})
		http.Redirect(w, r, "/incidents/"+url.PathEscape(nearest.ID), http.StatusSeeOther)
		return
	}
	to := url.Values{"from": {at.Add(-listAround).UTC().Format(time.RFC3339)}, "to": {at.Add(listAround).UTC().Format(time.RFC3339)}}
	if service := q.Get("service"); service != "" {
		to.Set("service", service)
	}
	http.Redirect(w, r, "/?"+to.Encode(), http.StatusSeeOther)
}
