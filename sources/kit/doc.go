// Package kit is what a Go service imports so that incidents of it can be
// explained: requests measured and named by one import, lines that carry their
// trace, decisions that are logged whole, health that says what is wrong.
//
// It is a module of its own. It knows OpenTelemetry's API, zap and gRPC, and
// nothing of the program that reads what it writes; the service chooses the SDK,
// the exporters and where lines go. docs/kit.md has a program that runs.
//
// A [Kit] is made once ([New]) and is safe for concurrent use. Every name that
// becomes a label is the service's own; nothing that a caller sends becomes one.
package kit
