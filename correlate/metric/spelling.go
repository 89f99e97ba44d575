package metric

import (
	"strconv"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Spelling is how a server spells names that the engine knows in the characters
// that were legal before Prometheus 3: the engine's spelling to the server's. The
// zero value spells everything as it is.
type Spelling map[string]string

// Plain gives a series and its labels the names that the engine knows them by.
// The series given is not written to.
func Plain(s evidence.Series) evidence.Series {
	s.Name = Sanitized(s.Name)
	for l := range s.Labels { // any one of them
		if Sanitized(l) == l {
			continue
		}
		// Of two that become one the legal one stays, else the greater value:
		// labels have no order.
		labels := make(map[string]string, len(s.Labels))
		for k, v := range s.Labels {
			plain := Sanitized(k)
			if own, legal := s.Labels[plain]; legal {
				v = own
			}
			labels[plain] = max(labels[plain], v)
		}
		s.Labels = labels
		break
	}
	return s
}

// Learn notes how the names of a series are spelled.
func (sp Spelling) Learn(s evidence.Series) {
	note := func(name string) {
		if plain := Sanitized(name); plain != name && (sp[plain] == "" || name < sp[plain]) {
			sp[plain] = name
		}
	}
	note(s.Name)
	for l := range s.Labels { // each for itself
		note(l)
	}
}

// Label is a label's name as PromQL wants it, quoted where it must be.
func (sp Spelling) Label(name string) string {
	if spelled := sp[name]; spelled != "" {
		return strconv.Quote(spelled)
	}
	return name
}

// Labels are several of them with commas between.
func (sp Spelling) Labels(names []string) string {
	text := ""
	for i, n := range names {
		if i > 0 {
			text += ", "
		}
		text += sp.Label(n)
	}
	return text
}

// Selector selects the series of a metric by matchers, as PromQL wants it.
func (sp Spelling) Selector(name, matchers string) string {
	if spelled := sp[name]; spelled != "" {
		return "{" + strconv.Quote(spelled) + "," + matchers + "}"
	}
	return name + "{" + matchers + "}"
}

// Name is a metric's name as the server has it.
func (sp Spelling) Name(name string) string {
	if spelled := sp[name]; spelled != "" {
		return spelled
	}
	return name
}
