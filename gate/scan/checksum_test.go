package scan

import "testing"

func TestValidators(t *testing.T) {
	cases := []struct {
		name string
		f    func(string) bool
		good []string
		bad  []string
	}{
		{"ssn", validSSN, []string{"536228714", "219456789"}, []string{"000228714", "666228714", "900228714", "536008714", "536220000", "078051120", "123456789", "111111111"}},
		{"nhs", validNHS, []string{"9434765919", "4505577104"}, []string{"9434765918", "1111111111", "943476591"}},
		{"nass", validNASS, []string{"281234567840"}, []string{"281234567841", "991234567840", "28123456784"}},
		{"luhn", validCard, []string{"4111111111111111", "4012888888881881", "378282246310005", "5555555555554444"}, []string{"4111111111111112", "1234567812345670", "0000000000000000"}},
		{"npi", validNPI, []string{"1234567893"}, []string{"1234567890", "3234567893"}},
		{"mbi", validMBI, []string{"1EG4TE5MK73"}, []string{"0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7"}},
		{"nino", validNINO, []string{"AB123456C"}, []string{"DA123456C", "AO123456C", "BG123456A", "AB123456E", "AB12345"}},
		{"iban", validIBAN, []string{"ES9121000418450200051332", "GB82WEST12345698765432", "DE89370400440532013000"}, []string{"ES9121000418450200051333", "ES912100041845020005133", "ZZ82WEST12345698765432"}},
		{"rut", validRUT, []string{"148823014", "53742382K", "123456785"}, []string{"14882301K", "111111111", "148823013"}},
		{"cpf", validCPF, []string{"52998224725"}, []string{"52998224724", "11111111111", "5299822472"}},
		{"cuit", validCUIT, []string{"20123456786"}, []string{"20123456785", "30123456786", "2012345678"}},
		{"curp", validCURP, []string{"GOMC850101HDFRRL09"}, []string{"GOMC851301HDFRRL09", "GOMC850101ZDFRRL09", "GOMC850101HDFRRL0"}},
	}
	for _, c := range cases {
		for _, v := range c.good {
			if !c.f(v) {
				t.Errorf("%s: %s should be valid", c.name, v)
			}
		}
		for _, v := range c.bad {
			if c.f(v) {
				t.Errorf("%s: %s should not be valid", c.name, v)
			}
		}
	}
	if !validDNI("12345678", 'Z') || validDNI("12345678", 'A') || validDNI("1234567", 'Z') {
		t.Error("dni")
	}
}

// A wrong digit anywhere must be noticed by every checksum that promises it.
func TestChecksumsNoticeOneWrongDigit(t *testing.T) {
	for name, c := range map[string]struct {
		f func(string) bool
		v string
	}{"nhs": {validNHS, "9434765919"}, "card": {validCard, "4111111111111111"}, "iban": {validIBAN, "ES9121000418450200051332"}, "nass": {validNASS, "281234567840"}} {
		for i := range len(c.v) {
			if c.v[i] < '0' || c.v[i] > '9' {
				continue
			}
			b := []byte(c.v)
			b[i] = '0' + (b[i]-'0'+1)%10
			if c.f(string(b)) {
				t.Errorf("%s: %s passes", name, b)
			}
		}
	}
}
