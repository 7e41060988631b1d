// Package ladder keeps the SIP messages of the latest dialogs in memory and draws them as ladders. It neither changes nor
// delays a message.
package ladder

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"sort"
	"sync"
	"time"

	"hotline/sip/transaction"
)

// perDialog is how many messages of one dialog are kept: the first ones, then the count goes on.
const perDialog = 200

// Message is one message as it was seen.
type Message struct {
	At     time.Time      `json:"at"`
	Out    bool           `json:"out"` // sent by us
	Peer   netip.AddrPort `json:"peer"`
	CallID string         `json:"callId"`
	Raw    string         `json:"raw"`
}

// Book holds the messages of the latest dialogs by Call-ID.
type Book struct {
	known, strangers ring

	mu   sync.Mutex
	byID map[string]*dialog
}

// ring is the latest of some dialogs.
type ring struct {
	most  int
	order []string
	next  int // where order is written next, once it is full
}

// put adds a dialog and gives the one that has to go for it; "": none.
func (r *ring) put(id string) (gone string) {
	if len(r.order) < r.most {
		r.order = append(r.order, id)
		return ""
	}
	gone, r.order[r.next] = r.order[r.next], id
	r.next = (r.next + 1) % r.most
	return gone
}

type dialog struct {
	seen []sighting
	lost int
}

// sighting is what is kept of an observation: a hundred octets less, seven times for each leg.
type sighting struct {
	at   time.Time
	peer netip.AddrPort
	raw  []byte
	out  bool
}

// mostly is how many messages a plain call makes with one peer.
const mostly = 8

// New is an empty book for at most that many dialogs; 0 keeps none. Strangers have an eighth as much beside them, so that a flood of
// theirs pushes no call out.
func New(most int) *Book {
	return &Book{known: ring{most: most}, strangers: ring{most: (most + 7) / 8}, byID: map[string]*dialog{}}
}

// Observe keeps one message; it fits transaction.Config.Observe. REGISTER and OPTIONS are left out: they would push calls out.
func (b *Book) Observe(o transaction.Observation) {
	if b.known.most == 0 || o.CallID == "" || routine(o.Raw) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.byID[o.CallID]
	if d == nil {
		d = &dialog{seen: make([]sighting, 0, mostly)}
		b.byID[o.CallID] = d
		r := &b.known
		if o.Stranger || o.Out && bytes.HasPrefix(o.Raw, []byte("SIP/2.0 ")) { // what the answer is to has been pushed out meanwhile
			r = &b.strangers
		}
		if gone := r.put(o.CallID); gone != "" {
			delete(b.byID, gone)
		}
	}
	if len(d.seen) == perDialog {
		d.lost++
		return
	}
	d.seen = append(d.seen, sighting{at: o.At, peer: o.Peer.Addr, raw: o.Raw, out: o.Out})
}

// blank is a message as it is shown: without the keys of SRTP in it (RFC 4568): who may read a ladder may not hear the call.
func blank(raw []byte) []byte {
	const inline = "inline:"
	at := indexFold(raw, inline)
	if at < 0 {
		return raw
	}
	var out []byte
	for at >= 0 {
		at += len(inline)
		end := at
		for end < len(raw) && raw[end] > ' ' && raw[end] != '|' {
			end++
		}
		out = append(append(out, raw[:at]...), "(key)"...)
		raw = raw[end:]
		at = indexFold(raw, inline)
	}
	return append(out, raw...)
}

// indexFold is bytes.Index in any case of letters; text is in lower case.
func indexFold(b []byte, text string) int {
	for i := 0; i+len(text) <= len(b); i++ {
		if b[i]|0x20 == text[0] && bytes.EqualFold(b[i:i+len(text)], []byte(text)) {
			return i
		}
	}
	return -1
}

// routine is true for REGISTER and OPTIONS and their answers.
func routine(raw []byte) bool {
	head := raw[:min(len(raw), 16)]
	if bytes.HasPrefix(head, []byte("REGISTER ")) || bytes.HasPrefix(head, []byte("OPTIONS ")) {
		return true
	}
	if !bytes.HasPrefix(head, []byte("SIP/2.0 ")) {
		return false
	}
	i := bytes.Index(raw, []byte("CSeq:"))
	if i < 0 {
		return false
	}
	line, _, _ := bytes.Cut(raw[i:], []byte("\n"))
	return bytes.Contains(line, []byte("REGISTER")) || bytes.Contains(line, []byte("OPTIONS"))
}

// Of gives the messages of some Call-IDs in the order of time; none for dialogs that are too old.
func (b *Book) Of(callIDs ...string) []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []Message
	for _, id := range callIDs {
		d := b.byID[id]
		if d == nil {
			continue
		}
		for _, o := range d.seen {
			all = append(all, Message{At: o.at, Out: o.out, Peer: o.peer, CallID: id, Raw: string(blank(o.raw))})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
	return all
}

// Draw writes messages as a ladder: one column for each peer, us in the middle of every arrow.
func Draw(w io.Writer, messages []Message) error {
	if len(messages) == 0 {
		_, err := fmt.Fprintln(w, "no messages are kept of this call")
		return err
	}
	start := messages[0].At
	for _, m := range messages {
		arrow := "<--"
		if m.Out {
			arrow = "-->"
		}
		first, _, _ := bytes.Cut([]byte(m.Raw), []byte("\r\n"))
		if _, err := fmt.Fprintf(w, "%9.3f  hotline %s %-22s %s\n", m.At.Sub(start).Seconds(), arrow, m.Peer, first); err != nil {
			return err
		}
	}
	return nil
}
