package report

// SourceState says what came of a source as a whole.
type SourceState string

// The states of a source.
const (
	// SourceSpeaks is one that told something about a known entity.
	SourceSpeaks SourceState = "speaks"
	// SourceSilent is one that answered and told nothing about any known entity,
	// neither in normal time nor in the incident.
	SourceSilent SourceState = "silent"
	// SourceFailed is one whose questions failed, SourcePartly one of which some did.
	SourceFailed SourceState = "failed"
	SourcePartly SourceState = "partly failed"
	// SourceNotRecorded is one that the recording should hold and does not.
	SourceNotRecorded SourceState = "not recorded"
	// SourceNotConfigured is one that the configuration, or the recording's
	// manifest, says is not there.
	SourceNotConfigured SourceState = "not configured"
)

// Standing is one source as a whole.
type Standing struct {
	Source string      `json:"source"` // traces, logs or metrics
	State  SourceState `json:"state"`
}

// Missing reports whether the source should have told something and did not.
func (s Standing) Missing() bool {
	return s.State == SourceSilent || s.State == SourceFailed || s.State == SourceNotRecorded
}

// UnknownName is a name that the alert gives and no source knows.
type UnknownName struct {
	Name string `json:"name"`
	// Near are known names that it may be a misspelling of, nearest first.
	Near []string `json:"near,omitempty"`
}

// Flaw is a fault of the telemetry itself that makes what it shows less sure.
type Flaw string

// The flaws.
const (
	FlawClockSkew  Flaw = "clocks disagree"
	FlawDuplicates Flaw = "span IDs repeat"
	FlawUnusable   Flaw = "records cannot be used"
)
