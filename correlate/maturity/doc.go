// Package maturity judges a service by the maturity model: five levels, each of
// checks that pass, warn, fail or are inconclusive. A level is reached when every
// check of it and of all levels below passes or warns; an inconclusive one does
// not pass.
//
// It is pure: what was found out arrives as Facts, and incidents with their
// reports, so that a CI job, the API and the command line give the same answer.
// One check is one file, with a page in help.
package maturity
