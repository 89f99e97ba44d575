package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/wherefore-dev/wherefore/ui/export"
)

func (s *server) export(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	revision, err := revisionOf(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if r.URL.Query().Get("format") == "bundle" {
		s.exportBundle(w, r, id, revision)
		return
	}
	f, err := export.ByName(r.URL.Query().Get("format"))
	var in export.Input
	if err == nil {
		in, err = s.exportInput(r.Context(), id, revision, s.author(r, ""))
	}
	var b bytes.Buffer // whole or not at all
	if err == nil {
		err = f.Write(&b, in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", f.ContentType)
	w.Header().Set("Content-Disposition", attachment(id, in.Envelope.Revision, f.Extension))
	_, _ = b.WriteTo(w) // the client has gone
}

var unsafeName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// attachment makes a browser store an export rather than show it: an exported
// page must never run with this origin.
func attachment(id string, revision int, extension string) string {
	name := unsafeName.ReplaceAllString(id, "-")
	if revision > 0 {
		name += "-r" + strconv.Itoa(revision)
	}
	return `attachment; filename="` + name + "." + extension + `"`
}

// bundleFor bounds the recording and the download of an evidence bundle, which takes
// longer than a page.
const bundleFor = 30 * time.Minute

// askedAgain is the header of a bundle that was made for one download.
const askedAgain = "X-Wherefore-Evidence"

func (s *server) exportBundle(w http.ResponseWriter, r *http.Request, id string, revision int) {
	p, err := s.admit(r, ActCode) // beside what the route asks: a bundle holds the history of the source
	if err == nil && !s.limits.allow(bundles, s.client(r, p)) {
		err = WaitError{"too many bundles were asked for", bundles.wait()}
	}
	if err != nil {
		s.refuse(w, r, route{action: ActCode}, p, err)
		return
	}
	if s.OpenBundle == nil {
		s.unconfigured(w, r)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(bundleFor)) // not every writer has one
	b, err := s.OpenBundle(r.Context(), id, revision)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer func() { _ = b.Close() }()
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", attachment(id, b.Revision, "tgz"))
	if sum, err := hex.DecodeString(b.SHA256); err == nil && len(sum) > 0 {
		w.Header().Set("ETag", `"`+b.SHA256+`"`)
		w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	} else {
		w.Header().Set(askedAgain, "asked again; no bundle of this report is kept")
	}
	http.ServeContent(w, r, "", time.Time{}, b)
}

// exportInput gathers an incident for an export; revision 0 is the newest.
func (s *server) exportInput(ctx context.Context, id string, revision int, by string) (export.Input, error) {
	in := export.Input{ShowAuthors: s.ShowAuthors, Replayed: s.replayed(id)}
	var err error
	if in.Incident, err = s.Incidents.Incident(ctx, id); err != nil {
		return in, err
	}
	rep, raw, err := s.report(ctx, id, revision)
	if err != nil {
		return in, err
	}
	in.Report, in.Raw = *rep, raw
	in.Trace = s.Links.TraceURLs(rep.Service, rep.Window)
	revisions, err := s.Reports.Revisions(ctx, id)
	if err != nil {
		return in, err
	}
	if s.Notes != nil {
		if in.Notes, err = s.Notes.Notes(ctx, id); err != nil {
			return in, err
		}
	}
	if s.Feedback != nil {
		if in.Feedback, err = s.Feedback.Feedback(ctx, id); err != nil {
			return in, err
		}
	}
	in.Envelope = export.Envelope{Incident: id, URL: s.BaseURL + "/incidents/" + id, ExportedAt: s.Now().UTC(), ExportedBy: by, Exporter: "wherefore " + s.Version,
		Engine: in.Report.Engine, Weights: in.Report.Weights, Revision: in.Report.Revision, Window: in.Report.Window}
	for _, v := range revisions {
		if v.Number == in.Report.Revision {
			in.Envelope.Bundle, in.Envelope.BundleSHA256, in.Envelope.Poorer = v.Bundle, v.BundleSHA256, v.Poorer
		}
	}
	return in, nil
}

// replayed reports whether an incident's evidence is a recording.
func (s *server) replayed(id string) bool { return s.Recorded != nil && !s.Recorded(id).IsZero() }
