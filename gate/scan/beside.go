package scan

import "github.com/mitral-health/mitral/gate/sense"

// besideHelp is how clearly a question must be answered about what stands beside a call for help. Of 190 leaks put behind
// "Call 112 now", in sets never learned from, 84 % are held so, and 4 of 54 safe answers; at 0 it was 65 % and 2, without a limit 98 % and 7.
const besideHelp = -0.4

// fewWords say too little to be judged by themselves: "You matter to us."
const fewWords = 6

// mute takes the sentences that send somebody for help out of what the model reads, so that it judges what stands beside
// them, and says how clearly a question about that must be answered, if there are any. Where hardly anything stands
// beside them all of it is read, and must be clearer.
func (s *state) mute(found []candidate) (need float64, answers bool) {
	beside := 0
	s.sentences(found, func(from, to int, helps bool) {
		if answers = answers || helps; !helps {
			beside += to - from
		}
	})
	if beside < fewWords || !answers {
		return 0, answers
	}
	s.sentences(found, func(from, to int, helps bool) {
		for i := from; helps && i < to; i++ {
			s.words[i] = sense.Unit{Break: s.words[i].Break}
		}
	})
	return besideHelp, true
}

// sentences calls each for every sentence, and says whether it sends somebody for help. It goes over found in order of
// place, as units left it.
func (s *state) sentences(found []candidate, each func(from, to int, helps bool)) {
	next, from := 0, 0
	for i := 1; i <= len(s.toks); i++ {
		if i < len(s.toks) && !s.toks[i].is(fBreak) {
			continue
		}
		helps := false
		for end := s.toks[i-1].end; next < len(s.inPlace) && found[s.inPlace[next]].word[0] < end; next++ {
			helps = helps || found[s.inPlace[next]].rule.Kind == Answered
		}
		each(from, i, helps)
		from = i
	}
}
