package measure

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Write prints the figures of one set: never one number for all.
func (t *Tally) Write(w io.Writer, misses int) {
	p := func(format string, a ...any) { _, _ = fmt.Fprintf(w, format, a...) }
	p("%d texts, %d with nothing marked, of which %d (%.1f %%) have something found in them\n", t.Texts, t.Clean, t.Flagged, 100*Ratio(t.Flagged, max(t.Clean, 1)))
	p("%-22s %6s %6s | strict %5s %5s %5s %5s | place %5s | any overlap %5s %5s %5s %5s\n", "", "marked", "found", "P", "R", "F1", "F2", "F1", "P", "R", "F1", "F2")
	for _, key := range slices.Sorted(maps.Keys(t.Rows)) {
		c := t.Rows[key]
		sp, sr := Ratio(c.Strict, c.Found), Ratio(c.Strict, c.Gold)
		pp, pr := Ratio(c.Placed, c.Found), Ratio(c.Placed, c.Gold)
		ap, ar := Ratio(c.Useful, c.Found), Ratio(c.Touched, c.Gold)
		p("%-22s %6d %6d |        %.3f %.3f %.3f %.3f |       %.3f |             %.3f %.3f %.3f %.3f\n", key, c.Gold, c.Found,
			sp, sr, F(sp, sr, 1), F(sp, sr, 2), F(pp, pr, 1), ap, ar, F(ap, ar, 1), F(ap, ar, 2))
	}
	p("taken for:\n")
	for _, u := range slices.Sorted(maps.Keys(t.Mixed)) {
		p("  %s:", u)
		as := slices.SortedFunc(maps.Keys(t.Mixed[u]), func(a, b string) int { return t.Mixed[u][b] - t.Mixed[u][a] })
		for i, a := range as {
			if i == 6 {
				break
			}
			p(" %s %d", a, t.Mixed[u][a])
		}
		p("\n")
	}
	for _, extra := range []bool{false, true} {
		p("%s:\n", map[bool]string{false: "missed most", true: "found without being marked, most"}[extra])
		for _, m := range t.Worst(misses, extra) {
			p("  %3d × %s %q (%s)\n", m.Times, m.Entity, m.Text, m.ID)
		}
	}
}
