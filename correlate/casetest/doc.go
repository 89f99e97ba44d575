// Package casetest builds evidence for the tests of the engine's rooms.
package casetest
