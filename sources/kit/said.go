package kit

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What carries no status and no type of its own often names them in its text, as
// clients of gRPC, HTTP and the clouds word what they were answered. The reading
// side reads the same forms; a table holds both to each other.
var (
	// gRPC's in Go ("rpc error: code = NotFound desc = …"), Python ("StatusCode.NOT_FOUND"),
	// and Java and Node ("NOT_FOUND: …", "5 NOT_FOUND: …").
	saidCode = regexp.MustCompile(`\bcode = ([A-Za-z]+) desc = |\bStatusCode\.([A-Z_]+)\b|(?:^|[\s:(])([A-Z][A-Z_]{6,}):`)
	// HTTP's: axios, the AWS SDKs, Java, Python, a status line, and what curl, OpenAI's
	// and Google's clients call an error.
	saidStatus = regexp.MustCompile(`(?i)\b(?:HTTP/\d(?:\.\d)?|HTTP|status(?:[ _-]?code)?|response[ _-]?code|HTTP (?:error|response)(?: code)?|unexpected status)\s?[:=]?\s?"?([1-5]\d\d)\b|\b(?:error code|returned error|googleapi: error)\s?[:=]?\s?([45]\d\d)\b`)
	// A status with its reason: "404 Not Found", "[429 Too Many Requests]", and what
	// Python's requests makes of it.
	saidReason = regexp.MustCompile(`\b([45]\d\d) ([A-Z][A-Za-z' -]{2,40})`)
	// The name of an exception or of an error, as Java, .NET, Python and the clouds
	// put it before or into what they say.
	saidType = regexp.MustCompile(`\b(?:[A-Za-z_]\w*[.$])*[A-Z]\w+\b`)
)

// mostTypes is how many names in a text count.
const mostTypes = 64

// said are the status and the types that a text names; empty for none.
func said(text string) (status string, types []string) {
	text = text[:min(len(text), longestText)]
	return statusIn(text), saidType.FindAllString(text, mostTypes)
}

// statusIn is the status that a text names; of several one that breaks a promise, else
// the first.
func statusIn(text string) string {
	all := statusesIn(text)
	if i := slices.IndexFunc(all, breaks); i >= 0 {
		return all[i]
	}
	return append(all, "")[0]
}

// breaks reports whether a status is that of a server that failed or was too late.
func breaks(status string) bool {
	return serverFailed(status) || slices.Contains([]string{"408", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED"}, status)
}

func statusesIn(text string) (all []string) {
	for _, m := range saidCode.FindAllStringSubmatch(text, mostTypes) {
		if code := canonical(m[1] + m[2] + m[3]); slices.Contains(grpcCodes[:], code) && code != "OK" && code != "UNKNOWN" {
			all = append(all, code)
		}
	}
	for _, m := range saidStatus.FindAllStringSubmatch(text, mostTypes) {
		all = append(all, m[1]+m[2])
	}
	for _, m := range saidReason.FindAllStringSubmatch(text, mostTypes) {
		n, _ := strconv.Atoi(m[1])
		reason := http.StatusText(n)
		if reason != "" && strings.HasPrefix(strings.ToLower(m[2]), strings.ToLower(reason)) || strings.HasPrefix(m[2], "Client Error") || strings.HasPrefix(m[2], "Server Error") {
			all = append(all, m[1])
		}
	}
	return all
}
