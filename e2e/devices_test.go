package e2e

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// packetCase is a packet, in hex, and what a decoder must make of it: each field of want is compared, others
// may be there too.
type packetCase struct{ name, decode, packet, want string }

var packetCases = []packetCase{
	// The layout of the services' specifications; this first one is a vector of another project.
	{"published vector", "bloodPressure", "1E8A0058007800000004111429 3B3C00012700",
		`{"measure":"blood-pressure","values":["138","88"],"unit":"mm[Hg]","at":null,"parts":{"month":4,"day":17,"hour":20,"minute":41,"second":59},"user":1,"status":["moved","cuff-loose","irregular-pulse","posture"],"also":[{"measure":"heart-rate","values":["60"],"unit":"/min"}]}`},
	{"plain", "bloodPressure", "00 7800 5000 5D00", `{"values":["120","80"],"unit":"mm[Hg]","at":null,"parts":null,"user":null,"status":[],"also":[]}`},
	{"kilopascal", "bloodPressure", "01 B8F0 6EF0 87F0", `{"values":["18.4","11"],"unit":"kPa"}`},
	{"kilopascal as whole", "bloodPressure", "01 1000 0B00 0D00", `{"values":["16","11"],"unit":"kPa"}`},
	{"with a time", "bloodPressure", "02 7800 5000 5D00 EA07 03 01 08 05 00", `{"at":"2026-03-01T08:05:00","parts":null}`},
	{"leap day", "bloodPressure", "02 7800 5000 5D00 E807 02 1D 17 3B 3B", `{"at":"2024-02-29T23:59:59"}`},
	{"no such day", "bloodPressure", "02 7800 5000 5D00 EA07 02 1D 08 05 00", `{"values":["120","80"],"at":null,"parts":null}`},
	{"no such hour", "bloodPressure", "02 7800 5000 5D00 EA07 03 01 18 05 00", `{"at":null,"parts":null}`},
	{"thirteenth month", "bloodPressure", "02 7800 5000 5D00 EA07 0D 01 08 05 00", `{"at":null,"parts":null}`},
	{"clock that was never set", "bloodPressure", "02 7800 5000 5D00 0000 00 00 00 00 00", `{"at":null,"parts":{"hour":0,"minute":0,"second":0}}`},
	{"a day unknown", "bloodPressure", "02 7800 5000 5D00 EA07 03 00 08 05 00", `{"at":null,"parts":{"year":2026,"month":3,"hour":8,"minute":5,"second":0}}`},
	{"year before the calendar", "bloodPressure", "02 7800 5000 5D00 0100 03 01 08 05 00", `{"at":null,"parts":null}`},
	{"pulse", "bloodPressure", "04 7800 5000 5D00 4800", `{"also":[{"measure":"heart-rate","values":["72"],"unit":"/min"}]}`},
	{"pulse in tenths", "bloodPressure", "04 7800 5000 5D00 D5F2", `{"also":[{"measure":"heart-rate","values":["73"],"unit":"/min"}]}`},
	{"pulse not found", "bloodPressure", "04 7800 5000 5D00 FF07", `{"values":["120","80"],"also":[]}`},
	{"impossible pulse", "bloodPressure", "04 7800 5000 5D00 0100", `{"values":["120","80"],"also":[]}`},
	{"user unknown", "bloodPressure", "08 7800 5000 5D00 FF", `{"user":null}`},
	{"second user", "bloodPressure", "08 7800 5000 5D00 02", `{"user":2}`},
	{"pulse too fast", "bloodPressure", "10 7800 5000 5D00 0800", `{"status":["pulse-high"]}`},
	{"pulse too slow", "bloodPressure", "10 7800 5000 5D00 1000", `{"status":["pulse-low"]}`},
	{"bits to come", "bloodPressure", "F0 7800 5000 5D00 C0FF", `{"status":[]}`},
	{"more fields to come", "bloodPressure", "00 7800 5000 5D00 AABBCC", `{"values":["120","80"]}`},
	{"cuff failed", "bloodPressure", "00 FF07 FF07 FF07", `{"reason":"no-result"}`},
	{"cuff failed with a pulse", "bloodPressure", "04 FF07 FF07 FF07 3C00", `{"reason":"no-result"}`},
	{"upper failed", "bloodPressure", "00 FF07 5000 5D00", `{"reason":"no-result"}`},
	{"lower failed", "bloodPressure", "00 7800 0008 5D00", `{"reason":"no-result"}`},
	{"reserved", "bloodPressure", "00 0108 5000 5D00", `{"reason":"no-result"}`},
	{"beyond its range", "bloodPressure", "00 FE07 7800 FF07", `{"reason":"too-high"}`},
	{"below its range", "bloodPressure", "00 7800 0208 FF07", `{"reason":"too-low"}`},
	{"failed and beyond", "bloodPressure", "00 FE07 FF07 FF07", `{"reason":"no-result"}`},
	{"mean failed", "bloodPressure", "00 7800 5000 FF07", `{"values":["120","80"]}`},
	{"only the mantissa is special", "bloodPressure", "00 FFF7 5000 5D00", `{"values":["205","80"]}`},
	{"negative", "bloodPressure", "00 88FF 5000 5D00", `{"reason":"impossible"}`},
	{"huge", "bloodPressure", "00 7872 5000 5D00", `{"reason":"impossible"}`},
	{"upside down", "bloodPressure", "00 5000 7800 5D00", `{"reason":"impossible"}`},
	{"zeros", "bloodPressure", "00 0000 0000 0000", `{"reason":"impossible"}`},
	{"empty", "bloodPressure", "", `{"reason":"truncated"}`},
	{"half a number", "bloodPressure", "00 7800 50", `{"reason":"truncated"}`},
	{"time cut off", "bloodPressure", "02 7800 5000 5D00 EA07 03", `{"reason":"truncated"}`},
	{"pulse promised", "bloodPressure", "04 7800 5000 5D00", `{"reason":"truncated"}`},
	{"status cut off", "bloodPressure", "10 7800 5000 5D00 01", `{"reason":"truncated"}`},

	{"mg/dL", "glucose", "02 0700 EA07 03 01 08 05 00 5FB0 11", `{"measure":"glucose","values":["95"],"unit":"mg/dL","at":"2026-03-01T08:05:00","sequence":7,"specimen":"capillary-blood","context":false}`},
	{"mmol/L", "glucose", "06 0800 EA07 03 01 08 05 00 37C0 11", `{"values":["5.5"],"unit":"mmol/L","sequence":8}`},
	{"mmol/L in hundredths", "glucose", "06 0800 EA07 03 01 08 05 00 FFB7 11", `{"values":["20.47"],"unit":"mmol/L"}`},
	{"half a mg/dL", "glucose", "02 0700 EA07 03 01 08 05 00 BBA3 11", `{"values":["96"],"unit":"mg/dL"}`},
	{"later", "glucose", "03 0700 EA07 03 01 17 3B 00 0200 5FB0 11", `{"at":"2026-03-02T00:01:00"}`},
	{"earlier", "glucose", "03 0700 EA07 03 01 00 00 00 FFFF 5FB0 11", `{"at":"2026-02-28T23:59:00"}`},
	{"offset ran over", "glucose", "03 0700 EA07 03 01 00 00 00 FF7F 5FB0 11", `{"values":["95"],"at":null}`},
	{"offset ran under", "glucose", "03 0700 EA07 03 01 00 00 00 0080 5FB0 11", `{"values":["95"],"at":null}`},
	{"after the last year", "glucose", "03 0700 0F27 0C 1F 17 3B 00 0200 5FB0 11", `{"values":["95"],"at":null}`},
	{"no number", "glucose", "00 0900 EA07 03 01 08 05 00", `{"reason":"no-result","sequence":9}`},
	{"control solution", "glucose", "02 0700 EA07 03 01 08 05 00 5FB0 1A", `{"reason":"control","sequence":7}`},
	{"control solution as the place", "glucose", "02 0700 EA07 03 01 08 05 00 5FB0 41", `{"reason":"control"}`},
	{"tissue", "glucose", "12 0700 EA07 03 01 08 05 00 5FB0 F9", `{"specimen":"interstitial","context":true}`},
	{"battery low", "glucose", "0A 0700 EA07 03 01 08 05 00 5FB0 11 0100", `{"values":["95"],"status":["battery-low"]}`},
	{"small sample", "glucose", "0A 0700 EA07 03 01 08 05 00 5FB0 11 0400", `{"reason":"invalid","sequence":7}`},
	{"wrong strip", "glucose", "0A 0700 EA07 03 01 08 05 00 5FB0 11 1000", `{"reason":"invalid"}`},
	{"too warm", "glucose", "0A 0700 EA07 03 01 08 05 00 5FB0 11 8000", `{"reason":"invalid"}`},
	{"HI", "glucose", "0A 0700 EA07 03 01 08 05 00 FE07 11 2000", `{"reason":"too-high"}`},
	{"HI in the number only", "glucose", "02 0700 EA07 03 01 08 05 00 FE07 11", `{"reason":"too-high"}`},
	{"LO", "glucose", "0A 0700 EA07 03 01 08 05 00 FF07 11 4000", `{"reason":"too-low"}`},
	{"clock failed", "glucose", "0A 0700 EA07 03 01 08 05 00 5FB0 11 0008", `{"values":["95"],"at":null,"status":["time-fault"]}`},
	{"not a number", "glucose", "02 0700 EA07 03 01 08 05 00 FF07 11", `{"reason":"no-result"}`},
	{"a litre of it", "glucose", "02 0700 EA07 03 01 08 05 00 0100 11", `{"reason":"impossible"}`},
	{"cut off", "glucose", "02 0700 EA07 03 01 08 05 00 5F", `{"reason":"truncated"}`},
	{"before a meal", "glucoseContext", "02 0700 01", `{"sequence":7,"meal":"before-meal","tester":"","health":""}`},
	{"all of it", "glucoseContext", "DF 0700 00 01 2300 03 21 1000 32 01 0500 3C00", `{"sequence":7,"meal":"fasting","tester":"self","health":"major-issues"}`},
	{"a meal to come", "glucoseContext", "02 0700 63", `{"meal":""}`},
	{"context cut off", "glucoseContext", "01 0700 01", `{"reason":"truncated"}`},
	{"done", "recordsAnswer", "06 00 01 01", `{"done":true,"none":false}`},
	{"no records", "recordsAnswer", "06 00 01 06", `{"done":true,"none":true}`},
	{"not understood", "recordsAnswer", "06 00 01 02", `{"reason":"refused"}`},
	{"how many", "recordsAnswer", "05 00 0C00", `{"done":false,"count":12}`},
	{"something else", "recordsAnswer", "07 00 01 01", `{"reason":"invalid"}`},

	{"kilograms", "weight", "00 8538", `{"measure":"weight","values":["72.345"],"unit":"kg","user":null,"at":null}`},
	{"pounds", "weight", "01 583E", `{"values":["159.6"],"unit":"[lb_av]"}`},
	{"everything", "weight", "0E 8038 EA07 0B 17 06 1E 00 03 E600 B406", `{"values":["72.32"],"unit":"kg","at":"2026-11-23T06:30:00","user":3}`},
	{"unsuccessful", "weight", "00 FFFF", `{"reason":"no-result"}`},
	{"unsuccessful in pounds", "weight", "01 FFFF", `{"reason":"no-result"}`},
	{"nobody on it", "weight", "00 0000", `{"reason":"impossible"}`},
	{"height promised", "weight", "08 8038 E600", `{"reason":"truncated"}`},

	{"spot check", "oxygenSpot", "00 6100 4800", `{"measure":"oxygen-saturation","values":["97"],"unit":"%","also":[{"measure":"heart-rate","values":["72"],"unit":"/min"}]}`},
	{"tenths", "oxygenSpot", "00 CDF3 4800", `{"values":["97"]}`},
	{"spot check with everything", "oxygenSpot", "0F 6100 4800 EA07 0B 17 06 1E 00 0002 300000 20F0", `{"values":["97"],"at":"2026-11-23T06:30:00","status":["stored","signal-poor","low-perfusion"]}`},
	{"its clock was never set", "oxygenSpot", "11 6100 4800 D007 01 01 00 00 00", `{"values":["97"],"at":null}`},
	{"questionable", "oxygenSpot", "02 6100 4800 0040", `{"status":["questionable"]}`},
	{"a demonstration", "oxygenSpot", "02 6100 4800 0004", `{"reason":"invalid"}`},
	{"it says invalid", "oxygenSpot", "02 6100 4800 0080", `{"reason":"invalid"}`},
	{"no finger", "oxygenSpot", "04 6100 4800 000800", `{"reason":"invalid"}`},
	{"nothing found", "oxygenSpot", "00 FF07 FF07", `{"reason":"no-result"}`},
	{"over a hundred", "oxygenSpot", "00 6500 4800", `{"reason":"impossible"}`},
	{"streaming", "oxygenContinuous", "00 5D00 5800", `{"values":["93"],"at":null,"also":[{"measure":"heart-rate","values":["88"],"unit":"/min"}]}`},
	{"streaming all", "oxygenContinuous", "1F 5D00 5800 0100 0200 0300 0400 2000 400000 20F0", `{"values":["93"],"status":["ongoing","signal-erratic"]}`},
	{"streaming cut off", "oxygenContinuous", "03 5D00 5800 0100 0200 0300", `{"reason":"truncated"}`},

	{"celsius", "temperature", "00 6E0100FF", `{"measure":"temperature","values":["36.6"],"unit":"Cel","site":""}`},
	{"fahrenheit in the ear", "temperature", "07 E42600FE EA07 0B 17 06 1E 00 03", `{"values":["99.56"],"unit":"[degF]","at":"2026-11-23T06:30:00","site":"ear"}`},
	{"hundreds of thousands", "temperature", "00 14990500FC", `{"reason":"impossible"}`},
	{"four decimals", "temperature", "00 149905FC", `{"values":["36.687"]}`},
	{"not found", "temperature", "00 FFFF7F00", `{"reason":"no-result"}`},
	{"not at this resolution", "temperature", "00 00008000", `{"reason":"no-result"}`},
	{"too hot for it", "temperature", "00 FEFF7F00", `{"reason":"too-high"}`},
	{"too cold for it", "temperature", "00 02008000", `{"reason":"too-low"}`},
	{"on the table", "temperature", "00 15000000", `{"reason":"impossible"}`},
	{"a power of 127", "temperature", "00 0100007F", `{"reason":"impossible"}`},
	{"a power of -128", "temperature", "00 01000080", `{"reason":"impossible"}`},
	{"only its mantissa", "temperature", "00 6E0100", `{"reason":"truncated"}`},

	{"a strap", "heartRate", "06 48", `{"measure":"heart-rate","values":["72"],"unit":"/min","at":null}`},
	{"a strap in two bytes", "heartRate", "17 4800 2003", `{"values":["72"]}`},
	{"touching nobody", "heartRate", "04 48", `{"reason":"invalid"}`},
	{"no beat yet", "heartRate", "00 00", `{"reason":"no-result"}`},
	{"six hundred", "heartRate", "01 5802", `{"reason":"impossible"}`},
	{"half of it", "heartRate", "01 48", `{"reason":"truncated"}`},
}

// TestDevices runs what reads health devices where it runs: in a page of the program, under its policy.
func TestDevices(t *testing.T) {
	t.Parallel()
	b := newTab(t, serve(t, t.TempDir()).URL, look{})
	b.open("/")
	t.Run("packets", func(t *testing.T) { devicePackets(t, b) })
	t.Run("connection", func(t *testing.T) { deviceConnection(t, b) })
}

func devicePackets(t *testing.T, b *tab) {
	asked := make([][2]string, len(packetCases))
	for i, c := range packetCases {
		asked[i] = [2]string{c.decode, c.packet}
	}
	in, _ := json.Marshal(asked)
	got := eval[[]map[string]any](b, `import("/assets/js/devices.js").then((devices) => `+string(in)+`.map(([decode, hex]) => {
		const bytes = hex.replaceAll(" ", "").match(/../g) ?? [];
		const around = Uint8Array.from([9, 9, 9, ...bytes.map((x) => parseInt(x, 16)), 9, 9]);
		return devices[decode](new DataView(around.buffer, 3, bytes.length)); // a view into a larger buffer, as browsers give
	}))`)
	for i, c := range packetCases {
		var want map[string]any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for field, value := range want {
			if !reflect.DeepEqual(got[i][field], value) {
				t.Errorf("%s: %s of %s is %v, not %v", c.name, field, c.packet, got[i][field], value)
			}
		}
		if want["reason"] == nil && got[i]["reason"] != nil {
			t.Errorf("%s: %s", c.name, got[i]["reason"])
		}
		if want["reason"] != nil && got[i]["values"] != nil {
			t.Errorf("%s: a value where there is none: %v", c.name, got[i]["values"])
		}
	}

	// Every beginning of every packet, and sixty thousand that no device sends.
	if said := eval[[]string](b, `import("/assets/js/devices.js").then((devices) => {
		const reasons = ["truncated", "no-result", "too-low", "too-high", "impossible", "control", "invalid", "refused"];
		const decoders = ["bloodPressure", "glucose", "glucoseContext", "recordsAnswer", "weight", "oxygenSpot", "oxygenContinuous", "temperature", "heartRate"];
		const wrong = [];
		const counts = {};
		const judge = (decode, bytes) => {
			const what = decode + " " + [...bytes].map((x) => x.toString(16).padStart(2, "0")).join("");
			try {
				const r = devices[decode](bytes);
				counts[decode + " " + (r.reason ? "refused" : "read")] = 1;
				if (r.reason ? !reasons.includes(r.reason) : decode !== "glucoseContext" && decode !== "recordsAnswer" &&
					(!r.measure || !r.values.every((v) => /^\d{1,4}(\.\d{1,3})?$/.test(v) && Number(v) > 0 && Number(v) < 1441) || !r.also.every((a) => /^\d{2,3}$/.test(a.values[0])) ||
					r.at !== null && (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(r.at) || isNaN(new Date(r.at + "Z"))) || !Array.isArray(r.status))) wrong.push(what + " " + JSON.stringify(r));
			} catch (error) {
				wrong.push(what + " threw " + error);
			}
		};
		for (const [decode, hex] of `+string(in)+`) {
			const bytes = (hex.replaceAll(" ", "").match(/../g) ?? []).map((x) => parseInt(x, 16));
			for (let n = 0; n <= bytes.length; n++) judge(decode, Uint8Array.from(bytes.slice(0, n)));
		}
		let seed = 20261123;
		const random = (n) => { // mulberry32
			seed = (seed + 0x6d2b79f5) | 0;
			let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
			x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
			return ((x ^ (x >>> 14)) >>> 0) % n;
		};
		for (let i = 0; i < 60000; i++) {
			const bytes = new Uint8Array(random(24));
			for (let j = 0; j < bytes.length; j++) bytes[j] = random(3) ? random(256) : [0, 0xff, 0x07, 0x08, 0xfe, 0x50][random(6)];
			judge(decoders[i % decoders.length], bytes);
		}
		for (const none of [undefined, null, 7, "packet", {}, []]) for (const decode of decoders) if (devices[decode](none).reason !== "truncated") wrong.push(decode + " reads " + none);
		for (const decode of decoders) for (const end of ["read", "refused"]) if (!counts[decode + " " + end]) wrong.push("no packet was " + end + " by " + decode);
		return wrong.slice(0, 20);
	})`); len(said) > 0 {
		t.Error(said)
	}
}

// deviceConnection drives connect with a simulated Bluetooth: devices that behave, and others.
func deviceConnection(t *testing.T, b *tab) {
	script, err := os.ReadFile("testdata/bluetooth.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range eval[[]string](b, `import("/assets/js/devices.js").then(`+string(script)+`)`) {
		t.Error(said)
	}
}
