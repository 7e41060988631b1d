package media

const wheelSlots = 1024 // 2 s of 2 ms ticks; later timers go round

// timer is one appointment of a stream. It is part of the stream and links itself into the wheel: setting it allocates nothing.
type timer struct {
	next, prev *timer
	due        int64 // tick
	stream     *Stream
	fire       func(*Stream, int64) // with the time in ns
}

// wheel is the hashed timing wheel of one shard.
type wheel struct {
	tick  int64 // ns
	at    int64 // the last tick done
	slots [wheelSlots]timer
	now   timer // list of those being fired
}

func (w *wheel) start(tick, now int64) {
	w.tick, w.at = tick, now/tick
	for i := range w.slots {
		w.slots[i].next, w.slots[i].prev = &w.slots[i], &w.slots[i]
	}
	w.now.next, w.now.prev = &w.now, &w.now
}

// set arms t for the first tick at or after ns, and moves it when it was armed.
func (w *wheel) set(t *timer, ns int64) {
	t.stop()
	t.due = max((ns+w.tick-1)/w.tick, w.at+1)
	t.link(&w.slots[t.due%wheelSlots])
}

func (t *timer) link(list *timer) {
	t.prev, t.next = list.prev, list
	t.prev.next, list.prev = t, t
}

// stop disarms t. A timer that is not armed stays so.
func (t *timer) stop() {
	if t.next == nil {
		return
	}
	t.prev.next, t.next.prev = t.next, t.prev
	t.next, t.prev = nil, nil
}

// advance fires what is due up to now.
func (w *wheel) advance(now int64, fire func(*timer)) {
	target := now / w.tick
	w.at = max(w.at, target-wheelSlots) // after a long stall one round finds them all
	for w.at < target {
		w.at++
		w.collect(&w.slots[w.at%wheelSlots])
		for w.now.next != &w.now {
			t := w.now.next
			t.stop()
			fire(t)
		}
	}
}

// collect moves the due timers of a slot to the list of those being fired, where they can still be stopped.
func (w *wheel) collect(slot *timer) {
	for t := slot.next; t != slot; {
		next := t.next
		if t.due <= w.at {
			t.stop()
			t.link(&w.now)
		}
		t = next
	}
}
