package evidence

import (
	"path"
	"regexp"
	"strings"
)

// foreign are marks of code that belongs to the runtime or to a dependency and
// so is not in the service's repository. A vendored path is not among them: it
// is in the repository. Nor is /go/src, where images made from the golang one
// put the service itself.
var foreign = regexp.MustCompile(`(?:^|/)(?:` +
	`usr/local/go/src|usr/lib/go[-.\d]*/src|goroot/src|hostedtoolcache/(?:windows/)?go/[^/]+/[^/]+/src|libexec/src|pkg/mod|` +
	`site-packages|dist-packages|lib/python[\d.]*|Python[\d.]+/lib|` +
	`node_modules|internal/modules|node:internal)/` +
	`|^node:|^<|^runtime/|^/_/src/|(?i)^[a-z]:/program files` +
	`|^(?:java|javax|jakarta|jdk|sun|com/sun|kotlin|kotlinx|scala|org/springframework|org/apache|org/hibernate|org/eclipse|io/netty|io/grpc|reactor)/`)

// trimmedModule is a dependency's file in a Go binary built with -trimpath:
// example.org/mod@v1.2.3/file.go.
var trimmedModule = regexp.MustCompile(`@v\d[^/]*/`)

// standard are the first elements of import paths of Go's standard library.
var standard = regexp.MustCompile(`^(?:archive|bufio|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|go|hash|html|image|index|internal|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|runtime|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|weak)(?:/|$)`)

// Slashed is the file with forward slashes and without the scheme, the loader's
// prefix and the query that Node.js and bundlers put around it.
func (f Frame) Slashed() string {
	name := strings.ReplaceAll(f.File, `\`, "/")
	for _, scheme := range []string{"file://", "webpack-internal:///", "webpack://", "app:///"} {
		if rest, ok := strings.CutPrefix(name, scheme); ok {
			name, _, _ = strings.Cut(rest, "?")
			if len(name) > 3 && name[0] == '/' && name[2] == ':' {
				name = name[1:] // file:///C:/…
			}
			break
		}
	}
	return name
}

// Package is the import path of a Go function, as example.org/shop/internal/ad
// of example.org/shop/internal/ad.(*Client).Get; empty when it has none.
func (f Frame) Package() string {
	name, _, _ := strings.Cut(f.Function, "[") // type arguments are paths themselves
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return ""
	}
	return strings.ReplaceAll(name[:slash+dot], "%2e", ".")
}

// Foreign reports code of the runtime or of a dependency, judged by its path
// and function alone.
func (f Frame) Foreign() bool {
	name := f.Slashed()
	if strings.Contains("/"+name, "/vendor/") {
		return false
	}
	if foreign.MatchString(name) || trimmedModule.MatchString(name) {
		return true
	}
	// Trimmed, the standard library has nothing before its import path.
	pkg := f.Package()
	return strings.HasSuffix(name, ".go") && standard.MatchString(pkg) && (path.Dir(name) == pkg || strings.HasSuffix(path.Dir(name), "/src/"+pkg))
}
