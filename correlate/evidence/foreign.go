package evidence

import (
	"path"
	"regexp"
	"strings"
)

// Origin says whose code a frame is in, as far as its path and function tell.
// What tells better is asked first: whether the repository has the file, a
// candidate commit touches it, or it lies under the service's module or package.
type Origin int

// The origins of code, nearest first.
const (
	OriginUnknown  Origin = iota // maybe the service's own
	OriginVendored               // a dependency's that lies in the service's repository
	OriginForeign                // the runtime's or a dependency's
)

// foreign are marks of code that belongs to the runtime or to a dependency and
// so is not in the service's repository. /go/src is not among them, where images
// made from the golang one put the service itself.
var foreign = regexp.MustCompile(`(?:^|/)(?:` +
	`usr/local/go/src|usr/lib/go[-.\d]*/src|goroot/src|hostedtoolcache/(?:windows/)?go/[^/]+/[^/]+/src|libexec/src|pkg/mod|` +
	`site-packages|dist-packages|lib/python[\d.]*|Python[\d.]+/lib|` +
	`node_modules|internal/modules|node:internal|` +
	`\.cargo/(?:registry|git)|cargo/registry/src|rustlib/src|` +
	`gems/[\w.-]+-\d[\w.]*|lib/ruby(?:/[\d.]+)?|bundler/gems|` +
	`deps/[\w.-]+/(?:lib|src)|lib/(?:elixir|erlang)/lib|lib/ocaml|share/julia/(?:base|stdlib)|` +
	`usr/(?:include|share/crystal)|libsanitizer|compiler-rt|sysdeps|lib/zig/std|zig/lib/std|openresty/lualib|share/lua/[\d.]+|\.julia/packages)/` +
	`|^node:|^dart:|^<|^libraries/(?:base|ghc[\w-]*|containers|bytestring|text)/|^flutter/lib/|^runtime/|^/_/src/|^/?rustc/|^internal:|^_COROUTINE/|(?i:^[a-z]:/program files)` +
	`|^(?:java|javax|jakarta|jdk|sun|com/sun|com/google/common|com/fasterxml|com/zaxxer|com/mysql|com/microsoft/sqlserver|` +
	`kotlin|kotlinx|scala|akka|clojure|groovy|org/springframework|org/apache|org/hibernate|org/eclipse|org/postgresql|org/mariadb|` +
	`org/jboss|org/slf4j|ch/qos/logback|io/netty|io/grpc|io/micrometer|io/vertx|io/lettuce|io/undertow|okhttp3|okio|retrofit2|reactor|redis/clients)/`)

// builtin are the files of old Node.js versions, which had no scheme.
var builtin = regexp.MustCompile(`^(?:_\w+|assert|buffer|child_process|cluster|dgram|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|process|querystring|readline|repl|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib|internal/[\w/-]+)\.js$`)

// vendored are dependencies kept in a repository: Go's vendor folder, whose next
// part is a host, Composer's, Bundler's, Zend's and Rust's. A package that is
// only called vendor is none.
var vendored = regexp.MustCompile(`(?:^|/)(?:vendor/(?:[\w-]+\.[\w.-]+/|bundle/|cache/|composer/|gems/|[\w.-]+/[\w.-]+/(?:src|lib)/)|third_party/|_vendor/)`)

// trimmedModule is a dependency's file in a Go binary built with -trimpath:
// example.org/mod@v1.2.3/file.go.
var trimmedModule = regexp.MustCompile(`@v\d[^/]*/`)

// standard are the first elements of import paths of Go's standard library.
var standard = regexp.MustCompile(`^(?:archive|bufio|bytes|cmp|compress|container|context|crypto|database|debug|embed|encoding|errors|expvar|flag|fmt|go|hash|html|image|index|internal|io|iter|log|maps|math|mime|net|os|path|plugin|reflect|regexp|runtime|slices|sort|strconv|strings|structs|sync|syscall|testing|text|time|unicode|unique|unsafe|weak)(?:/|$)`)

// layer is the compilation that a bundler of one application in several parts
// puts before a module.
var layer = regexp.MustCompile(`^\([\w-]+\)/`)

// Slashed is the file with forward slashes and without the scheme, the loader's
// prefix and the query that Node.js and bundlers put around it.
func (f Frame) Slashed() string {
	name := strings.ReplaceAll(f.File, `\`, "/")
	for _, scheme := range []string{"file://", "webpack-internal:///", "webpack://", "app:///"} {
		if rest, ok := strings.CutPrefix(name, scheme); ok {
			name, _, _ = strings.Cut(rest, "?")
			if layer.MatchString(name) { // webpack-internal:///(rsc)/./src/…
				name = name[strings.IndexByte(name, ')')+2:]
			}
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

// Foreign reports code of the runtime or of a dependency outside the service's
// repository, judged by its path and function alone.
func (f Frame) Foreign() bool { return f.Origin() == OriginForeign }

// Origin tells whose code a frame is in by its path and function.
func (f Frame) Origin() Origin {
	name := f.Slashed()
	switch {
	case vendored.MatchString(name):
		return OriginVendored
	case foreign.MatchString(name), trimmedModule.MatchString(name), builtin.MatchString(name), f.trimmedStandard(name):
		return OriginForeign
	default:
		return OriginUnknown
	}
}

// installed is where an installer puts packages: Python's, Node's and Ruby's.
var installed = regexp.MustCompile(`(?:^|/)(?:(?:site|dist)-packages|node_modules(?:/@[^/]+)?|gems/[\w.-]+-\d[\w.]*)/`)

// Installed is the path of a file below the folder into which its package was
// installed, "" for one that is in none. A package may have been made from the
// service's own repository.
func (f Frame) Installed() string {
	name := f.Slashed()
	all := installed.FindAllStringIndex(name, -1)
	if len(all) == 0 {
		return ""
	}
	return name[all[len(all)-1][1]:]
}

// trimmedStandard reports a file of Go's standard library.
func (f Frame) trimmedStandard(name string) bool {
	// Trimmed, the standard library has nothing before its import path.
	pkg := f.Package()
	return strings.HasSuffix(name, ".go") && standard.MatchString(pkg) && (path.Dir(name) == pkg || strings.HasSuffix(path.Dir(name), "/src/"+pkg))
}
