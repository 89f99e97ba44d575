// Package signal holds the rules that find what speaks for a cause: one rule, one
// file, one id, one page of help.
package signal
