package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/act"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/notify"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/correlate/report"
)

func tryCmd() *cobra.Command {
	var file, service, tenant string
	var timeout time.Duration
	var quiet bool
	cmd := &cobra.Command{
		Use:   "try --config FILE",
		Short: "Send a test alert all the way to a page, and remove it again",
		Long: `Starts a server of its own on a free port of this machine with the sources and
notifications of the configuration, sends it a test alert as an Alertmanager
would, and says how far that comes: webhook, sources, report, page, notification.
The incident is kept in a temporary folder, which is gone when it ends: the
casebook of a server that runs is not touched. With --tenant it has what that tenant
has; no target of actions is asked for anything. Repositories are not fetched; see
"wherefore doctor". Exits with 1 when a step fails.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return usageError("--config is needed to know where the sources are")
			}
			if timeout <= 0 {
				return usageError("--timeout %s is not above 0", timeout)
			}
			cfg, err := loadTenant(file, tenant)
			if err != nil {
				return err
			}
			if quiet {
				cfg.Notifications = nil
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			return try(ctx, cmd.OutOrStdout(), cfg, service)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML)")
	f.StringVar(&service, "service", "wherefore-try", "service that the test alert names; one of yours shows a real report")
	tenantFlag(cmd, &tenant)
	f.DurationVar(&timeout, "timeout", 2*time.Minute, "how long all of it may take")
	f.BoolVar(&quiet, "no-notify", false, "send no notification")
	return cmd
}

// try runs a server for one alert.
func try(ctx context.Context, out io.Writer, cfg config.Config, service string) (err error) {
	dir, err := os.MkdirTemp("", "wherefore-try-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	l, err := listenOn(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	cfg.DataDir, cfg.Listen, cfg.ExternalURL = dir, l.Addr().String(), base
	cfg.Access, cfg.Repositories, cfg.Webhook = access.Config{}, nil, config.Webhook{QueueLimit: cfg.Webhook.QueueLimit}
	cfg.Investigate.FollowUp, cfg.Evidence.Keep, cfg.Tenants, cfg.Actions = 0, 0, nil, act.Config{}
	for i := range cfg.Notifications { // a test is told whatever comes out of it
		cfg.Notifications[i].Verdicts = nil
	}
	s, err := server.New(ctx, zap.NewNop(), cfg, buildVersion(), server.Live(buildVersion(), time.Now, zap.NewNop()))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(running, l) }()
	x := trial{out: out, base: base}
	err = x.run(ctx, service, cfg.Notifications)
	stop()
	return errors.Join(err, <-done)
}

// trial is a test alert on its way.
type trial struct {
	out  io.Writer
	base string
}

func (x trial) say(format string, args ...any) error {
	_, err := fmt.Fprintln(x.out, plain(fmt.Sprintf(format, args...)))
	return err
}

func (x trial) run(ctx context.Context, service string, targets []notify.Target) error {
	id, err := x.alert(ctx, service)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	err = x.say("ok   webhook      the test alert was taken as %s", id)
	r, waited := x.report(ctx, id)
	if waited != nil {
		return errors.Join(err, fmt.Errorf("report: %w", waited))
	}
	failed, told := x.sources(r)
	err = errors.Join(err, told, x.say("ok   report       %s: %s", r.Verdict.Word, r.Title))
	if page, asked := x.get(ctx, "/incidents/"+id); asked != nil {
		return errors.Join(err, fmt.Errorf("page: %w", asked))
	} else if err = errors.Join(err, x.say("ok   page         %d kB", len(page)/1000)); err != nil {
		return err
	}
	if len(targets) == 0 {
		err = x.say("-    notification none is configured, or --no-notify was given")
	}
	for _, t := range targets {
		outcome := x.notified(ctx, t.Name)
		if outcome != notify.Delivered {
			failed = append(failed, "notification "+t.Name)
		}
		err = errors.Join(err, x.say("%-4s notification %s: %s", map[bool]string{true: "ok", false: "FAIL"}[outcome == notify.Delivered], t.Name, outcome))
	}
	err = errors.Join(err, x.say("     removed again; point Alertmanager's webhook at /api/v1/alerts of the server that you start"))
	if len(failed) > 0 {
		return errors.Join(err, fmt.Errorf("%s failed; 'wherefore doctor' says more", strings.Join(failed, ", ")))
	}
	return err
}

// alert sends the test alert and returns its incident.
func (x trial) alert(ctx context.Context, service string) (string, error) {
	now := time.Now().UTC().Truncate(time.Second)
	labels := map[string]string{"alertname": "WhereforeTry", "service": service, "severity": "none"}
	notes := map[string]string{"summary": "A test of wherefore; nothing is wrong."}
	body, err := json.Marshal(map[string]any{
		"version": "4", "groupKey": "{}:{alertname=\"WhereforeTry\"}" + now.Format(time.RFC3339), "status": "firing", "receiver": "wherefore",
		"groupLabels": labels, "commonLabels": labels, "commonAnnotations": notes,
		"alerts": []map[string]any{{"status": "firing", "labels": labels, "annotations": notes, "startsAt": now.Add(-time.Minute).Format(time.RFC3339), "fingerprint": "0000000000000001"}},
	})
	if err != nil {
		return "", err
	}
	if _, err := x.do(ctx, http.MethodPost, "/api/v1/alerts", body); err != nil {
		return "", err
	}
	var list struct {
		Incidents []struct {
			ID string `json:"id"`
		} `json:"incidents"`
	}
	text, err := x.get(ctx, "/api/v1/incidents")
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err == nil && len(list.Incidents) == 0 {
		err = errors.New("the alert was taken and there is no incident")
	}
	if err != nil {
		return "", err
	}
	return list.Incidents[0].ID, nil
}

// report waits for the report.
func (x trial) report(ctx context.Context, id string) (report.Report, error) {
	for {
		var r report.Report
		text, err := x.get(ctx, "/api/v1/incidents/"+id)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err == nil && r.Revision > 0 {
			return r, nil
		}
		if waited := sleep(ctx, 300*time.Millisecond); waited != nil {
			return r, fmt.Errorf("there is none yet; give it longer with --timeout (%w)", cmp.Or(err, waited))
		}
	}
}

// sources says how each kind of telemetry answered, and which did not at all.
func (x trial) sources(r report.Report) (failed []string, err error) {
	for _, kind := range []string{"traces", "logs", "metrics"} {
		answered, asked, why := 0, 0, ""
		for _, c := range r.Coverage {
			switch {
			case c.Source != kind || c.Status == evidence.CoverageNotConfigured:
			case c.Status == evidence.CoverageFailed:
				asked, why = asked+1, cmp.Or(why, c.Detail)
			default:
				asked, answered = asked+1, answered+1
			}
		}
		switch {
		case asked == 0:
			err = errors.Join(err, x.say("-    %-12s not asked: no source is configured, or nothing led to one", kind))
		case answered < asked:
			failed = append(failed, kind)
			err = errors.Join(err, x.say("FAIL %-12s %d of %d questions were answered: %s", kind, answered, asked, why))
		default:
			err = errors.Join(err, x.say("ok   %-12s %s answered", kind, counted(asked, "question", "questions")))
		}
	}
	return failed, err
}

// notified waits for what became of a target's notification.
func (x trial) notified(ctx context.Context, target string) string {
	for {
		text, err := x.get(ctx, "/metrics")
		for _, outcome := range []string{notify.Delivered, notify.Failed, notify.Dropped} {
			if err == nil && strings.Contains(string(text), fmt.Sprintf("{outcome=%q,target=%q} 1", outcome, target)) {
				return outcome
			}
		}
		if sleep(ctx, 300*time.Millisecond) != nil {
			return "not delivered in time"
		}
	}
}

func (x trial) get(ctx context.Context, path string) ([]byte, error) {
	return x.do(ctx, http.MethodGet, path, nil)
}

func (x trial) do(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, x.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	err = errors.Join(err, resp.Body.Close())
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("HTTP %d: %s", resp.StatusCode, strings.TrimSpace(string(text[:min(len(text), 300)])))
	}
	return text, err
}

// sleep waits, or says that there is no time left.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
