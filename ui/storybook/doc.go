// Package storybook shows every state of every page without a backend: canned
// reports of invented incidents and a store in memory that answers all of
// ui's ports with them. Tests walk through it, in a browser and without one,
// and
//
//	go test ./ui -run Storybook -listen 127.0.0.1:23000
//
// serves it for looking at.
package storybook
