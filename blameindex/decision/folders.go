package decision

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// DefaultFolders are where records are looked for in a repository, whether they
// are there now or were once.
func DefaultFolders() []string {
	return []string{"decisions", "decision-log", "adr", "docs/decisions", "docs/adr", "docs/adrs", "doc/adr", "docs/architecture/decisions", "docs/architecture-decisions", "doc/architecture/decisions"}
}

// DefaultGlobs match the records in them.
func DefaultGlobs() []string { return inFolders(DefaultFolders()) }

func inFolders(dirs []string) []string {
	var out []string
	for _, dir := range dirs {
		out = append(out, dir+"/**/*.{"+strings.Join(recordExtensions, ",")+"}")
	}
	return out
}

// recordFolder is what people call a folder of records, wherever it lies: a
// repository of many services has one in each. A folder of "decisions" is one of
// documents only below others of documents.
var recordFolder = regexp.MustCompile(`(?i)(?:^|/)(?:\.?adrs?|architect(?:ure|ural)[-_ ]decision(?:s|[-_ ]records?)|decision[-_ ](?:records?|log)|(?:docs?|documentation|architecture|design|handbook)(?:/[^/]+)*/decisions)$`)

// foreignFolder holds what other projects wrote, or what tests read.
var foreignFolder = regexp.MustCompile(`(?:^|/)(?:node_modules|vendor|third_party|testdata|\.git)(?:/|$)`)

// mostFolders bounds how many folders of one tree are looked into.
const mostFolders = 200

// FolderGlobs match the records in the folders of a tree that are called as
// people call folders of records, and in those that .adr-dir files name: named
// are, by the path of such a file, what it says (adr-tools).
func FolderGlobs(paths []string, named map[string]string) []string {
	found := map[string]bool{}
	for _, p := range paths {
		if hasRecordExtension(p) {
			for dir := path.Dir(p); dir != "." && dir != "/" && !found[dir]; dir = path.Dir(dir) {
				if recordFolder.MatchString(dir) && !foreignFolder.MatchString(dir) {
					found[dir] = true
				}
			}
		}
	}
	for file, says := range named {
		if dir := path.Join(path.Dir(file), strings.TrimSpace(says)); dir != "." && !strings.HasPrefix(dir, "..") && !strings.ContainsAny(dir, "*?[{\\\n") {
			found[dir] = true
		}
	}
	var dirs []string
	for dir := range found {
		if !strings.ContainsAny(dir, "*?[{\\") {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return inFolders(dirs[:min(len(dirs), mostFolders)])
}

var numberedID = regexp.MustCompile(`(?i)^(?:adrs?[-_ .]?)*0*([0-9]{1,6})$`)

// SameNumber is equal for two IDs that are one number of architecture decision
// records, however it is spelled: ADR-2, ADR-0002, adr_002, 0002. It is the ID
// itself for others.
func SameNumber(id string) string {
	if m := numberedID.FindStringSubmatch(id); m != nil {
		return "ADR-" + m[1]
	}
	return id
}
