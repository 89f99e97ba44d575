package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

//go:embed openapi.json
var openAPIDocument []byte

// assets are the addresses of the static files; each carries a hash of its
// content, so that it may be cached for ever.
type assets struct{ css, js string }

func loadAssets() assets {
	return assets{css: hashed("app.css"), js: hashed("app.js")}
}

// What the files say to people alone, and is not served.
var (
	aside  = regexp.MustCompile(`(?s)/\*.*?\*/\n?|\n\s+`) // of a style sheet: comments and indentation
	remark = regexp.MustCompile(`(?m)^\s*//.*\n|^\s+`)    // of a script without texts over several lines: comments and indentation
)

// file is a static file as it is served.
func file(name string) ([]byte, error) {
	b, err := staticFiles.ReadFile("static/" + name)
	if strings.HasSuffix(name, ".css") {
		b = aside.ReplaceAllFunc(b, func(m []byte) []byte {
			if m[0] == '/' {
				return nil
			}
			return []byte("\n")
		})
	}
	if strings.HasSuffix(name, ".js") {
		b = remark.ReplaceAll(b, nil)
	}
	return b, err
}

func hashed(name string) string {
	b, err := file(name)
	if err != nil {
		panic("embedded file is missing: " + err.Error()) // the build put it there
	}
	sum := sha256.Sum256(b)
	return "/static/" + name + "?v=" + hex.EncodeToString(sum[:6])
}

// types of the static files; anything else is not there.
func contentType(name string) string {
	switch {
	case strings.HasSuffix(name, ".css"):
		return "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		return "text/javascript; charset=utf-8"
	case strings.HasSuffix(name, ".svg"):
		return "image/svg+xml"
	}
	return ""
}

func (s *server) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, err := file(name)
	kind := contentType(name)
	if err != nil || kind == "" {
		writeProblem(w, newProblem(http.StatusNotFound, "there is no such file"))
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age="+maxAge(r))
	_, _ = w.Write(b) // the client has gone
}

// maxAge is a year for an address with a hash, a minute without.
func maxAge(r *http.Request) string {
	if r.URL.Query().Has("v") {
		return "31536000, immutable"
	}
	return "60"
}

func (s *server) favicon(w http.ResponseWriter, r *http.Request) {
	r.SetPathValue("name", "icon.svg")
	s.static(w, r)
}

func (s *server) openAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	http.ServeContent(w, r, "openapi.json", time.Time{}, strings.NewReader(string(openAPIDocument)))
}
