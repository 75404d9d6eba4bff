package care_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mitral-health/mitral/clinical"
	"github.com/mitral-health/mitral/platform/db"
	"github.com/mitral-health/mitral/platform/db/dbtest"
)

var pages = []string{"/my", "/my/trends", "/my/trends/blood-pressure", "/my/plan", "/my/messages", "/care/edda", "/care"}

// hourly is two years of a pulse that a watch measures every hour.
const hourly = 2 * 365 * 24

// BenchmarkPages asks each page for the same patient twice in turn: without and with two years of hourly pulse. "times" is how many
// times as much processor time it takes then. Taken in turn, the two are equally disturbed by whatever else runs.
func BenchmarkPages(b *testing.B) {
	for name, open := range map[string]func(testing.TB, string, []db.Migration) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			few := app(b, open(b, "clinical", clinical.Migrations()), 0)
			many := app(b, open(b, "clinical", clinical.Migrations()), hourly)
			for _, path := range append(pages[:len(pages):len(pages)], "/my/trends/heart-rate?for=half-year") {
				b.Run(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", "-"), func(b *testing.B) {
					get(b, few, path)
					get(b, many, path)
					var of [2]time.Duration
					for b.Loop() {
						began := spent(b)
						get(b, few, path)
						half := spent(b)
						get(b, many, path)
						of[0], of[1] = of[0]+half-began, of[1]+spent(b)-half
					}
					b.ReportMetric(float64(of[0].Microseconds())/float64(b.N), "cpu-µs/op")
					b.ReportMetric(float64(of[1].Microseconds())/float64(b.N), "pulse-cpu-µs/op")
					b.ReportMetric(float64(of[1])/float64(of[0]), "times")
				})
			}
		})
	}
}
