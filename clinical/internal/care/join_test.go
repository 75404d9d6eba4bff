package care

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// A code in the browser's cookie is looked up like one in the address or the form: trying many is slowed down on each way.
func TestCodesAreNotTried(t *testing.T) {
	each(t, func(w *world) {
		slowed := map[string]int{}
		for i := range 100 {
			code := fmt.Sprintf("ABCDE%05d", i)
			cookie := httptest.NewRequest("GET", "/join", nil)
			cookie.AddCookie(&http.Cookie{Name: codeCookie, Value: code})
			form := httptest.NewRequest("POST", "/join", strings.NewReader(url.Values{"code": {code}}.Encode()))
			form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for way, r := range map[string]*http.Request{"cookie": cookie, "form": form, "link": httptest.NewRequest("GET", "/join/"+code, nil)} {
				rec := httptest.NewRecorder()
				w.h.ServeHTTP(rec, r)
				if rec.Code == http.StatusTooManyRequests {
					slowed[way]++
				}
			}
		}
		if slowed["cookie"] < 30 || slowed["link"]+slowed["form"] < 150 {
			t.Errorf("of 100 each: %v", slowed)
		}
	})
}
