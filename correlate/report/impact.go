package report

import (
	"time"
)

// Impact says who is hit.
type Impact struct {
	Headline string   `json:"headline"`
	Facts    []string `json:"facts,omitempty"`
	// Chart is the alerting series that moved farthest, nil when none was read.
	Chart *Chart `json:"chart,omitempty"`
	// Services are hit, in the order in which they were.
	Services []string `json:"services,omitempty"`
	// Path is how the failure gets from the first cause to who alerts, each called by
	// the next; nil where no such chain of calls is known.
	Path []string `json:"path,omitempty"`
	// Burn is how many times faster than allowed the error budget burns, over
	// the shortest window known; 0 when unknown.
	Burn float64 `json:"burn,omitempty"`
	// Budgets are the error budgets that the alerts watch, the one that burns
	// fastest first; Burn is its worst rate.
	Budgets []Budget `json:"budgets,omitempty"`
	// Affected is the share of requests hit, 0 to 1; 0 when unknown.
	Affected float64 `json:"affected,omitempty"`
	// Fails is true where Affected is of requests that failed, and not of what an alert
	// counts.
	Fails bool `json:"fails,omitempty"`
	// Errors counts what came with the incident by what it means for the promise,
	// in the order fatal, recoverable, noisy.
	Errors []ErrorCount `json:"errors,omitempty"`
	// Splits say who of those who ask the alerting services is hit, by route and by what
	// the requests say of whom they are for, as far as that tells something.
	Splits []Split `json:"splits,omitempty"`
	// Milestones are the configured events of the business that were measured, in
	// the configuration's order.
	Milestones []MilestoneImpact `json:"milestones,omitempty"`
}

// Split is the sampled requests to a service since the onset, told apart by one thing
// that they say of themselves.
type Split struct {
	Service string `json:"service"`
	By      string `json:"by"`   // "route", or the name of a span attribute
	Says    string `json:"says"` // in one sentence
	Parts   []Part `json:"parts"`
	// Others is how many parts more there are, which are hit less.
	Others int `json:"others,omitempty"`
}

// Part is the requests of which one thing is the same; those that are hit failed, or
// took longer than nearly all did before, as the sentence says.
type Part struct {
	Name     string `json:"name"`
	Requests int    `json:"requests"`
	Hit      int    `json:"hit"`
	// RequestsBefore and HitBefore are the same of the time before the onset.
	RequestsBefore int `json:"requestsBefore,omitempty"`
	HitBefore      int `json:"hitBefore,omitempty"`
}

// MilestoneImpact is what was lost of an event that the business counts.
type MilestoneImpact struct {
	ID      string    `json:"id"`
	Says    string    `json:"says"` // in one sentence
	Service string    `json:"service,omitempty"`
	Step    string    `json:"step,omitempty"`
	Journey string    `json:"journey,omitempty"`
	Since   time.Time `json:"since"`
	// Lost of All were bad since the onset, Share of them; Usual is the share
	// before. Sampled tells that they are of sampled traces alone.
	Lost    float64  `json:"lost"`
	All     float64  `json:"all"`
	Share   float64  `json:"share"`
	Usual   *float64 `json:"usual,omitempty"`
	Sampled bool     `json:"sampled,omitempty"`
	// P99 is the 99th percentile in seconds until it is reached, at its worst since
	// the onset, and UsualP99 before.
	P99      *float64 `json:"p99,omitempty"`
	UsualP99 *float64 `json:"usualP99,omitempty"`
	// Hit tells that more is lost than usually, Here that its journey breaks at
	// this step.
	Hit  bool `json:"hit,omitempty"`
	Here bool `json:"here,omitempty"`
}

// BudgetWindow is how fast a budget burned over one window, at an instant of the
// incident.
type BudgetWindow struct {
	Window time.Duration `json:"window"`
	Burn   float64       `json:"burn"`
	At     time.Time     `json:"at"`
	// Few tells that there were too few events in the window to tell.
	Few bool `json:"few,omitempty"`
}

// Budget is one objective and how its error budget burns (docs/slo.md).
type Budget struct {
	SLO     string `json:"slo,omitempty"`
	Service string `json:"service,omitempty"`
	// Target is the share of good events, 0 when only the burn rate is known, and
	// TargetFrom where it stands: "expression", or a label or an annotation.
	Target     float64 `json:"target,omitempty"`
	TargetFrom string  `json:"targetFrom,omitempty"`
	// Factor is the burn rate at which the alert fires, 0 when unknown.
	Factor float64 `json:"factor,omitempty"`
	// Short and Long are the alert's windows, 0 when the rule does not say them;
	// the burn rates over them are the worst of the incident.
	Short     time.Duration `json:"short,omitempty"`
	Long      time.Duration `json:"long,omitempty"`
	BurnShort float64       `json:"burnShort,omitempty"`
	BurnLong  float64       `json:"burnLong,omitempty"`
	// Windows are the newest burn rates over each window that the alert or the
	// definition looks at, the shortest first.
	Windows []BudgetWindow `json:"windows,omitempty"`
	// Left is the share of the budget that is left, below 0 when it is overdrawn;
	// nil when nothing records it.
	Left *float64 `json:"left,omitempty"`
	// Period of the budget; Assumed when nobody says it.
	Period  time.Duration `json:"period"`
	Assumed bool          `json:"periodAssumed,omitempty"`
	// Lasts is how long what is left, or a whole budget, lasts at the newest burn
	// rate over the long window; 0 when it is used up or does not burn.
	Lasts time.Duration `json:"lasts,omitempty"`
	// ExhaustedAt is when it is used up at that rate, zero when Left is unknown.
	ExhaustedAt time.Time `json:"exhaustedAt,omitzero"`
	// Says is all of it in one sentence, Notes what limits it.
	Says  string   `json:"says"`
	Notes []string `json:"notes,omitempty"`
}
