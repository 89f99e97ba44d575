package server

import (
	"context"
	"net/url"
	"slices"

	"github.com/wherefore-dev/wherefore/cmd/wherefore/access"
	"github.com/wherefore-dev/wherefore/cmd/wherefore/config"
	"github.com/wherefore-dev/wherefore/correlate/evidence"
	"github.com/wherefore-dev/wherefore/sources/alertmanager"
	"github.com/wherefore-dev/wherefore/ui"
)

// SendersOf are the senders that a configuration admits.
func SendersOf(w config.Webhook) access.Senders {
	s := access.Senders{Token: string(w.BearerToken), Signature: alertmanager.Signature{
		Header: w.Signature.Header, TimestampHeader: w.Signature.TimestampHeader, MaxAge: w.Signature.MaxAge,
	}}
	for _, secret := range w.Signature.Secrets {
		s.Signature.Secrets = append(s.Signature.Secrets, []byte(secret))
	}
	return s
}

// generators are the addresses of the Prometheus servers whose links may carry
// an expression to ask: the configured one, and those that the webhook's section
// names, since a server may call itself by another name than we do.
func generators(cfg config.Config) []string {
	list := slices.Clone(cfg.Webhook.Generators)
	if p := cfg.Sources.Prometheus; p != nil {
		list = append(list, p.Address)
	}
	hosts := []string{}
	for _, address := range list {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// trusted is an alert without the expressions that its sender may not have us
// ask: whoever can send one would otherwise read any series with our
// credentials. The links stay, to be shown.
func trusted(ctx context.Context, a evidence.Alert, hosts []string) evidence.Alert {
	known := ui.PersonOf(ctx).Name != ""
	a.Instances = slices.Clone(a.Instances)
	for i := range a.Instances {
		u, err := url.Parse(a.Instances[i].GeneratorURL)
		switch {
		case err != nil:
			a.Instances[i].GeneratorURL = ""
		case known && slices.Contains(hosts, u.Host):
		case u.RawQuery != "" || u.Fragment != "":
			u.RawQuery, u.Fragment = "", ""
			a.Instances[i].GeneratorURL = u.String()
		}
	}
	return a
}
