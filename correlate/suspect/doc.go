// Package suspect ranks the commits and changes that may have set a cause off, and
// the answer that it was none of them.
package suspect
