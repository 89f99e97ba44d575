// Package weights holds what the rules' findings are worth.
package weights
