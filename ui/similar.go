package ui

import (
	"net/http"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
)

// mostSimilar is how many incidents beside one, or like it, are listed.
const mostSimilar = 20

// similarList is the answer of GET /api/v1/incidents/{id}/similar.
type similarList struct {
	Incidents []similarRow `json:"incidents"`
}

// similarRow is an incident as it is listed, and what makes it alike.
type similarRow struct {
	Incident casefile.Incident `json:"incident"`
	Because  string            `json:"because"`
	Alike    []casefile.Alike  `json:"alike"`
	EndedBy  string            `json:"ended_by,omitempty"`
}

func (s *server) getSimilar(w http.ResponseWriter, r *http.Request) {
	if s.Similar == nil {
		s.unconfigured(w, r)
		return
	}
	inc, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	var all []SimilarIncident
	if err == nil {
		all, err = s.Similar.Similar(r.Context(), inc.ID, mostSimilar)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := similarList{Incidents: make([]similarRow, 0, len(all))}
	for _, i := range all {
		out.Incidents = append(out.Incidents, similarRow{Incident: i.Incident, Because: i.Because, Alike: append([]casefile.Alike{}, i.Alike...), EndedBy: i.EndedBy})
	}
	writeJSON(w, http.StatusOK, out)
}
