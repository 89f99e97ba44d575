package decision

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	comment = regexp.MustCompile(`<!--.*?-->`)
	// bySuccessor finds who replaces a record. "Superceded" is how adr-tools spells
	// it.
	bySuccessor = regexp.MustCompile(`(?i)\b(?:superse?eded|superceded|replaced|obsoleted|ersetzt|remplacé)[- ]+(?:by|durch|par)\b:?\s*(.+)`)
	link        = regexp.MustCompile(`\[([^\]]*)\]\(\s*<?([^)>\s]+)>?[^)]*\)`)
	recordName  = regexp.MustCompile(`(?i)\b(?:[A-Z]{2,8}-(?:[0-9]{4}-)?[0-9]+|ADR[ #-]*[0-9]+)\b`)
	bareNumber  = regexp.MustCompile(`^#?\s*([0-9]{1,6})\b`)
)

// successor is who a status says replaces the record: the target of a link, else
// a name, else the text; empty when it says nothing of the kind. Link makes it
// the ID of a record.
func successor(s string) string {
	m := bySuccessor.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	rest := strings.Trim(strings.TrimSpace(comment.ReplaceAllString(m[1], "")), `"'.`)
	if l := link.FindStringSubmatch(rest); l != nil {
		return l[2]
	}
	if name := recordName.FindString(rest); name != "" {
		return name
	}
	if n := bareNumber.FindStringSubmatch(rest); n != nil {
		return n[1]
	}
	return rest
}

var statusWord = regexp.MustCompile(`^[\p{L}]+`)

// readStatus reads "accepted", "Accepted (2020-05-01)" and "superseded by
// [ADR-0005](0005-example.md)". A word that is none of those that are known
// stays, for the validation to speak of.
func (r *Record) readStatus(s string) {
	s = strings.Trim(strings.TrimSpace(comment.ReplaceAllString(s, "")), "\"'`*_")
	if by := successor(s); by != "" {
		r.Status, r.SupersededBy = "superseded", by
		return
	}
	r.Status = strings.ToLower(strings.TrimRight(s, ". "))
	word := statusWord.FindString(r.Status)
	switch word {
	case "akzeptiert", "accepté", "approved":
		word = "accepted"
	case "vorgeschlagen", "proposé":
		word = "proposed"
	case "abgelehnt", "rejeté":
		word = "rejected"
	case "superceded", "superseeded":
		word = "superseded"
	}
	if slices.Contains(statuses, word) && word != "" {
		r.Status = word
	}
}

// Link makes each SupersededBy the ID of a record, where the records hold the
// one that is meant: by its ID, by the path that a link leads to, or by its
// number. It changes the records in place.
func Link(records []Record) {
	byID, byPath, byNumber := map[string]bool{}, map[string]string{}, map[int][]string{}
	for _, r := range records {
		if r.ID == "" {
			continue
		}
		byID[r.ID] = true
		if byPath[r.Path] == "" {
			byPath[r.Path] = r.ID
		}
		if n, ok := numberOf(r.ID); ok && !slices.Contains(byNumber[n], r.ID) {
			byNumber[n] = append(byNumber[n], r.ID)
		}
	}
	for i := range records {
		r := &records[i]
		to := r.SupersededBy
		if to == "" || byID[to] {
			continue
		}
		file, _, _ := strings.Cut(to, "#")
		if id := byPath[path.Join(path.Dir(r.Path), file)]; id != "" {
			r.SupersededBy = id
			continue
		}
		if id := byPath[strings.TrimPrefix(path.Clean("/"+file), "/")]; id != "" {
			r.SupersededBy = id
			continue
		}
		if id := idOfFile(file); id != "" && byID[id] {
			r.SupersededBy = id
			continue
		}
		if n, ok := numberOf(strings.TrimSuffix(to, path.Ext(to))); ok && len(byNumber[n]) == 1 {
			r.SupersededBy = byNumber[n][0]
		}
	}
}

var endNumber = regexp.MustCompile(`(?i)^(?:(?:ADR|DEC|MADR|RFC)[ #_-]*)?0*([0-9]{1,6})$`)

// numberOf is the number of an ID that is one, as 5 of ADR-0005.
func numberOf(id string) (int, bool) {
	m := endNumber.FindStringSubmatch(id)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}
