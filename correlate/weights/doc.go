// Package weights holds every number by which the engine decides, in one block
// that is passed in: see [Set]. It begins with weights.go, and each part stands in
// the file of the step that reads it.
package weights
