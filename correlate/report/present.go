package report

import "time"

// Present is whether the rules of an incident's alerts still fire.
type Present struct {
	At    time.Time `json:"at"`
	Fires string    `json:"fires"` // Yes, No or Unknown
	// Since is from when on no rule has fired, zero where none fired in the minutes
	// that were looked at, or where one still does.
	Since time.Time `json:"since,omitzero"`
	Says  string    `json:"says"` // in one sentence
	// Conditions are the comparisons that the rules are made of, worst series first.
	Conditions []PresentCondition `json:"conditions,omitempty"`
}

// PresentCondition is one comparison of a rule with the newest value of the series
// that is worst.
type PresentCondition struct {
	Expr  string    `json:"expr"`
	Op    string    `json:"op"`
	Limit float64   `json:"limit"`
	Value float64   `json:"value"`
	At    time.Time `json:"at"`
	Holds bool      `json:"holds"` // it does not fire
}
