package mechanism

import (
	"path"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Kind says what sort of file a path names, as far as a fault is concerned.
type Kind int

// The kinds of file. Only the first three can hurt a running system.
const (
	Code Kind = iota
	Config
	Manifest // dependency manifests and container files
	Test
	Document
	Build // continuous integration, linters, ownership
	Asset // styles, pictures, fonts
	Lock  // generated from a manifest
	Vendored
	Generated
)

// KindOf classifies a path. An empty or unknown one is code, the kind that is
// looked at hardest.
func KindOf(p string) Kind {
	p = strings.ToLower(strings.TrimPrefix(p, "./"))
	base, ext := path.Base(p), path.Ext(p)
	switch {
	case isLock(base):
		return Lock
	case isVendored(p):
		return Vendored
	case isGenerated(base):
		return Generated
	case isManifest(base, ext):
		return Manifest
	case isTest(p, base):
		return Test
	case isBuild(p, base):
		return Build
	case isDocument(p, base, ext):
		return Document
	}
	switch ext {
	case ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".woff", ".woff2", ".ttf", ".eot":
		return Asset
	case ".yaml", ".yml", ".json", ".toml", ".ini", ".conf", ".cfg", ".properties", ".env", ".tf", ".tfvars", ".hcl", ".xml", ".cnf":
		return Config
	}
	if strings.HasPrefix(base, ".env") {
		return Config
	}
	return Code
}

// Innocent reports whether no change to a file of this kind can hurt a running
// system.
func (k Kind) Innocent() bool { return k > Manifest }

func isLock(base string) bool {
	switch base {
	case "go.sum", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "pipfile.lock", "cargo.lock", "gemfile.lock", "composer.lock", "packages.lock.json":
		return true
	}
	return false
}

// isVendored reports a dependency's file that lies in the repository: what it
// does is said by the manifest's line.
func isVendored(p string) bool {
	f := evidence.Frame{File: p}
	return f.Origin() == evidence.OriginVendored || f.Installed() != ""
}

// isGenerated reports a file that a program wrote, by the names that generators
// give. What it was made from is in the repository too.
func isGenerated(base string) bool {
	for _, part := range []string{".pb.", ".pb-", "_pb2.", "_pb2_grpc.", "_generated.", ".generated.", "zz_generated", "_templ.go", ".min.js", ".min.css", ".bundle.js", ".chunk.js", ".designer.cs", ".g.cs", ".g.dart", "bindata.go"} {
		if strings.Contains(base, part) {
			return true
		}
	}
	return strings.HasSuffix(base, ".map") || strings.HasSuffix(base, ".snap")
}

// saysGenerated is how generators mark their files where the names do not tell.
func saysGenerated(line string) bool {
	return strings.Contains(line, "DO NOT EDIT") && strings.Contains(strings.ToLower(line), "generated") || strings.Contains(line, "@generated")
}

func isManifest(base, ext string) bool {
	switch base {
	case "go.mod", "package.json", "pom.xml", "pyproject.toml", "setup.py", "setup.cfg", "pipfile", "gemfile", "cargo.toml", "composer.json", "build.gradle", "build.gradle.kts", "directory.packages.props":
		return true
	}
	return ext == ".csproj" || ext == ".gemspec" || strings.HasPrefix(base, "dockerfile") || strings.HasSuffix(base, ".dockerfile") ||
		strings.HasPrefix(base, "requirements") && ext == ".txt" || base == "versions.props" || base == "libs.versions.toml"
}

func isTest(p, base string) bool {
	for _, part := range []string{"_test.", ".test.", ".spec.", "_spec.", "tests.", "test.java", "test.kt", "test.cs", "it.java"} {
		if strings.Contains(base, part) {
			return true
		}
	}
	if strings.HasPrefix(base, "test_") || strings.HasPrefix(base, "conftest.") {
		return true
	}
	return hasSegment(p, "test", "tests", "testdata", "__tests__", "__mocks__", "spec", "specs", "e2e", "fixtures", "mocks")
}

func isBuild(p, base string) bool {
	if hasSegment(p, ".github", ".circleci", ".gitlab", ".buildkite", ".husky", ".vscode", ".idea") {
		return true
	}
	switch base {
	case "codeowners", "makefile", "jenkinsfile", ".gitignore", ".gitattributes", ".editorconfig", ".dockerignore", ".mailmap", "renovate.json", "dependabot.yml", ".travis.yml", "azure-pipelines.yml", ".pre-commit-config.yaml", "tslint.json", "cloudbuild.yaml":
		return true
	}
	for _, prefix := range []string{".golangci", ".eslint", ".prettier", ".gitlab-ci", ".rubocop", ".stylelint", ".flake8", ".pylintrc"} {
		if strings.HasPrefix(base, prefix) {
			return true
		}
	}
	return false
}

func isDocument(p, base, ext string) bool {
	switch ext {
	case ".md", ".mdx", ".rst", ".adoc", ".txt":
		return base != "cmakelists.txt"
	}
	switch base {
	case "license", "notice", "authors", "changelog", "readme", "contributing":
		return true
	}
	return hasSegment(p, "docs", "doc", "documentation")
}

func hasSegment(p string, names ...string) bool {
	for seg := range strings.SplitSeq(path.Dir(p), "/") {
		for _, n := range names {
			if seg == n {
				return true
			}
		}
	}
	return false
}

// comments says how a language writes them.
type comments struct {
	line  []string // to the end of the line
	block bool     // /* ... */
	xml   bool     // <!-- ... -->
}

func commentsOf(p string) comments {
	base := strings.ToLower(path.Base(p))
	switch path.Ext(base) {
	case ".py", ".rb", ".sh", ".bash", ".yaml", ".yml", ".toml", ".properties", ".env", ".conf", ".cfg", ".mk", ".pl", ".ex", ".exs":
		return comments{line: []string{"#"}}
	case ".ini", ".cnf":
		return comments{line: []string{"#", ";"}}
	case ".sql":
		return comments{line: []string{"--"}, block: true}
	case ".tf", ".hcl", ".php":
		return comments{line: []string{"#", "//"}, block: true}
	case ".xml", ".html", ".csproj", ".vue":
		return comments{xml: true}
	case ".json":
		return comments{}
	}
	if strings.HasPrefix(base, "dockerfile") {
		return comments{line: []string{"#"}}
	}
	return comments{line: []string{"//"}, block: true}
}

// strip returns a line without comments, with runs of blanks outside of quotes
// made one; inBlock says whether the line begins, and then ends, within a block
// comment.
func (c comments) strip(text string, inBlock bool) (string, bool) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return "", inBlock
	}
	if !inBlock && c.block && strings.HasPrefix(trimmed, "*") && (len(trimmed) == 1 || trimmed[1] == ' ' || trimmed[1] == '/') {
		return "", false // the middle of a block comment whose start is not in the excerpt
	}
	var b strings.Builder
	var quote byte
	blank := false
	for i := 0; i < len(trimmed); i++ {
		rest := trimmed[i:]
		if inBlock {
			if n := blockEnd(rest, c.xml); n > 0 {
				i, inBlock = i+n-1, false
			}
			continue
		}
		ch := trimmed[i]
		if quote == 0 {
			if c.startsLine(rest, i == 0 || trimmed[i-1] == ' ' || trimmed[i-1] == '\t') {
				break
			}
			if c.block && strings.HasPrefix(rest, "/*") || c.xml && strings.HasPrefix(rest, "<!--") {
				i, inBlock = i+1, true
				continue
			}
			if ch == ' ' || ch == '\t' {
				blank = true
				continue
			}
		}
		quote = quoteAfter(quote, ch, i > 0 && trimmed[i-1] == '\\')
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteByte(ch)
	}
	return b.String(), inBlock
}

// startsLine reports whether a comment to the end of the line begins here. A
// hash or a pair of dashes only counts after a blank, since both also occur
// within values.
func (c comments) startsLine(rest string, afterBlank bool) bool {
	for _, mark := range c.line {
		if strings.HasPrefix(rest, mark) && (afterBlank || mark == "//" && !strings.HasPrefix(rest, "///")) {
			return true
		}
	}
	return false
}

func blockEnd(rest string, xml bool) int {
	end := "*/"
	if xml {
		end = "-->"
	}
	if strings.HasPrefix(rest, end) {
		return len(end)
	}
	return 0
}

// quoteAfter is the open quote after a character. An apostrophe within a word
// is not told from a quote: at worst a comment stays in the line.
func quoteAfter(open, ch byte, escaped bool) byte {
	switch {
	case escaped:
		return open
	case open == ch:
		return 0
	case open == 0 && (ch == '"' || ch == '\'' || ch == '`'):
		return ch
	}
	return open
}
