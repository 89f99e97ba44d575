package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Start is what a first configuration says.
type Start struct {
	Jaeger, Loki, Prometheus string // empty ones are left out
	// JaegerPages is the address of Jaeger's pages, empty where it is not known.
	JaegerPages string
	// Repository is the folder or address of the code, empty without one.
	Repository string
	// Services are the folders of services in it, by service.
	Services map[string]string
	// Known are services that have traces, for where no folder was found.
	Known []string
}

// YAML is the configuration, with a word about each part that is not there.
func (s Start) YAML() string {
	var b strings.Builder
	b.WriteString("# Every key is in docs/configuration.md.\nsources:\n")
	for _, x := range []struct{ key, address, lost string }{
		{Jaeger, s.Jaeger, "127.0.0.1:16685   # without traces nothing is joined, and callers are not told from callees"},
		{Loki, s.Loki, "http://127.0.0.1:3100   # without logs no error is read in its own words"},
		{Prometheus, s.Prometheus, "http://127.0.0.1:9090   # without metrics onset, resources and saturation are not judged"},
	} {
		if x.address != "" {
			fmt.Fprintf(&b, "  %s: {address: %q}\n", x.key, x.address)
		} else {
			fmt.Fprintf(&b, "  # %s: {address: %s\n", x.key, strings.Replace(x.lost, "   #", "}   #", 1))
		}
	}
	if s.Jaeger == "" && s.Loki == "" && s.Prometheus == "" {
		b.WriteString("  {}\n")
	}
	b.WriteString(s.links())
	if s.Repository == "" || len(s.Services) == 0 {
		url := s.Repository
		if url == "" {
			url = "https://git.example/shop.git"
		}
		fmt.Fprintf(&b, "\n# Without code no line leads to a commit. Name each service's folder, \".\" for all.\n# repositories: [{name: code, url: %q, services: {%s}}]\n", url, s.everywhere())
		return b.String()
	}
	fmt.Fprintf(&b, "\nrepositories:\n  - name: %q\n    url: %q\n    services:\n", strings.TrimSuffix(filepath.Base(s.Repository), ".git"), s.Repository)
	names := make([]string, 0, len(s.Services))
	for n := range s.Services { // sorted below
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Fprintf(&b, "      %q: %q\n", n, s.Services[n])
	}
	return b.String()
}

// everywhere puts the services that are known, or an example, into the repository's
// top folder.
func (s Start) everywhere() string {
	const most = 20 // a line for people to go through
	names := []string{"checkout"}
	if len(s.Known) > 0 {
		names = slices.Sorted(slices.Values(s.Known))
	}
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q: \".\"", n))
	}
	return strings.Join(list, ", ")
}

// links are where people go on from a page, as far as that can be told from the
// addresses that wherefore itself asks.
func (s Start) links() string {
	if s.JaegerPages == "" && s.Prometheus == "" {
		return ""
	}
	links := "\nlinks:   # as browsers reach them; explore for Grafana, line and commit for the code\n"
	if s.JaegerPages != "" {
		links += fmt.Sprintf("  trace: %q\n  search: %q\n", s.JaegerPages+"/trace/{trace:path}", s.JaegerPages+"/search")
	}
	if s.Prometheus != "" {
		links += fmt.Sprintf("  metrics: %q\n", MetricsLink(s.Prometheus))
	}
	return links
}

// MetricsLink is where Prometheus shows a query, as links.metrics has it.
func MetricsLink(prometheus string) string {
	return strings.TrimRight(prometheus, "/") + "/graph?g0.expr={query}&g0.tab=0&g0.range_input=1h&g0.end_input={toISO}"
}

// Write makes the file. One that is there stays as it is.
func (s Start) Write(file string) (err error) {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and is not overwritten; give another name with --output", file)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(s.YAML())
	return errors.Join(err, f.Close())
}

// Folders finds the folder of each service in a repository's working tree by its
// name: at the top, or below a folder for services. What is not found is left
// out.
func Folders(root string, services []string) map[string]string {
	found := map[string]string{}
	for _, s := range services {
		if s == "" || s == "." || s == ".." || strings.ContainsAny(s, `/\`) {
			continue
		}
		for _, below := range []string{"", "services", "src", "apps", "cmd", "internal"} {
			if st, err := os.Stat(filepath.Join(root, below, s)); err == nil && st.IsDir() {
				found[s] = filepath.ToSlash(filepath.Join(below, s))
				break
			}
		}
	}
	return found
}
