package maturity

import (
	"fmt"
	"strings"
)

var reproducible = Check{ID: "build-reproducible", Name: "The same source builds the same bytes", Level: 2, judge: judgeBuilds}

func judgeBuilds(in *Input) Outcome {
	b := in.Facts.Builds
	if b == nil || len(b.SHA256) < 2 {
		return missing("two builds of one revision are needed to compare, each made in a folder of its own")
	}
	for i, sum := range b.SHA256[1:] {
		if sum != b.SHA256[0] {
			return Outcome{Status: Fail, Message: fmt.Sprintf("%s and %s differ: %.12s and %.12s", nameAt(b.Names, 0), nameAt(b.Names, i+1), b.SHA256[0], sum)}
		}
	}
	return Outcome{Status: Pass, Message: fmt.Sprintf("%s are the same bytes, SHA-256 %s", strings.Join(b.Names, " and "), b.SHA256[0])}
}

func nameAt(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("build %d", i+1)
}
