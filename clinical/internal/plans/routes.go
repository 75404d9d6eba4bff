package plans

import (
	"slices"

	"github.com/mitral-health/mitral/clinical/internal/door"
	"github.com/mitral-health/mitral/platform/web"
)

const (
	pressBody  = 4 << 10
	changeBody = 256 << 10 // a whole plan: its texts are at most 4 kB each
)

// Routes lists the pages.
func (p *Plans) Routes() []web.Route {
	d := door.Door{People: p.People}
	return slices.Concat(
		d.App("GET", "/plan", p.mine, door.Kept),
		d.App("GET", "/plan/{plan}/{activity}", p.one, door.Kept),
		d.App("POST", "/plan/{plan}/{activity}/done", p.press, door.Body(pressBody)),
		d.App("GET", "/plan/{plan}/{activity}/answer", p.ask),
		d.App("POST", "/plan/{plan}/{activity}/answer", p.answer, door.Body(pressBody)),

		d.Staff("GET", "/{patient}/plan", p.shelf),
		d.Staff("POST", "/{patient}/plan", p.choose, door.Body(pressBody)),
		d.Staff("GET", "/{patient}/plan/{plan}", p.team),
		d.Staff("GET", "/{patient}/plan/{plan}/change", p.changePage),
		d.Staff("POST", "/{patient}/plan/{plan}/change", p.change, door.Body(changeBody)),
		d.Staff("POST", "/{patient}/plan/{plan}/end", p.end, door.Body(pressBody)),
		d.Staff("POST", "/{patient}/plan/{plan}/seen", p.seen, door.Body(pressBody)))
}
