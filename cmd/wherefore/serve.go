package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/backend"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/server"
)

func serveCmd() *cobra.Command {
	var file, listen, dataDir string
	var dryRun, open bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take alerts, investigate them, serve the pages and the API",
		Example: `  wherefore serve --config wherefore.yaml
  wherefore serve --config wherefore.yaml --dry-run   # check the file and stop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			load := func() (config.Config, error) {
				cfg, err := loadConfig(file)
				if listen != "" {
					cfg.Listen = listen
				}
				if dataDir != "" {
					cfg.DataDir = dataDir
				}
				cfg.Access.InsecureNoAuth = open
				return cfg, err
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			if dryRun {
				return checkOnly(cmd, cfg)
			}
			return serve(cmd.Context(), cmd.ErrOrStderr(), cfg, load)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration file (YAML); without it the defaults hold")
	f.StringVar(&listen, "listen", "", "address to serve on, instead of the file's")
	f.StringVar(&dataDir, "data-dir", "", "folder of the casebook and the indexes, instead of the file's")
	f.BoolVar(&open, "insecure-no-auth", false, "let anybody who reaches the address do everything, also beyond this machine")
	f.BoolVar(&dryRun, "dry-run", false, "check the configuration, say what would be used, and stop")
	return cmd
}

// checkOnly reports what a configuration means without sending anything.
func checkOnly(cmd *cobra.Command, cfg config.Config) error {
	if err := backend.Check(cmd.Context(), cfg); err != nil {
		return err
	}
	for _, t := range cfg.Tenants {
		if err := backend.Check(cmd.Context(), cfg.Of(t)); err != nil {
			return fmt.Errorf("tenant %s: %w", t.Name, err)
		}
	}
	w := cmd.OutOrStdout()
	_, err := fmt.Fprintf(w, "the configuration is good: listen %s, data in %s, %s\n", cfg.Listen, cfg.DataDir, counted(len(cfg.Repositories), "repository", "repositories"))
	err = errors.Join(err, saySources(cmd.Context(), w, cfg))
	for _, t := range cfg.Tenants {
		own := cfg.Of(t)
		_, said := fmt.Fprintf(w, "tenant %s: %s\n", t.Name, counted(len(own.Repositories), "repository", "repositories"))
		err = errors.Join(err, said, saySources(cmd.Context(), w, own))
	}
	return err
}

// saySources lists the sources of one configuration.
func saySources(ctx context.Context, w io.Writer, cfg config.Config) error {
	cfg.Repositories = nil // connecting would fetch them
	s, err := backend.Dial(ctx, cfg)
	if err != nil {
		return err
	}
	for _, p := range s.Probes {
		_, said := fmt.Fprintf(w, "  source %s\n", p.Name)
		err = errors.Join(err, said)
	}
	if len(s.Probes) == 0 {
		_, said := fmt.Fprintln(w, "  no source is configured: every report will say so")
		err = errors.Join(err, said)
	}
	return errors.Join(err, s.Close())
}

// serve runs the server until ctx ends, and reloads on SIGHUP.
func serve(ctx context.Context, stderr io.Writer, cfg config.Config, load func() (config.Config, error)) error {
	log := newLogger(stderr, cfg.Log)
	defer func() { _ = log.Sync() }() // fails on a terminal, where nothing is lost
	l, err := listenOn(ctx, cfg.Listen)
	if err != nil {
		return err
	}
	s, err := server.New(ctx, log, cfg, buildVersion(), server.Live(buildVersion(), time.Now, log))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	log.Info("serving", zap.String("url", s.Scheme()+"://"+l.Addr().String()), zap.String("version", buildVersion()), zap.String("casebook", keptIn(cfg)))
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	go reloadOn(ctx, hangup, log, s, load)
	return s.Run(ctx, l)
}

// keptIn says where the casebook is, without credentials.
func keptIn(cfg config.Config) string {
	if cfg.Casebook.Database != "" {
		return "PostgreSQL"
	}
	return server.Casebook(cfg.DataDir)
}

// listenOn takes an address for the server.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another address with --listen", err)
	}
	return l, nil
}

func reloadOn(ctx context.Context, hangup <-chan os.Signal, log *zap.Logger, s *server.Server, load func() (config.Config, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
		}
		cfg, err := load()
		if err == nil {
			err = s.Reload(ctx, cfg)
		}
		if err != nil {
			log.Error("configuration reload failed; the previous configuration stays in effect", zap.Error(err))
			continue
		}
		log.Info("configuration reloaded")
	}
}

// newLogger writes to w as the configuration says; a person at a terminal gets
// readable lines.
func newLogger(w io.Writer, c config.Log) *zap.Logger {
	level, err := zapcore.ParseLevel(c.Level)
	if err != nil {
		level = zapcore.InfoLevel
	}
	enc := zap.NewProductionEncoderConfig()
	enc.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	enc.EncodeDuration = zapcore.StringDurationEncoder
	encoder := zapcore.NewJSONEncoder(enc)
	if c.Format == "console" {
		enc.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(enc)
	}
	return zap.New(maskedLog{zapcore.NewCore(encoder, zapcore.AddSync(w), level)})
}

// counted is a number of things, as "1 repository".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
