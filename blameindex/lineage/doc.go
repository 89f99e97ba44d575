// Package lineage finds who owns the lines of many files in one pass over
// history, with exactly git blame's answer.
//
// git blame starts at a file and walks back: at each commit it compares the
// whole file with each parent's, hands what is unchanged to the parents in
// order, and keeps the rest. What becomes of a line at a commit depends on the
// two contents alone and not on which other lines are still asked for, so the
// walk can be turned round and shared:
//
//  1. History is listed once, children before parents.
//  2. The set of files asked for moves back along it. A file that a commit did
//     not touch moves on with the whole set, at no cost; one that it changed
//     becomes a node, and its parents' files are asked for in its place. Where
//     branches fork, the sets of the children are united.
//  3. The nodes' differences are read from git, oldest first: git's own diff,
//     since its heuristics decide which lines count as unchanged.
//  4. Each node's ownership is its parents' ownership, seen through the
//     differences; what no parent has belongs to the node's commit.
//
// Renames are git blame's whole-file renames: looked for only when the path is
// not in the parent, with that path as the only destination (blame.c,
// find_rename). Files that are known from an earlier pass end the walk where
// they are met.
package lineage
