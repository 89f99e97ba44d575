package bundle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// Label is a bundle's ground truth for evaluation; each field is optional. It is
// written here, so that importers and recordings agree, and read by
// cmd/wherefore/eval alone.
type Label struct {
	Service string `json:"service,omitempty"`
	// Services are all that are to blame, where it is more than one.
	Services []string `json:"services,omitempty"`
	// AnyOf are answers of which each is right.
	AnyOf       []string `json:"any_of,omitempty"`
	Mechanism   string   `json:"mechanism,omitempty"`
	Trigger     string   `json:"trigger,omitempty"`
	Locus       []string `json:"locus,omitempty"`
	Commit      string   `json:"commit,omitempty"` // a SHA, or "none"
	Onset       string   `json:"onset,omitempty"`  // RFC 3339
	Remediation string   `json:"remediation,omitempty"`
	BlastRadius []string `json:"blast_radius,omitempty"`
	// Decoys are commits that look guilty and are not.
	Decoys []string `json:"decoys,omitempty"`
	// Abstain says that the evidence carries no verdict, so that the right
	// answer is to give none.
	Abstain bool `json:"abstain,omitempty"`
}

// Culprits are the entities that may be named as the first cause, each once, in
// the label's order; empty when the label names none.
func (l Label) Culprits() []string {
	var list []string
	for _, s := range slices.Concat([]string{l.Service}, l.Services, l.AnyOf) {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// WriteLabel writes the label beside a bundle's members. It is no member: no
// digest covers it, and Open passes it over.
func WriteLabel(dir string, l Label) error {
	raw, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, labelFile), append(raw, '\n'), 0o644)
}
