package plans

// Drill is an exercise: a file of library/exercises, in our own words and drawings.
type Drill struct {
	Name    string
	Title   Words
	Why     Words
	Steps   []Step
	Again   Words // how often
	Care    Words // when to stop
	Minutes int   // of the timer, if the plan says nothing else
}

// Step is one thing to do, with the name of its drawing.
type Step struct {
	Words   Words
	Picture string
}
