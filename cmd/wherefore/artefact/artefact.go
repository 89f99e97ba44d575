// Package artefact reads what builds, tests and linters leave behind, and what
// source and manifests show, as facts for maturity checks. A file that is cut off
// or of another project is an error with file and line: a check must not pass, or
// fail, by it.
package artefact

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/wherefore-dev/wherefore/correlate/casefile"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Bounds on what is read.
const (
	maxFile = 256 << 20
	// mostPlaces is how many lines facts name of what may be thousands.
	mostPlaces = 20
	maxText    = 300
)

// mark stands at the beginning of what tools on Windows write, and is no part of it.
var mark = []byte("\ufeff")

// read reads a file and says when it was written.
func read(file string) ([]byte, time.Time, error) {
	st, err := os.Stat(file)
	if err != nil {
		return nil, time.Time{}, err //nolint:wrapcheck // names the file
	}
	if st.Size() > maxFile {
		return nil, time.Time{}, fmt.Errorf("%s: %d bytes, at most %d are read", file, st.Size(), maxFile)
	}
	b, err := os.ReadFile(file)
	return bytes.TrimPrefix(b, mark), st.ModTime().UTC(), err //nolint:wrapcheck // names the file
}

func add(list *[]casefile.CheckPlace, p casefile.CheckPlace) {
	p.Message = evidence.Excerpt(p.Message, maxText)
	if len(*list) < mostPlaces {
		*list = append(*list, p)
	}
}
