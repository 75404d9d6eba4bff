package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/mitral-health/mitral/platform/clock"
	"github.com/mitral-health/mitral/platform/fault"
)

// postOffice is a mail server in this process. It keeps what it accepts.
type postOffice struct {
	refuse error // what it says to recipients
	slow   time.Duration

	mu      sync.Mutex
	letters []letter
}

type letter struct {
	from   string
	to     []string
	user   string
	secure bool
	data   string
}

func (p *postOffice) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &visit{office: p, letter: letter{secure: secure}}, nil
}

func (p *postOffice) all() []letter { p.mu.Lock(); defer p.mu.Unlock(); return p.letters }

type visit struct {
	office *postOffice
	letter
}

func (v *visit) Reset()        { v.to = nil }
func (v *visit) Logout() error { return nil }
func (v *visit) AuthMechanisms() []string {
	return []string{sasl.Plain}
}
func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "orlena" || password != "hunter2" {
			return smtp.ErrAuthFailed
		}
		v.user = user
		return nil
	}), nil
}
func (v *visit) Mail(from string, _ *smtp.MailOptions) error { v.from = from; return nil }
func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = append(v.to, to)
	return v.office.refuse
}
func (v *visit) Data(r io.Reader) error {
	time.Sleep(v.office.slow)
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	v.data = string(b)
	v.office.mu.Lock()
	defer v.office.mu.Unlock()
	v.office.letters = append(v.office.letters, v.letter)
	return nil
}

// certificate borrows the one that net/http's test server has for example.com and 127.0.0.1.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.TLS.Certificates[0], roots
}

// open starts the server: "starttls", "tls" or "none". It returns a configuration that reaches it.
func (p *postOffice) open(t *testing.T, how Security) SMTPConfig {
	t.Helper()
	cert, roots := certificate(t)
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "post.example", true, log.New(io.Discard, "", 0)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	secure := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch how {
	case StartTLS:
		server.TLSConfig = secure
	case TLS:
		ln = tls.NewListener(ln, secure)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	t.Cleanup(func() { _, _ = server.Close(), ln.Close(); <-done }) // Serve may not have seen ln yet
	return SMTPConfig{
		Host: "127.0.0.1", Port: port, Security: how, Roots: roots, User: "orlena", Password: "hunter2",
		From: "Orlena Health Centre <no-reply@orlena.example>", Timeout: 5 * time.Second,
		Clock: clock.At(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)),
	}
}

func send(t *testing.T, cfg SMTPConfig, m Message) error {
	t.Helper()
	s, err := SMTP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), m)
}

func TestSMTPDelivers(t *testing.T) {
	for name, how := range map[string]Security{"starttls": StartTLS, "tls": TLS, "plain on this machine": Plain} {
		t.Run(name, func(t *testing.T) {
			var p postOffice
			cfg := p.open(t, how)
			text := "Hola Ana:\n\nTu código es 123 456.\n.\nUna línea " + strings.Repeat("muy ", 300) + "larga\n"
			if err := send(t, cfg, Message{To: "Ana Pérez <ana@example.org>", Subject: "Tu código para entrar: ñ", Text: text}); err != nil {
				t.Fatal(err)
			}
			got := p.all()
			if len(got) != 1 || got[0].from != "no-reply@orlena.example" || strings.Join(got[0].to, ",") != "ana@example.org" || got[0].user != "orlena" || got[0].secure != (how != Plain) {
				t.Fatalf("%+v", got)
			}
			m, err := netmail.ReadMessage(strings.NewReader(got[0].data))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if err != nil || subject != "Tu código para entrar: ñ" {
				t.Errorf("subject %q, %v", subject, err)
			}
			for header, want := range map[string]string{
				"From": `"Orlena Health Centre" <no-reply@orlena.example>`, "Date": "Sun, 01 Mar 2026 09:30:00 +0000",
				"Auto-Submitted": "auto-generated", "Content-Type": "text/plain; charset=UTF-8", "User-Agent": "", "X-Mailer": "",
			} {
				if m.Header.Get(header) != want {
					t.Errorf("%s is %q, want %q", header, m.Header.Get(header), want)
				}
			}
			if m.Header.Get("Message-Id") == "" {
				t.Error("no Message-ID")
			}
			body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			if err != nil || strings.TrimRight(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n") != strings.TrimRight(text, "\n") {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
}

func TestSMTPRefusesHeadersInFields(t *testing.T) {
	var p postOffice
	cfg := p.open(t, StartTLS)
	good := Message{To: "ana@example.org", Subject: "Hello", Text: "Text"}
	for name, change := range map[string]func(*Message){
		"header in subject":   func(m *Message) { m.Subject = "Hello\r\nBcc: eve@example.org" },
		"line feed":           func(m *Message) { m.Subject = "Hello\nBcc: eve@example.org" },
		"line separator":      func(m *Message) { m.Subject = "Hello\u2028Bcc" },
		"no subject":          func(m *Message) { m.Subject = "" },
		"long subject":        func(m *Message) { m.Subject = strings.Repeat("a", 301) },
		"header in address":   func(m *Message) { m.To = "ana@example.org\r\nBcc: eve@example.org" },
		"header in name":      func(m *Message) { m.To = "\"Ana\r\n Bcc: eve\" <ana@example.org>" },
		"hidden in a word":    func(m *Message) { m.To = "=?utf-8?q?Ana=0D=0ABcc:?= <ana@example.org>" },
		"two addresses":       func(m *Message) { m.To = "ana@example.org, eve@example.org" },
		"command in address":  func(m *Message) { m.To = "\"ana> RCPT TO:<eve\"@example.org" },
		"no address":          func(m *Message) { m.To = "ana" },
		"address without end": func(m *Message) { m.To = "ana@" },
		"not UTF-8":           func(m *Message) { m.Text = "\xff" },
		"NUL":                 func(m *Message) { m.Text = "a\x00b" },
		"long text":           func(m *Message) { m.Text = strings.Repeat("a", maxText+1) },
	} {
		m := good
		change(&m)
		if err := send(t, cfg, m); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "ana") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(p.all()); n != 0 {
		t.Errorf("%d letters went out", n)
	}
}

func TestSMTPFails(t *testing.T) {
	m := Message{To: "ana@example.org", Subject: "Hello", Text: "Text"}
	for name, c := range map[string]struct {
		office *postOffice
		server Security
		change func(*SMTPConfig)
		want   fault.Kind
		tells  string
	}{
		"no TLS offered":     {server: Plain, change: func(c *SMTPConfig) { c.Security = StartTLS }, want: fault.Unavailable},
		"unknown authority":  {server: StartTLS, change: func(c *SMTPConfig) { c.Roots = x509.NewCertPool() }, want: fault.Unavailable, tells: "certificate is not trusted"},
		"unknown, from TLS":  {server: TLS, change: func(c *SMTPConfig) { c.Roots = x509.NewCertPool() }, want: fault.Unavailable, tells: "certificate is not trusted"},
		"another server":     {server: StartTLS, change: func(c *SMTPConfig) { c.Host = "localhost" }, want: fault.Unavailable, tells: "certificate is not trusted"},
		"wrong password":     {server: StartTLS, change: func(c *SMTPConfig) { c.Password = "wrong" }, want: fault.Unavailable},
		"nobody there":       {server: StartTLS, change: func(c *SMTPConfig) { c.Port = 1 }, want: fault.Unavailable, tells: "refused"},
		"too slow":           {office: &postOffice{slow: 2 * time.Second}, server: Plain, change: func(c *SMTPConfig) { c.Timeout = 200 * time.Millisecond }, want: fault.Unavailable},
		"refused for good":   {office: &postOffice{refuse: &smtp.SMTPError{Code: 550, Message: "no ana@example.org here"}}, server: Plain, want: fault.Invalid, tells: "550"},
		"refused for a time": {office: &postOffice{refuse: &smtp.SMTPError{Code: 451, Message: "ana@example.org is busy"}}, server: Plain, want: fault.Unavailable, tells: "451"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.office == nil {
				c.office = &postOffice{}
			}
			cfg := c.office.open(t, c.server)
			if c.change != nil {
				c.change(&cfg)
			}
			err := send(t, cfg, m)
			if !fault.Is(err, c.want) || !strings.Contains(err.Error(), c.tells) || strings.Contains(err.Error(), "ana@") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
			if len(c.office.all()) != 0 {
				t.Error("a letter went out")
			}
		})
	}
	s, err := SMTP((&postOffice{}).open(t, Plain))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, m); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("canceled: %v", err)
	}
}

func TestSMTPRefusesSettings(t *testing.T) {
	good := SMTPConfig{Host: "mail.example.org", From: "no-reply@orlena.example"}
	if _, err := SMTP(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*SMTPConfig){
		"plain to elsewhere": func(c *SMTPConfig) { c.Security = Plain },
		"unknown security":   func(c *SMTPConfig) { c.Security = "ssl" },
		"no sender":          func(c *SMTPConfig) { c.From = "" },
		"two senders":        func(c *SMTPConfig) { c.From = "a@example.org, b@example.org" },
		"no host":            func(c *SMTPConfig) { c.Host = "" },
	} {
		cfg := good
		change(&cfg)
		if _, err := SMTP(cfg); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
