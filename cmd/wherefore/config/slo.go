package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/slo"
)

// read finds the objectives of a configuration file and of the files that it
// names. The error has one sentence, with file and line, for each that is none.
func (s *SLO) read(file string) error {
	own, faults := slo.Specs(file, s.Objectives)
	named, wrong := SLOFiles(s.Files)
	all, twice := slo.Merge(own, named)
	s.specs = all
	if faults = slices.Concat(faults, wrong, twice); len(faults) == 0 {
		return nil
	}
	texts := make([]string, len(faults))
	for i, err := range faults {
		texts[i] = err.Error()
	}
	return errors.New(strings.Join(texts, "; "))
}

// maxSLOFiles bounds the files that patterns find.
const maxSLOFiles = 1000

// SLOFiles reads OpenSLO files. Each name may be a pattern, which has to find
// something.
func SLOFiles(patterns []string) ([]slo.Spec, []error) {
	var files []slo.File
	var errs []error
	for _, p := range patterns {
		names, err := filepath.Glob(p)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("slo.files: %q is no pattern of file names", p))
		case len(names) == 0:
			errs = append(errs, fmt.Errorf("slo.files: there is no file %s", p))
		}
		for _, name := range names {
			if len(files) == maxSLOFiles {
				return nil, append(errs, fmt.Errorf("slo.files: more than %d files, name fewer", maxSLOFiles))
			}
			content, err := os.ReadFile(name)
			if err != nil {
				errs = append(errs, fmt.Errorf("slo.files: %w", err))
				continue
			}
			files = append(files, slo.File{Name: name, Content: content})
		}
	}
	specs, wrong := slo.OpenSLO(files...)
	return specs, append(errs, wrong...)
}
