// Package decision reads, checks and writes the decision record: why, what,
// who, when and how somebody decided something, kept beside the code that it
// governs.
//
// A record is a YAML file, a Markdown file with front matter, or a MADR 4.0
// document (https://adr.github.io/madr/). All five dimensions are mandatory; a
// record that fails names every missing or wrong one with its line. Unknown
// keys are tolerated: people keep more in a record than we read.
//
// The package does no input or output of its own: it is handed bytes and a
// path to quote in messages. All of it is untrusted.
package decision
