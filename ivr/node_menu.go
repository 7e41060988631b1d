package ivr

import (
	"time"

	"hotline/ivr/form"
)

// asking is what menu and collect share: prompts, patience, and what happens when the caller does not answer well.
type asking struct {
	prompts, silent, invalid []form.Prompt
	bargeIn                  bool
	tries                    int
	onTimeout, onInvalid     form.Way
}

func readAsking(s *form.Section) asking {
	a := asking{
		prompts: s.Prompts("prompts"),
		silent:  s.Prompts("silent-prompts"),
		invalid: s.Prompts("invalid-prompts"),
		bargeIn: s.Flag("barge-in", true),
		tries:   s.Count("tries", 3, 1, 9),
	}
	on := s.Sub("on")
	a.onTimeout, a.onInvalid = on.Must("timeout"), on.Way("invalid")
	on.Done()
	return a
}

// attempt is the state of one question: which try it is, and what plays or which timer runs.
type attempt struct {
	asking
	first time.Duration // from the end of the prompts to the first key
	play  int           // 0: nothing plays
	timer int           // 0: no timer runs
	try   int           // from 1
}

// ask plays the question, with a word about what went wrong before it.
func (a *attempt) ask(r *Run, before []form.Prompt) {
	a.try++
	a.timer = 0
	a.play = r.play(append(before[:len(before):len(before)], a.prompts...))
	if a.play == 0 {
		a.timer = r.timer(a.first)
	}
}

// heard handles the end of the prompts. It says whether the input was that.
func (a *attempt) heard(r *Run, in Input) bool {
	p, ok := in.(Played)
	if !ok || a.play == 0 || p.Play != a.play {
		return false
	}
	a.play, a.timer = 0, r.timer(a.first)
	return true
}

// late says whether the input is the timer that runs.
func (a *attempt) late(in Input) bool {
	t, ok := in.(Timer)
	return ok && a.timer != 0 && t.ID == a.timer
}

// interrupt stops the prompts for a key; false when the key must wait for their end and is lost.
func (a *attempt) interrupt(r *Run) bool {
	if a.play == 0 {
		return true
	}
	if !a.bargeIn {
		return false
	}
	a.play = 0
	r.say(Stop{})
	return true
}

// fail counts a bad try: the question again, or the way out after the last.
func (a *attempt) fail(r *Run, self activity, silent bool) move {
	before, way := a.invalid, a.onInvalid
	if silent || way.To == "" {
		way = a.onTimeout
	}
	if silent {
		before = a.silent
	}
	if a.try >= a.tries {
		return take(way)
	}
	a.ask(r, before)
	return waitFor(self)
}

func (a *attempt) listens() bool { return true }

// menuNode lets the caller choose by one key. 0 leads to a person, * back to the menu before, # says it again, unless the
// menu gives these keys another meaning or none ("").
type menuNode struct {
	asking
	name    string
	keys    map[byte]form.Way
	off     map[byte]bool
	timeout time.Duration
	person  form.Way
}

func readMenu(f *Flow, s *form.Section) body {
	n := menuNode{
		name: s.Node(), keys: map[byte]form.Way{}, off: map[byte]bool{},
		asking: readAsking(s), timeout: s.Duration("timeout", 5*time.Second, time.Second, time.Minute),
	}
	keys := s.Sub("keys")
	if keys.Len() == 0 {
		s.Bad(keys.Line, "%s needs \"keys\": which key leads where, such as 1: refund", s.What)
	}
	keys.All(form.AsKeyWays, func(key, to string, line int) {
		switch {
		case len(key) != 1 || !form.IsKey(key[0]):
			s.Bad(line, "%s has the key %q: a telephone has 0 to 9, *, # and A to D", s.What, key)
		case to == "":
			n.off[key[0]] = true
		default:
			n.keys[key[0]] = s.Note(form.Way{Name: "key " + key, To: to, Line: line})
		}
	})
	if _, own := n.keys['0']; !own && !n.off['0'] && f.Person != "" {
		n.person = s.Note(form.Way{Name: "person", To: f.Person, Line: s.Line})
	}
	return n
}

func (n menuNode) waits() bool { return true }

func (n menuNode) begin(r *Run) move {
	r.answer()
	r.visited(n.name)
	c := &choosing{menu: n, attempt: attempt{asking: n.asking, first: n.timeout}}
	if key, ok := r.nextAhead(); ok && n.bargeIn {
		c.try = 1
		return c.key(r, key)
	}
	c.ask(r, nil)
	return waitFor(c)
}

// choosing is a menu that waits for a key.
type choosing struct {
	attempt
	menu menuNode
}

func (c *choosing) on(r *Run, in Input) move {
	switch d, isDigit := in.(Digit); {
	case isDigit:
		if form.IsKey(d.Key) && c.interrupt(r) {
			return c.key(r, d.Key)
		}
	case c.late(in):
		return c.fail(r, c, true)
	default:
		c.heard(r, in)
	}
	return waitFor(c)
}

func (c *choosing) key(r *Run, key byte) move {
	r.say(Digits{Masked: string(key)})
	if e, ok := c.menu.keys[key]; ok {
		return take(e)
	}
	switch {
	case c.menu.off[key]:
	case key == '0' && c.menu.person.To != "":
		return take(c.menu.person)
	case key == '*':
		return move{to: r.menuBefore()}
	case key == '#':
		c.try--
		c.ask(r, nil)
		return waitFor(c)
	}
	return c.fail(r, c, false)
}

// visited keeps the menus of the current flow for *.
func (r *Run) visited(menu string) {
	t := r.top()
	if n := len(t.menus); n > 0 && t.menus[n-1] == menu {
		return
	}
	t.menus = append(t.menus, menu)
	if len(t.menus) > maxMenus {
		t.menus = t.menus[1:]
	}
}

// menuBefore is the menu that the caller came from; the present one when it is the first.
func (r *Run) menuBefore() string {
	t := r.top()
	if n := len(t.menus); n > 1 {
		t.menus = t.menus[:n-1]
	}
	return t.menus[len(t.menus)-1]
}

// nextAhead is the next key pressed before it was asked for.
func (r *Run) nextAhead() (byte, bool) {
	if len(r.ahead) == 0 {
		return 0, false
	}
	key := r.ahead[0]
	r.ahead = r.ahead[1:]
	return key, true
}
