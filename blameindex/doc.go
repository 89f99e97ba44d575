// Package blameindex answers, from SQLite alone, which commit introduced a
// line of a file at a deployed revision and which recorded decision is behind
// it. The answer is exactly git blame's.
//
// How it comes to be:
//
//  1. Index lists the files of each revision, binary and huge ones aside.
//  2. Package lineage finds who owns which lines of them: one pass over
//     history for many files, git blame itself for a few.
//  3. Ownership is stored as runs of lines, once for each content and history,
//     and a revision as its difference to another one.
//  4. Decision records, tags in comments, trailers and CODEOWNERS of the same
//     revision are stored beside it.
//  5. Why joins the two: line, commit, decisions, owners.
//
// One process writes at a time, any number read. A database survives being
// killed at any moment and goes on where it stopped.
package blameindex
