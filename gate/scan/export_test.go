package scan

// Stage runs one part of a scan again and again, for the benchmarks.
func (e *Engine) Stage(name, text string) func() {
	s := e.state()
	s.read(text)
	switch name {
	case "fold":
		return func() { s.text.fold(text, e.folds) }
	case "tokenise":
		return func() { s.tokenise() }
	case "marks":
		return func() {
			for i := range s.heads {
				s.heads[i] = -1
			}
			s.marks = s.marks[:0]
			for i := range e.levels {
				s.run(&e.levels[i])
				if i == 0 {
					s.scanners()
				}
			}
		}
	case "scanners":
		return func() {
			for i := range s.heads {
				s.heads[i] = -1
			}
			s.marks = s.marks[:0]
			s.scanners()
		}
	case "index":
		return func() { s.index() }
	case "sense":
		c := Context{Kind: Post, Lang: "en"}
		return func() {
			m := e.senses.model
			s.units(LangHash("en"), m, nil, nil)
			m.Best(s.words, s.contextOf(c, "en", nil), &s.scratch)
		}
	case "judge":
		return func() { s.judge(Context{Kind: Post}, nil) }
	}
	panic(name)
}
