package reminders

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestVector is the example of RFC 8291, appendix A.
func TestVector(t *testing.T) {
	raw := func(s string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own, err := ecdh.P256().NewPrivateKey(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encrypt([]byte("When I grow up, I want to be a watermelon"), raw("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
		raw("BTBZMqHH6r4Tts7J_aSIgg"), own, raw("DGv6ra1nlYgDCS1FRnbzlw"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if s := base64.RawURLEncoding.EncodeToString(got); s != want {
		t.Errorf("got %s", s)
	}
}

func TestEndpoints(t *testing.T) {
	for endpoint, ok := range map[string]bool{
		"https://fcm.googleapis.com/fcm/send/abc": true, "https://updates.push.services.mozilla.com:443/wpush/v2/x": true,
		"http://push.example.org/x": false, "https://127.0.0.1/x": false, "https://[::1]/x": false, "https://localhost/x": false, "https://push.example.org:8443/x": false,
		"https://a@push.example.org/x": false, "https://127.1/x": false, "https://0x7f.1/x": false, "https://2130706433/x": false, "ftp://push.example.org": false, "": false,
		"https://push.example.org./x": false, "https://x.example.org/" + strings.Repeat("a", 2000): false,
	} {
		if _, err := checkEndpoint(endpoint); (err == nil) != ok {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for a, ok := range map[string]bool{"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.1.2.3": false, "192.168.1.1": false, "172.20.0.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "::1": false, "::ffff:10.0.0.1": false, "fd00::1": false, "fe80::1": false, "64:ff9b::a00:1": false, "2002:a00:1::1": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false} {
		if public(netip.MustParseAddr(a)) != ok {
			t.Errorf("%s: public is %v", a, !ok)
		}
	}
	// Whatever a name leads to, the client does not go there.
	house := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	defer house.Close()
	if _, err := guarded().Get(house.URL); err == nil {
		t.Error("a private address was reached")
	}
}

func TestVapid(t *testing.T) {
	a, err := deriveVapid(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := deriveVapid(bytes.Repeat([]byte{7}, 32)); b.public != a.public {
		t.Error("another key from the same secret")
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	head, err := a.authorization("https://push.example.org", "https://orlena.example", now)
	if err != nil {
		t.Fatal(err)
	}
	token, rest, _ := strings.Cut(strings.TrimPrefix(head, "vapid t="), ", k=")
	if rest != a.public {
		t.Errorf("the key is %s", rest)
	}
	parts := strings.Split(token, ".")
	sign, _ := base64.RawURLEncoding.DecodeString(parts[2])
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(sign) != 64 || !ecdsa.Verify(&a.key.PublicKey, hash[:], new(big.Int).SetBytes(sign[:32]), new(big.Int).SetBytes(sign[32:])) {
		t.Error("the signature does not hold")
	}
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var c map[string]any
	if err := json.Unmarshal(claims, &c); err != nil || c["aud"] != "https://push.example.org" || c["exp"] != float64(now.Add(12*time.Hour).Unix()) {
		t.Errorf("%v %s", err, claims)
	}
}

func TestWeek(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	w := usual()
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, madrid)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	only := week{Days: [7]bool{time.Monday: true}, Times: []minute{8 * 60}}
	night := week{Days: [7]bool{true, true, true, true, true, true, true}, Times: []minute{23 * 60, 6 * 60}, From: 22 * 60, Until: 7 * 60}
	for _, c := range []struct {
		week      week
		now, want string
	}{
		{w, "2026-11-23 08:00", "2026-11-23 09:00"}, {w, "2026-11-23 09:00", "2026-11-23 20:00"}, {w, "2026-11-23 21:00", "2026-11-24 09:00"},
		{only, "2026-11-23 08:00", "2026-11-30 08:00"}, {only, "2026-11-24 08:00", "2026-11-30 08:00"},
		{w, "2026-10-24 21:00", "2026-10-25 09:00"}, // the clocks go back that night
	} {
		if got := c.week.next(at(c.now), madrid); !got.Equal(at(c.want)) {
			t.Errorf("after %s: %s, want %s", c.now, got, c.want)
		}
	}
	if got := night.next(at("2026-11-23 08:00"), madrid); !got.IsZero() {
		t.Errorf("in the quiet hours: %s", got)
	}
	for now, want := range map[string]string{"2026-11-23 23:30": "2026-11-24 07:00", "2026-11-24 03:00": "2026-11-24 07:00", "2026-11-23 12:00": "2026-11-23 12:00"} {
		if got := w.awake(at(now), madrid); !got.Equal(at(want)) {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
}
