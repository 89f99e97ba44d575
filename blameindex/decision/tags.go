package decision

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	inlineTag = regexp.MustCompile(`\bdecision:\s?([A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?)`)
	trailer   = regexp.MustCompile(`(?im)^decision:[ \t]*([A-Za-z0-9][A-Za-z0-9._, -]{0,200})[ \t]*\r?$`)
	reviewed  = regexp.MustCompile(`(?im)^reviewed-by:[ \t]*(.+?)[ \t]*\r?$`)
	codePlace = regexp.MustCompile(`([A-Za-z0-9_./-]+\.[A-Za-z][A-Za-z0-9]{0,9}):([1-9][0-9]{0,6})\b`)
	commented = regexp.MustCompile(`//|/\*|^\s*\*|#|<!--|--|;|%|\{-|^\s*'|"""|\{\{/\*`)
)

// Tags returns the decision IDs that a line of code carries in a comment, as
// "// decision:DEC-2024-0872" or "<!-- decision:ADR-047 -->".
func Tags(line string) []string {
	if !strings.Contains(line, "decision:") { // nearly every line
		return nil
	}
	var out []string
	for _, m := range inlineTag.FindAllStringSubmatchIndex(line, 8) {
		if commented.MatchString(line[:m[0]]) {
			out = append(out, line[m[2]:m[3]])
		}
	}
	return out
}

// Trailers returns the decision IDs of a commit message's "Decision: ID" lines,
// which may name several with commas between.
func Trailers(message string) []string {
	var out []string
	for _, m := range trailer.FindAllStringSubmatch(message, 16) {
		for _, id := range strings.Split(m[1], ",") {
			if id = strings.TrimSpace(id); id != "" && !strings.Contains(id, " ") {
				out = append(out, id)
			}
		}
	}
	return out
}

// Reviewers returns what stands in a message's Reviewed-by trailers.
func Reviewers(message string) []string {
	var out []string
	for _, m := range reviewed.FindAllStringSubmatch(message, 16) {
		out = append(out, m[1])
	}
	return out
}

// FindReferences returns the places in code named in a text as file.go:line.
func FindReferences(s string) []Reference {
	var out []Reference
	for _, m := range codePlace.FindAllStringSubmatch(s, 64) {
		n, err := strconv.Atoi(m[2])
		if err == nil && !strings.HasPrefix(m[1], "/") && !strings.Contains(m[1], "..") {
			out = append(out, Reference{Path: strings.TrimPrefix(m[1], "./"), Line: n})
		}
	}
	return out
}
