package git

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/wherefore-dev/wherefore/correlate/evidence"
)

// shown is an address without the password that may stand in it.
func shown(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

// scrub takes the password of an address out of what git said about it, and
// keeps what kind of error it was where there is none.
func scrub(err error, address string) error {
	safe := shown(address)
	if safe == address {
		return err
	}
	text := strings.ReplaceAll(err.Error(), address, safe)
	if u, parseErr := url.Parse(address); parseErr == nil {
		if secret, ok := u.User.Password(); ok && secret != "" {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return errors.New(text)
}

// Mirror opens the bare mirror of a remote repository in dir and makes it when
// it is not there. Nothing is ever thrown away from a mirror, so a revision
// that ran before a force-push can still be asked about.
func Mirror(ctx context.Context, address, dir string) (*Repo, error) {
	if err := CheckURL(address); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir) // git runs inside of it
	if err != nil {
		return nil, fmt.Errorf("mirror %s: %w", shown(address), err)
	}
	if _, err := os.Stat(dir); err == nil {
		r, err := Open(ctx, dir)
		if errors.Is(err, evidence.ErrNotFound) {
			return nil, fmt.Errorf("%s, the mirror of %s, is damaged; delete it, and it will be made again: %w", dir, shown(address), evidence.ErrInvalid)
		}
		return r, err
	}
	// Made aside and renamed, so that one that was interrupted is not taken for
	// whole.
	part := dir + ".part"
	if err := os.RemoveAll(part); err != nil {
		return nil, fmt.Errorf("mirror %s: %w", shown(address), err)
	}
	if err := os.MkdirAll(part, 0o755); err != nil {
		return nil, fmt.Errorf("mirror %s: %w", shown(address), err)
	}
	r := &Repo{Top: part, Dir: part, Common: part, Bare: true, HashLen: 40}
	var head []byte
	if err := r.overNetwork(ctx, &head, "ls-remote", "--end-of-options", address); err != nil {
		return nil, fmt.Errorf("%s cannot be read (%v); check the address, and that this user may read it: %w", shown(address), scrub(err, address), evidence.ErrUnavailable)
	}
	format := "sha1"
	if name, _, _ := strings.Cut(string(head), "\t"); len(name) == 64 {
		r.HashLen, format = 64, "sha256"
	}
	if _, err := r.run(ctx, shortCall, nil, "init", "--bare", "--quiet", "--template=", "--object-format="+format, part); err != nil {
		return nil, err
	}
	if err := r.Fetch(ctx, address); err != nil {
		return nil, err
	}
	if err := os.Rename(part, dir); err != nil {
		return nil, fmt.Errorf("mirror %s: %w", shown(address), err)
	}
	return Open(ctx, dir)
}

// CheckURL refuses what git could read as an option or as a program to run.
func CheckURL(address string) error {
	if address == "" || strings.HasPrefix(address, "-") || strings.Contains(address, "::") || strings.ContainsAny(address, "\x00\n\r ") {
		return fmt.Errorf("%q is not the address of a repository; give one as git clone takes it: %w", shown(address), evidence.ErrInvalid)
	}
	return nil
}

// Fetch brings a mirror up to date, force-pushed branches included. This alone
// may use the network: over https, ssh, git and local files, never asking for a
// password.
func (r *Repo) Fetch(ctx context.Context, address string) error {
	if err := CheckURL(address); err != nil {
		return err
	}
	if err := r.overNetwork(ctx, nil, "fetch", "--quiet", "--no-write-fetch-head", "--no-auto-gc", "--force", "--end-of-options", address, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"); err != nil {
		return fmt.Errorf("fetch %s: %w: %w", shown(address), scrub(err, address), evidence.ErrUnavailable)
	}
	var head []byte
	if err := r.overNetwork(ctx, &head, "ls-remote", "--symref", "--end-of-options", address, "HEAD"); err != nil {
		return fmt.Errorf("fetch %s: %w: %w", shown(address), scrub(err, address), evidence.ErrUnavailable)
	}
	line, _, _ := strings.Cut(string(head), "\n")
	if name, ok := strings.CutPrefix(line, "ref: "); ok {
		name, _, _ = strings.Cut(name, "\t")
		if strings.HasPrefix(name, "refs/heads/") {
			_, err := r.run(ctx, shortCall, nil, "symbolic-ref", "HEAD", name)
			return err
		}
	}
	return nil
}

// overNetwork runs git with transports, and with what ssh needs.
func (r *Repo) overNetwork(ctx context.Context, out *[]byte, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	cmd := r.command(ctx, r.Top, append([]string{"-c", "protocol.allow=user", "-c", "protocol.ext.allow=never"}, args...)...)
	env := cmd.Env[:0:0]
	for _, e := range cmd.Env {
		if !strings.HasPrefix(e, "GIT_ALLOW_PROTOCOL=") && !strings.HasPrefix(e, "HOME=") {
			env = append(env, e)
		}
	}
	cmd.Env = append(env, "GIT_ALLOW_PROTOCOL=https:ssh:git:file", "HOME="+os.Getenv("HOME"), "SSH_AUTH_SOCK="+os.Getenv("SSH_AUTH_SOCK"), "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=20")
	var errOut strings.Builder
	cmd.Stderr = &errOut
	printed, err := cmd.Output()
	if err != nil {
		return errors.New(failed(ctx, args, err, errOut.String()).Error())
	}
	if out != nil {
		*out = printed
	}
	return nil
}
