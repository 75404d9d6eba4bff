package identity

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A browser that has signed in keeps a mark of the account, so that later guesses by strangers never
// stand in its way: a known device has a throttle of its own. The mark signs nobody in.
//
// It is 16 random bytes, an expiry, and a MAC over both and the account (which it doesn't name). A
// new epoch of the account voids every mark.

const (
	deviceKeeps = 180 * 24 * time.Hour
	deviceMarks = 4 // accounts that one browser remembers: a shared desk
	markSize    = 16 + 8 + 16
)

func (i *Identity) markMAC(a *account, nonce []byte, expiry uint64) []byte {
	return i.ring.Mac("device", a.ID.String(), strconv.FormatInt(a.Epoch, 10), string(nonce), strconv.FormatUint(expiry, 10))[:16]
}

// newMark makes a mark of the account for a browser.
func (i *Identity) newMark(a *account) string {
	b := make([]byte, 0, markSize)
	b = append(b, newHandle()[:16]...)
	expiry := uint64(i.clock.Now().Add(deviceKeeps).Unix())
	mac := i.markMAC(a, b, expiry)
	b = binary.BigEndian.AppendUint64(b, expiry)
	return base64.RawURLEncoding.EncodeToString(append(b, mac...))
}

// addMark puts a mark of the account first in a browser's cookie, in place of an older one of the
// same account.
func (i *Identity) addMark(cookie string, a *account) string {
	out := []string{i.newMark(a)}
	for _, m := range splitMarks(cookie) {
		if len(out) < deviceMarks && i.readMark(m, a) == "" {
			out = append(out, m)
		}
	}
	return strings.Join(out, ".")
}

// knownDevice returns a name for the browser if its cookie holds a valid mark of the account, or "".
func (i *Identity) knownDevice(cookie string, a *account) string {
	if a == nil {
		return ""
	}
	for _, m := range splitMarks(cookie) {
		if name := i.readMark(m, a); name != "" {
			return name
		}
	}
	return ""
}

func (i *Identity) readMark(mark string, a *account) string {
	b, err := base64.RawURLEncoding.Strict().DecodeString(mark)
	if err != nil || len(b) != markSize {
		return ""
	}
	expiry := binary.BigEndian.Uint64(b[16:24])
	if expiry < uint64(i.clock.Now().Unix()) || !hmac.Equal(b[24:], i.markMAC(a, b[:16], expiry)) {
		return ""
	}
	return mark
}

// splitMarks cuts a cookie that may hold anything.
func splitMarks(cookie string) []string {
	if cookie == "" || len(cookie) > deviceMarks*(markSize*4/3+2) {
		return nil
	}
	return strings.SplitN(cookie, ".", deviceMarks)
}

// networkOf returns the part of an address that one household or office shares, which is all that
// is kept of it.
func networkOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	a = a.Unmap()
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// deviceOf makes a short description of a browser for the list of sessions: it helps people to
// recognise a device and is relied on for nothing.
func deviceOf(agent string) string {
	pick := func(pairs ...string) string {
		for n := 0; n+1 < len(pairs); n += 2 {
			if strings.Contains(agent, pairs[n]) {
				return pairs[n+1]
			}
		}
		return ""
	}
	browser := pick("Edg/", "Edge", "OPR/", "Opera", "SamsungBrowser", "Samsung Internet", "Firefox/", "Firefox", "FxiOS", "Firefox",
		"CriOS", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari")
	system := pick("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X", "Mac", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case browser != "" && system != "":
		return browser + ", " + system
	case browser != "":
		return browser
	}
	return system
}
