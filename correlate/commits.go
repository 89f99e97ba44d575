package correlate

// scoreCommits ranks the candidate commits as suspects of one cause, best
// first; none when no commit can be behind it.
func scoreCommits(_ *Case, _ *Cause) []CommitScore { return nil }
