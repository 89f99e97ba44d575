// Package action decides what is asked of a target on an incident's behalf, and
// how far that may go without a person.
//
// [Decide] is pure: a report, the rules of the configuration, the decision records
// that they name and a clock go in, actions come out. It asks nothing and stores
// nothing; the casebook holds actions back where another one of the service is
// open or has just been, since that must be judged where it is stored.
package action
