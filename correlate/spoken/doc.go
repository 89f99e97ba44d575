// Package spoken reads what a text says in words, as opposed to what merely
// stands in it: the words of an error message count, the letters of a stack
// frame, a path, a package name, an ID, a duration or a user agent do not. It is
// the one place where text from telemetry becomes words to compare phrases with.
package spoken
