package wording

import (
	"fmt"
	"strconv"
	"strings"
)

func Percent(n, of int) string {
	if of == 0 {
		return "0 %"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*float64(n)/float64(of)), ".0") + " %"
}

// Listed joins names for a sentence, at most most of them.
func Listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func Counted(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// SeenIn says of what a count is that takes a request, whose trace or line was read,
// once, and a line that belongs to no request by itself.
func SeenIn(requests, lines int) string {
	read := numbered(requests, "request") + " read"
	switch {
	case requests == 0:
		return "in " + numbered(lines, "log line")
	case lines == 0:
		return "in " + read
	}
	return "in " + read + " and " + numbered(lines, "further log line")
}

// Lines is a number of log lines.
func Lines(n int) string { return numbered(n, "line") }

func numbered(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// Thousands is a whole number with thousands set apart.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	if n < 0 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
