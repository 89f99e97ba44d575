// Package endpoint says how a backend is reached: its address, credentials,
// TLS and limits, the same for every adapter, and how a call that failed is
// told to the engine.
//
// Backends come from the operator's configuration alone. Still, what they
// answer is not trusted: bodies are bounded, redirects stay on the host, and
// error text is cleaned before anybody shows or logs it.
package endpoint
