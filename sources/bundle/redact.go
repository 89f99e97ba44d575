package bundle

import "github.com/wherefore-dev/wherefore/correlate/evidence/mask"

// Redactor masks secrets in what a bundle holds, and counts them by kind. A nil
// one changes nothing.
type Redactor = mask.Masker

// NewRedactor makes a redactor that has masked nothing yet.
func NewRedactor() *Redactor { return mask.New() }
