package reminders

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bytes"

	"github.com/mitral-health/mitral/ui/text"
)

// subscription is where one browser of a patient's can be reached.
type subscription struct {
	ID, Patient, Subject   string
	Endpoint, P256dh, Auth string
	Name                   string // of the device, as the browser tells it
}

// why is what a reminder is about: no more than that something waits, and on which page.
type why string

const (
	todo    why = "todo"
	message why = "message"
)

// words are what leaves the house.
func (w why) words(ctx context.Context) (body, path string) {
	if w == message {
		return text.T(ctx, "A message waits in your app."), "/my/messages"
	}
	return text.T(ctx, "You have something to do in your app."), "/my"
}

const (
	keepFor   = 2 * time.Hour // how long a service keeps a push for a phone that is off
	maxAnswer = 64 << 10
)

// sending is what became of one push.
type sending struct {
	Gone  bool          // there is no such subscription any more
	Again time.Duration // try again after this; 0: done, or never
}

// push sends one push. An error is worth another try.
func (r *Reminders) push(ctx context.Context, s subscription, w why) (sending, error) {
	to, err := checkEndpoint(s.Endpoint)
	if err != nil {
		return sending{Gone: true}, nil
	}
	body, path := w.words(ctx)
	said, err := json.Marshal(map[string]string{"title": r.Site.In(text.Lang(ctx)).Name, "body": body, "url": path, "tag": string(w), "lang": text.Lang(ctx)})
	if err != nil {
		return sending{}, err
	}
	p256dh, auth, err := s.keys()
	if err != nil {
		return sending{Gone: true}, nil
	}
	sealed, err := sealed(said, p256dh, auth)
	if err != nil {
		return sending{Gone: true}, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(sealed))
	if err != nil {
		return sending{Gone: true}, nil
	}
	authorization, err := r.vapid.authorization(to.Scheme+"://"+to.Host, r.Site.URL, r.Clock.Now())
	if err != nil {
		return sending{}, err
	}
	for name, value := range map[string]string{"Authorization": authorization, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": strconv.Itoa(int(keepFor / time.Second)), "Urgency": "normal", "Topic": "mitral-" + string(w)} {
		req.Header.Set(name, value)
	}
	res, err := r.Client.Do(req)
	if err != nil {
		return sending{}, errors.New("the push service does not answer") // its address says whose browser it is
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	switch c := res.StatusCode; {
	case c >= 200 && c < 300:
		return sending{}, nil
	case c == http.StatusNotFound || c == http.StatusGone || c == http.StatusForbidden || c == http.StatusUnauthorized:
		return sending{Gone: true}, nil // removed, or subscribed with another key than ours
	case c == http.StatusTooManyRequests || c >= 500:
		return sending{Again: wait(res.Header.Get("Retry-After"), r.Clock.Now())}, nil
	}
	return sending{}, nil // it will never like this; nobody is helped by trying
}

// wait reads Retry-After: seconds, or a date.
func wait(said string, now time.Time) time.Duration {
	d := 5 * time.Minute
	if n, err := strconv.Atoi(said); err == nil && n >= 0 {
		d = time.Duration(min(n, 24*3600)) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		d = at.Sub(now)
	}
	return max(d, time.Second)
}

func (s *subscription) keys() (p256dh, auth []byte, err error) {
	p256dh, err1 := base64.RawURLEncoding.DecodeString(strings.TrimRight(s.P256dh, "="))
	auth, err2 := base64.RawURLEncoding.DecodeString(strings.TrimRight(s.Auth, "="))
	return p256dh, auth, errors.Join(err1, err2)
}

var errEndpoint = errors.New("not the address of a push service")

// checkEndpoint refuses what can be no push service: whoever writes to us names the address.
func checkEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > 2000 || u.Scheme != "https" || u.User != nil || u.Fragment != "" || u.Port() != "" && u.Port() != "443" {
		return nil, errEndpoint
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || strings.HasSuffix(host, ".") {
		return nil, errEndpoint
	}
	if top := host[strings.LastIndexByte(host, '.')+1:]; strings.Trim(top, "0123456789abcdefxABCDEFX") == "" && strings.ContainsAny(top, "0123456789") {
		return nil, errEndpoint // 127.1 and 0x7f.1 are addresses to some resolvers
	}
	return u, nil
}

// guarded is a client that reaches public addresses only, whatever a name leads to, and follows nobody elsewhere.
func guarded() *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !public(to.Addr()) || to.Port() != 443 {
			return errEndpoint
		}
		return nil
	}}
	return &http.Client{
		Timeout:       15 * time.Second,
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// special are ranges that are no public addresses besides those that netip knows (IANA's registries of special
// purpose addresses; 64:ff9b::/96, 2002::/16 and 2001::/32 carry IPv4 addresses inside).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
