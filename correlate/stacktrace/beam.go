package stacktrace

import (
	"regexp"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// Frames of Erlang's machine: as Elixir prints them, as a term of either
// language, whose reasons to end hold the trace, and as Erlang's reports do.
var (
	exFrame  = regexp.MustCompile(`^\s+(?:\(([\w.]+)(?: [\w.\-+]+)?\) )?(\S+\.(?:ex|exs|eex|heex|erl)):(\d+): (\S.*?)\s*$`)
	exTerm   = regexp.MustCompile(`\{(:?[\w.]+), :"?([\w?!/-]+)"?, (?:\d+|\[.*?\]), \[file: (?:~c)?["']([^"']+)["'], line: (\d+)`)
	erlTerm  = regexp.MustCompile(`\{'?([\w.]+)'?,'?([\w?!/-]+)'?,(?:\d+|\[.*?\]),\[\{file,"([^"]+)"\},\{line,(\d+)\}`)
	erlFrame = regexp.MustCompile(`^\s*in (?:function|call from)\s+(?:'?([\w.]+)'?:)?'?([\w?!-]+)'?/\d+ \((\S+\.(?:ex|exs|erl)), line (\d+)\)`)
)

// otp are the applications of Elixir's runtime and usual libraries, whose frames
// are named as the service's own are: lib/… of the application in brackets.
var otp = regexp.MustCompile(`^(?:elixir|stdlib|kernel|logger|mix|ex_unit|phoenix\w*|plug\w*|cowboy|ranch|bandit|thousand_island|ecto\w*|db_connection|postgrex|myxql|tesla|finch|mint|oban|broadway|gen_stage|telemetry|absinthe|jason|hackney|httpoison|grpc)$`)

// termLines puts each frame of a trace that is a term on a line of its own.
func termLines(text string) string {
	if strings.Contains(text, "[file: ") || strings.Contains(text, "[{file,") {
		return strings.NewReplacer("]}, {", "]}\n{", "]},{", "]}\n{").Replace(text)
	}
	return text
}

func parseBeam(line string) (evidence.Frame, Language) {
	if m := exFrame.FindStringSubmatch(line); m != nil && !otp.MatchString(m[1]) {
		return frame(m[2], m[3], m[4]), Elixir
	}
	// These name no application; what has no folder is the runtime's.
	if m := firstOf(line, exTerm, erlTerm, erlFrame); m != nil && strings.Contains(m[3], "/") && !otp.MatchString(applicationOf(m[1])) {
		return frame(m[3], m[4], strings.TrimPrefix(strings.TrimPrefix(m[1], "Elixir."), ":")+"."+m[2]), Elixir
	}
	return evidence.Frame{}, Unknown
}

// applicationOf is the application that a module of Elixir is called after:
// Phoenix.Endpoint is of phoenix, DBConnection.Holder of db_connection.
func applicationOf(module string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(module, "Elixir."), ".")
	switch first {
	case "GenServer", "Task", "Agent", "Supervisor", "Enum", "Map", "Keyword", "Access", "Kernel", "String", "Process", "Registry", "Stream", "File", "Logger":
		return "elixir"
	case "DBConnection":
		return "db_connection"
	}
	return strings.ToLower(first)
}
