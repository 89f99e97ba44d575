// Package ui is what people and programs see of wherefore: server-rendered
// pages, the JSON API, exports and static assets.
//
// It reads and writes through the small interfaces of ports.go and knows no
// database, no queue and no backend. Every page is built in three steps: a
// handler asks the ports, a function turns the answer into a view model
// without asking anything further, a templ component writes the view model
// and decides nothing. Every text is taken to be hostile: it is escaped by
// templ, control characters are made visible before that, links are http or
// https only, and the content security policy forbids inline script and style.
package ui
