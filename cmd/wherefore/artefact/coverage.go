package artefact

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/cover" // Go's own reader of coverage profiles

	"github.com/wherefore-dev/wherefore/correlate/maturity"
)

// generated is the line by which Go tools mark what nobody writes by hand.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// Coverage reads a coverage profile of the module whose go.mod lies in source.
// Files that are generated are left out.
func Coverage(file, source string) (*maturity.Coverage, error) {
	content, at, err := read(file)
	if err != nil {
		return nil, err
	}
	module, err := moduleOf(source)
	if err != nil {
		return nil, err
	}
	profiles, err := cover.ParseProfilesFromReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s:%d: no coverage profile: %w", file, lineNamed(content, err), err)
	}
	out := &maturity.Coverage{At: at}
	for _, p := range profiles {
		rest, ok := strings.CutPrefix(p.FileName, module+"/")
		if !ok {
			return nil, fmt.Errorf("%s:%d: %s is of another module than %s: take the profile of this one", file, lineWith(content, p.FileName), p.FileName, module)
		}
		src, err := os.ReadFile(filepath.Join(source, filepath.FromSlash(rest)))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s does not exist under %s: the profile is of another revision", file, lineWith(content, p.FileName), rest, source)
		}
		skip := generated.Match(src)
		for _, b := range p.Blocks {
			switch {
			case skip:
				out.Generated += b.NumStmt
			case b.Count > 0:
				out.Covered, out.Statements = out.Covered+b.NumStmt, out.Statements+b.NumStmt
			default:
				out.Statements += b.NumStmt
			}
		}
	}
	return out, nil
}

func moduleOf(source string) (string, error) {
	file := filepath.Join(source, "go.mod")
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%w; name the folder of the module with --source", err)
	}
	if name := modfile.ModulePath(b); name != "" {
		return name, nil
	}
	return "", fmt.Errorf("%s:1: it names no module", file)
}

// lineNamed is the line that an error of the reader quotes, 1 when it quotes none.
func lineNamed(content []byte, err error) int {
	n := 0
	for line := range bytes.Lines(content) {
		n++
		if text := strings.TrimRight(string(line), "\r\n"); text != "" && strings.Contains(err.Error(), strconv.Quote(text)) {
			// A second profile's first line is no block, the first one's is none either.
			if n > 1 || !strings.HasPrefix(text, "mode: ") {
				return n
			}
		}
	}
	return 1
}

func lineWith(content []byte, text string) int {
	return 1 + bytes.Count(content[:max(0, bytes.Index(content, []byte(text)))], []byte("\n"))
}
