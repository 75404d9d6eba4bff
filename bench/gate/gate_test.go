// Package gate measures the gate's engine: go test -bench . ./bench/gate
package gate

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/gate/policy"
	"github.com/mitral-health/mitral/gate/scan"
)

const post = `A big well done to all of you who came to our open evening on sleep and the menopause last week. More than 120 neighbours filled the hall, and the questions were excellent. Dr Marisol Quenby will answer the ones we had no time for in a live chat next Tuesday at 18:30. You can leave your name out. If you would rather talk to somebody in private, call us on 555-0142 between 8:00 and 18:00. And remember: sit for five minutes, feet flat, arm on the table, before you measure your blood pressure. See you there.`

const leak = `Qué alegría ver a la señora García caminando por el pasillo. El martes pasado la operamos de la cadera y ayer le dimos el alta; vive en la calle Mayor 12 con su hija Marta. Su teléfono es 612 345 678 por si queréis felicitarla. Nuestro equipo de traumatología lleva 25 años cuidando de Orlena, y cada día aprendemos algo nuevo con nuestros pacientes. Gracias a la doctora Quenby y a todas las enfermeras de la planta tercera por su trabajo. Si tenéis dudas, llamad al 955 555 014. ¡Seguimos!`

func engine(b testing.TB) *scan.Engine {
	set, err := policy.Load(policy.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	e, err := set.Engine(policy.Example())
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func run(b *testing.B, text string, c scan.Context) {
	e := engine(b)
	times := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		t := time.Now()
		e.Scan(text, c)
		if len(times) < cap(times) {
			times = append(times, time.Since(t))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-µs")
}

func BenchmarkCleanPost(b *testing.B) { run(b, post, scan.Context{Kind: scan.Post}) }
func BenchmarkLeakPost(b *testing.B)  { run(b, leak, scan.Context{Kind: scan.Post}) }
func BenchmarkReply(b *testing.B) {
	run(b, post, scan.Context{Kind: scan.Reply, Parent: leak})
}

func BenchmarkMegabyteClean(b *testing.B) {
	run(b, strings.Repeat(post+"\n\n", (1<<20)/len(post)), scan.Context{Kind: scan.Post})
}

func BenchmarkMegabyteLeaks(b *testing.B) {
	run(b, strings.Repeat(leak+"\n\n", (1<<20)/len(leak)), scan.Context{Kind: scan.Post})
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		engine(b)
	}
}

// BenchmarkLinear scans what repeats itself, 16 and 64 KiB of it, and reports how many times as long
// the fourfold text took: about 4 when the work is in proportion, 16 when it is quadratic.
func BenchmarkLinear(b *testing.B) {
	e := engine(b)
	for _, unit := range []string{"your ", "you were ", "su ", "le ", "i want to ", "thank you for your ", "her ", "after her big big surgery ", "Ana García ", "Marta has asthma. With her written permission. ", "HIV ", "i want to die now. call 112 now. your file says so. ", "yesterday ",
		"1 2 3 4 5 6 7 8 9 0 ", "1a2b3c4d", "@a", "a.b.c.", "x.com/hashtagx.com/", "\u200b", "\u0301", "A", "Mr. ", "\xff", "six "} {
		b.Run(strconv.Quote(unit), func(b *testing.B) {
			small, large := strings.Repeat(unit, (16<<10)/len(unit)), strings.Repeat(unit, (64<<10)/len(unit))
			one, four := time.Hour, time.Hour
			for b.Loop() {
				t := time.Now()
				e.Scan(small, scan.Context{Kind: scan.Reply, Parent: small[:1<<12]})
				mid := time.Now()
				e.Scan(large, scan.Context{Kind: scan.Reply, Parent: large[:1<<12]})
				one, four = min(one, mid.Sub(t)), min(four, time.Since(mid))
			}
			b.ReportMetric(float64(four)/float64(one), "ratio")
		})
	}
}
