package plans

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// at is a point of a drawing of 200 by 160; the floor is at 146.
type at struct{ X, Y float64 }

// limb is a leg from knee to toe, or an arm from elbow to hand.
type limb struct{ Mid, End, Tip at }

// pose is a neighbour seen from the side, doing one step of an exercise.
type pose struct {
	Head, Neck, Hip at
	Near, Far       limb // legs; a Far without a place is behind Near
	Arm, Other      limb // Other without a place is not seen
	On              string
	From, To        at // an arrow of the movement; none if To has no place
	Breath          bool
}

var (
	standing = limb{at{101, 115}, at{100, 141}, at{112, 142}}
	seated   = limb{at{118, 105}, at{116, 141}, at{129, 142}}
	longLeg  = limb{at{132, 110}, at{166, 111}, at{168, 99}}
	down     = limb{at{98, 76}, at{100, 98}, at{}}
	lap      = limb{at{92, 86}, at{110, 98}, at{}}
	flat     = limb{at{72, 112}, at{94, 114}, at{}}
	holding  = limb{at{118, 78}, at{137, 82}, at{}}
)

func sitting(change func(*pose)) pose {
	p := pose{Head: at{88, 37}, Neck: at{86, 60}, Hip: at{84, 101}, Near: seated, Arm: lap, On: "chair"}
	change(&p)
	return p
}

func upright(change func(*pose)) pose {
	p := pose{Head: at{102, 24}, Neck: at{100, 48}, Hip: at{100, 88}, Near: standing, Far: limb{at{94, 115}, at{92, 141}, at{104, 142}}, Arm: down, On: "floor"}
	change(&p)
	return p
}

func lying(change func(*pose)) pose {
	p := pose{Head: at{34, 101}, Neck: at{56, 108}, Hip: at{98, 109}, Near: longLeg, Arm: flat, On: "bed"}
	change(&p)
	return p
}

// poses are the drawings of all steps.
var poses = map[string]pose{
	"sit": sitting(func(*pose) {}),
	"sit-lean": sitting(func(p *pose) {
		p.Head, p.Neck, p.Arm = at{124, 52}, at{106, 68}, limb{at{112, 88}, at{118, 100}, at{}}
		p.From, p.To = at{112, 28}, at{142, 40}
	}),
	"half-sit": sitting(func(p *pose) {
		p.Head, p.Neck, p.Hip = at{120, 40}, at{108, 58}, at{90, 92}
		p.Near = limb{at{120, 104}, at{116, 141}, at{129, 142}}
		p.Arm = limb{at{122, 74}, at{138, 80}, at{}}
		p.From, p.To = at{58, 62}, at{58, 94}
	}),
	"stand": upright(func(p *pose) { p.On = "chair"; p.From, p.To = at{140, 92}, at{140, 56}; shift(p, 18) }),
	"hold":  upright(func(p *pose) { p.Arm, p.On = holding, "rail" }),
	"hold-toes": upright(func(p *pose) {
		p.Arm, p.On = limb{at{118, 68}, at{137, 80}, at{}}, "rail"
		p.Head, p.Neck, p.Hip = at{102, 12}, at{100, 36}, at{100, 77}
		p.Near = limb{at{101, 104}, at{99, 130}, at{108, 142}}
		p.Far = limb{at{94, 104}, at{91, 130}, at{100, 142}}
		p.From, p.To = at{68, 96}, at{68, 64}
	}),
	"sit-knee": sitting(func(p *pose) {
		p.Far = seated
		p.Near = limb{at{116, 82}, at{122, 116}, at{135, 116}}
		p.Arm = limb{at{76, 84}, at{78, 104}, at{}}
		p.From, p.To = at{146, 110}, at{146, 78}
	}),
	"sit-knee-other": sitting(func(p *pose) {
		p.Far = limb{at{116, 82}, at{122, 116}, at{135, 116}}
		p.Arm = limb{at{76, 84}, at{78, 104}, at{}}
		p.From, p.To = at{146, 110}, at{146, 78}
	}),
	"wall": upright(func(p *pose) {
		p.Head, p.Neck, p.Hip, p.On = at{92, 27}, at{88, 50}, at{82, 89}, "wall"
		p.Near, p.Far = limb{at{77, 115}, at{72, 141}, at{84, 142}}, limb{}
		p.Arm = limb{at{112, 54}, at{138, 56}, at{}}
	}),
	"wall-near": upright(func(p *pose) {
		p.Head, p.Neck, p.Hip, p.On = at{118, 32}, at{110, 53}, at{94, 90}, "wall"
		p.Near, p.Far = limb{at{84, 116}, at{72, 141}, at{84, 142}}, limb{}
		p.Arm = limb{at{116, 76}, at{138, 58}, at{}}
		p.From, p.To = at{62, 70}, at{86, 70}
	}),
	"sit-arms": sitting(func(p *pose) { p.Arm = limb{at{82, 82}, at{84, 104}, at{}} }),
	"sit-arms-front": sitting(func(p *pose) {
		p.Arm = limb{at{110, 64}, at{134, 64}, at{}}
		p.From, p.To = at{146, 94}, at{146, 70}
	}),
	"sit-arms-up": sitting(func(p *pose) {
		p.Arm, p.Breath = limb{at{104, 42}, at{114, 20}, at{}}, true
		p.From, p.To = at{146, 62}, at{146, 32}
	}),
	"breathe-in": sitting(func(p *pose) {
		p.Arm = limb{at{74, 84}, at{98, 90}, at{}}
		p.From, p.To = at{150, 40}, at{112, 40}
	}),
	"breathe-out": sitting(func(p *pose) {
		p.Arm, p.Breath = limb{at{74, 84}, at{96, 90}, at{}}, true
		p.From, p.To = at{124, 42}, at{164, 42}
	}),
	"lie": lying(func(*pose) {}),
	"lie-toes-up": lying(func(p *pose) {
		p.Near.Tip = at{160, 97}
		p.From, p.To = at{186, 88}, at{162, 82}
	}),
	"lie-toes-down": lying(func(p *pose) {
		p.Near.Tip = at{180, 105}
		p.From, p.To = at{166, 84}, at{188, 94}
	}),
	"lie-towel": lying(func(p *pose) {
		p.Near, p.On = limb{at{132, 106}, at{164, 104}, at{166, 92}}, "towel"
	}),
	"lie-press": lying(func(p *pose) {
		p.Near, p.On = limb{at{132, 112}, at{164, 104}, at{166, 92}}, "towel"
		p.From, p.To = at{132, 72}, at{132, 96}
	}),
	"lie-bend": lying(func(p *pose) {
		p.Near = limb{at{126, 74}, at{142, 112}, at{153, 113}}
		p.From, p.To = at{182, 100}, at{158, 100}
	}),
	"lie-one-bent": lying(func(p *pose) { p.Far = limb{at{126, 74}, at{142, 112}, at{153, 113}} }),
	"lie-raise": lying(func(p *pose) {
		p.Far = limb{at{126, 74}, at{142, 112}, at{153, 113}}
		p.Near = limb{at{129, 91}, at{161, 74}, at{157, 62}}
		p.From, p.To = at{182, 104}, at{182, 74}
	}),
}

func shift(p *pose, by float64) {
	for _, a := range []*at{&p.Head, &p.Neck, &p.Hip, &p.Near.Mid, &p.Near.End, &p.Near.Tip, &p.Far.Mid, &p.Far.End, &p.Far.Tip, &p.Arm.Mid, &p.Arm.End} {
		a.X += by
	}
}

// things is what a pose stands, sits or lies on; behind is drawn first.
var things = map[string]string{
	"floor": "",
	"chair": `<path d="M66 58v86M106 118v26" stroke="#0c5646" stroke-width="7"/><path d="M64 117h46" stroke="#0c5646" stroke-width="9"/>`,
	"rail":  `<path d="M140 84v60M168 84v60" stroke="#0c5646" stroke-width="7"/><path d="M136 84h36M140 116h28" stroke="#0c5646" stroke-width="9"/>`,
	"wall":  `<path d="M142 8h16v136h-16z" fill="#0c5646"/>`,
	"bed":   `<path d="M16 126h170" stroke="#8fdcb8" stroke-width="14"/><path d="M14 104v40M186 126v18" stroke="#0c5646" stroke-width="7"/><path d="M16 117h22" stroke="#fff" stroke-width="9"/>`,
	"towel": `<path d="M16 126h170" stroke="#8fdcb8" stroke-width="14"/><path d="M14 104v40M186 126v18" stroke="#0c5646" stroke-width="7"/><path d="M16 117h22" stroke="#fff" stroke-width="9"/><circle cx="164" cy="114" r="7" fill="#ffc53d"/>`,
}

const (
	skin, hair, coat, sleeve = "#c98b62", "#8d8598", "#e0603a", "#b8431f"
	trousers, behind, shoe   = "#4a2470", "#7d55b8", "#201a2b"
)

// drawing writes a pose as a picture. The words of its step stand beside it, so it has none of its own.
func drawing(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, poses[name].svg())
		return err
	})
}

func (p pose) svg() string {
	var b strings.Builder
	b.WriteString(`<svg class="pose" viewBox="0 -12 200 162" aria-hidden="true"><path d="M14 146V80a86 86 0 0 1 172 0v66z" fill="#e7dcf5"/><g fill="none" stroke-linecap="round" stroke-linejoin="round">`)
	if p.Far != (limb{}) {
		leg(&b, p.Hip, p.Far, behind)
	}
	b.WriteString(things[p.On])
	line(&b, coat, 25, p.Neck, p.Hip)
	leg(&b, p.Hip, p.Near, trousers)
	fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="14" fill="%s"/>`, p.Head.X, p.Head.Y, skin)
	x, y := p.Head.X, p.Head.Y
	if p.On == "bed" || p.On == "towel" {
		fmt.Fprintf(&b, `<path d="M%g %gA14.5 14.5 0 0 0 %g %gC%g %g %g %g %g %gz" fill="%s"/><circle cx="%g" cy="%g" r="1.8" fill="%s"/>`,
			x-3, y-14, x-4, y+14, x-4, y+4, x-4, y-5, x+1, y-14, hair, x+7, y-6, shoe)
	} else {
		fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="6" fill="%s"/><path d="M%g %gA14.5 14.5 0 0 1 %g %gC%g %g %g %g %g %gz" fill="%s"/><circle cx="%g" cy="%g" r="1.8" fill="%s"/>`,
			x-13, y-9, hair, x-14, y+4, x+12, y-8, x+3, y-8, x-4, y-3, x-7, y+7, hair, x+7, y-1, shoe)
	}
	shoulder := at{p.Neck.X + (p.Hip.X-p.Neck.X)*.12, p.Neck.Y + (p.Hip.Y-p.Neck.Y)*.12}
	line(&b, sleeve, 11, shoulder, p.Arm.Mid, p.Arm.End)
	fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="6.5" fill="%s"/>`, p.Arm.End.X, p.Arm.End.Y, skin)
	b.WriteString(`<path d="M6 146h188" stroke="#736b7e" stroke-width="4"/>`)
	if p.Breath {
		fmt.Fprintf(&b, `<path d="M%g %gq8 4 16 0M%g %gq8 4 16 0" stroke="#2d4a78" stroke-width="3"/>`, x+20, y-4, x+22, y+14)
	}
	if p.To != (at{}) {
		arrow(&b, p.From, p.To)
	}
	b.WriteString(`</g></svg>`)
	return b.String()
}

func line(b *strings.Builder, colour string, width int, points ...at) {
	fmt.Fprintf(b, `<path d="M%g %g`, points[0].X, points[0].Y)
	for _, p := range points[1:] {
		fmt.Fprintf(b, `L%g %g`, p.X, p.Y)
	}
	fmt.Fprintf(b, `" stroke="%s" stroke-width="%d"/>`, colour, width)
}

func leg(b *strings.Builder, hip at, l limb, colour string) {
	line(b, colour, 15, hip, l.Mid, l.End)
	line(b, shoe, 9, l.End, l.Tip)
}

// arrow shows where the movement goes; its parts are as wide as the shortest one needs.
func arrow(b *strings.Builder, from, to at) {
	dx, dy := to.X-from.X, to.Y-from.Y
	n := max(abs(dx), abs(dy))
	ux, uy := dx/n*8, dy/n*8
	line(b, shoe, 4, from, to)
	line(b, shoe, 4, at{to.X - ux - uy, to.Y - uy + ux}, to, at{to.X - ux + uy, to.Y - uy - ux})
}

func abs(f float64) float64 { return max(f, -f) }
