package ivr

import (
	"time"

	"hotline/ivr/form"
)

// surveyNode asks a caller who has talked to somebody how it was: 1 to 5, and after a low score why. It passes over who did not talk, was
// asked lately, or, where it waits for that, was not invited by the agent.
type surveyNode struct {
	prompts, reasonPrompts []form.Prompt
	invited                bool
	quiet                  time.Duration
	low                    int
	reasons                map[byte]string
	next                   form.Way
}

func readSurvey(_ *Flow, s *form.Section) body {
	n := surveyNode{prompts: s.Prompts("prompts"), reasonPrompts: s.Prompts("reason-prompts"), reasons: map[byte]string{}}
	if len(n.prompts) == 0 {
		n.prompts = []form.Prompt{shipped("survey-ask")}
	}
	n.invited = s.Word("when", "always", "invited") == "invited"
	n.quiet = s.Duration("quiet", 7*24*time.Hour, 0, 365*24*time.Hour)
	n.low = s.Count("low", 2, 0, 5)
	reasons := s.Sub("reasons")
	reasons.All(form.AsKeyTexts, func(key, word string, line int) {
		if len(key) != 1 || !form.IsKey(key[0]) || word == "" {
			s.Bad(line, "%s has the reason %q: name a key of a telephone and a word for it", s.What, key)
			return
		}
		n.reasons[key[0]] = word
	})
	if reasons.Len() == 0 {
		n.reasons = map[byte]string{'1': "waiting", '2': "not-solved", '3': "manner", '0': "other"}
	}
	if len(n.reasonPrompts) == 0 {
		if n.reasonPrompts = []form.Prompt{shipped("survey-reason")}; reasons.Len() > 0 {
			s.Bad(reasons.Line, "%s has reasons of its own: give the \"reason-prompts\" that name them", s.What)
		}
	}
	n.next = s.Way("next")
	return n
}

func (n surveyNode) waits() bool { return false }

func (n surveyNode) begin(r *Run) move {
	lately := !r.facts.Surveyed.IsZero() && r.now.Before(r.facts.Surveyed.Add(n.quiet))
	if !r.talked || lately || n.invited && !r.invited {
		return take(n.next)
	}
	r.talked, r.invited = false, false // one survey for each talk
	r.say(SurveyAsked{})
	w := &rating{node: n}
	w.attempt = attempt{asking: asking{prompts: n.prompts, invalid: []form.Prompt{shipped("invalid")}, bargeIn: true, tries: 2, onTimeout: n.next}, first: 8 * time.Second}
	w.ask(r, nil)
	return waitFor(w)
}

// rating waits for the score, then for a reason.
type rating struct {
	attempt
	node  surveyNode
	score int // 0: not given yet
}

func (w *rating) on(r *Run, in Input) move {
	switch d, isDigit := in.(Digit); {
	case isDigit:
		if form.IsKey(d.Key) && w.interrupt(r) {
			return w.key(r, d.Key)
		}
	case w.late(in):
		return w.fail(r, w, true)
	default:
		w.heard(r, in)
	}
	return waitFor(w)
}

func (w *rating) key(r *Run, key byte) move {
	if w.score > 0 {
		reason, ok := w.node.reasons[key]
		if !ok {
			return w.fail(r, w, false)
		}
		r.say(Rated{Score: w.score, Reason: reason})
		return w.thank(r)
	}
	if key < '1' || key > '5' {
		return w.fail(r, w, false)
	}
	w.score = int(key - '0')
	r.say(Rated{Score: w.score})
	if w.score > w.node.low || len(w.node.reasons) == 0 {
		return w.thank(r)
	}
	w.try, w.prompts = 0, w.node.reasonPrompts
	w.ask(r, nil)
	return waitFor(w)
}

func (w *rating) thank(r *Run) move {
	return waitFor(playing{play: r.play([]form.Prompt{shipped("survey-thanks")}), next: w.node.next})
}
