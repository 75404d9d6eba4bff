package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
	"github.com/mitral-health/mitral/platform/logs"
)

// Security is how the connection to the mail server is protected.
type Security string

// The zero Security is STARTTLS and refuses a server that doesn't offer it.
const (
	StartTLS Security = ""     // plain connection that must turn into TLS before anything is said
	TLS      Security = "tls"  // TLS from the first byte
	Plain    Security = "none" // only to a server on this machine
)

// SMTPConfig says how letters leave.
type SMTPConfig struct {
	Host     string
	Port     int // 0: 587, or 465 with TLS, or 25 with Plain
	Security Security
	User     string // empty: without signing in
	Password logs.Secret
	From     string         // "Orlena Health Centre <no-reply@orlena.example>"
	Hello    string         // how this machine calls itself; empty: the domain of From
	Roots    *x509.CertPool // who may vouch for the server; nil: the system's list
	Timeout  time.Duration  // for one letter, everything included; 0: 20 s
	Clock    clock.Clock    // for the Date of letters; nil: the system's
}

// SMTPMailer sends through a mail server, one connection per letter: letters are sent by jobs, few at
// a time. Safe for concurrent use.
type SMTPMailer struct {
	cfg  SMTPConfig
	opts []gomail.Option
}

// SMTP checks the configuration. It does not connect.
func SMTP(cfg SMTPConfig) (*SMTPMailer, error) {
	if !oneAddress(cfg.From) {
		return nil, fault.New(fault.Invalid, "The mail settings need a valid sender address.")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 20 * time.Second
	}
	if cfg.Hello == "" {
		from := gomail.NewMsg()
		if err := from.From(cfg.From); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "The mail settings need a valid sender address.")
		}
		_, cfg.Hello, _ = cutLast(from.GetFrom()[0].Address)
	}
	opts := []gomail.Option{
		gomail.WithTimeout(cfg.Timeout), gomail.WithHELO(cfg.Hello),
		gomail.WithTLSConfig(&tls.Config{ServerName: cfg.Host, RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12}),
	}
	port := 587
	switch cfg.Security {
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		opts, port = append(opts, gomail.WithSSL()), 465
	case Plain:
		if !local(cfg.Host) {
			return nil, fault.New(fault.Invalid, "Mail without encryption is allowed to this machine only.")
		}
		opts, port = append(opts, gomail.WithTLSPolicy(gomail.NoTLS)), 25
	default:
		return nil, fault.New(fault.Invalid, "The mail security must be empty, tls or none.")
	}
	if cfg.Port != 0 {
		port = cfg.Port
	}
	opts = append(opts, gomail.WithPort(port))
	if cfg.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if cfg.Security == Plain {
			auth = gomail.SMTPAuthPlain // which discovery leaves out without TLS, even on one machine
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(cfg.User), gomail.WithPassword(string(cfg.Password)))
	}
	if _, err := gomail.NewClient(cfg.Host, opts...); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "The mail settings are not complete.")
	}
	return &SMTPMailer{cfg: cfg, opts: opts}, nil
}

// Send hands one letter to the server.
func (s *SMTPMailer) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	letter, err := s.letter(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	client, err := gomail.NewClient(s.cfg.Host, s.opts...)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "mail client")
	}
	return sorted(client.DialAndSendWithContext(ctx, letter))
}

func (s *SMTPMailer) letter(m Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := letter.From(s.cfg.From); err != nil {
		return nil, fault.New(fault.Invalid, "The mail settings need a valid sender address.")
	}
	if err := letter.To(m.To); err != nil {
		return nil, fault.New(fault.Invalid, "This is no mail address.")
	}
	letter.Subject(m.Subject)
	letter.SetDateWithValue(s.cfg.Clock.Now())
	letter.SetMessageID()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no absence notes, please
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	return letter, nil
}

// sorted turns the client's error into a fault. The server's words often repeat the address, so only
// its code and the stage are kept.
func sorted(err error) error {
	if err == nil {
		return nil
	}
	var said *gomail.SendError
	if errors.As(err, &said) && said.ErrorCode() >= 500 && !said.IsTemp() {
		return fault.Wrap(fmt.Errorf("smtp %d (%s)", said.ErrorCode(), said.Reason), fault.Invalid, "The mail server refuses this mail.")
	}
	cause := errors.New("connection or sign-in failed")
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var network *net.OpError
	switch {
	case said != nil:
		cause = fmt.Errorf("smtp %d (%s)", said.ErrorCode(), said.Reason)
	case errors.As(err, &unknown), errors.As(err, &wrongHost):
		cause = errors.New("the server's certificate is not trusted")
	case errors.Is(err, context.DeadlineExceeded):
		cause = context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		cause = context.Canceled
	case errors.As(err, &network):
		cause = network // names the mail server, nobody else
	}
	return fault.Wrap(cause, fault.Unavailable, "Mail can't be sent right now.")
}

func local(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
