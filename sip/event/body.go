package event

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// Call is one dialog of a phone, for the lamps of others (RFC 4235). Tags are as the phone sees them: who picks the call up names them in
// Replaces.
type Call struct {
	ID        string // names it among the phone's; the Call-ID
	LocalTag  string
	RemoteTag string
	Recipient bool   // the phone is called
	State     string // trying, early, confirmed
	Remote    string // number of the other side
	Display   string
}

// Set says how far a call of a phone is.
func (n *Notifier) Set(user string, c Call) {
	n.mu.Lock()
	all := n.calls[user]
	i := slices.IndexFunc(all, func(o Call) bool { return o.ID == c.ID })
	switch {
	case i < 0:
		n.calls[user] = append(slices.Clone(all), c) // readers have the old one
	case all[i] == c:
		n.mu.Unlock()
		return
	default:
		all = slices.Clone(all)
		all[i] = c
		n.calls[user] = all
	}
	n.mu.Unlock()
	n.Changed(Dialog, user)
	n.Changed(Presence, user)
}

// Over says that a call of a phone is over.
func (n *Notifier) Over(user, id string) {
	n.mu.Lock()
	left := slices.DeleteFunc(slices.Clone(n.calls[user]), func(o Call) bool { return o.ID == id })
	if len(left) == 0 {
		delete(n.calls, user)
	} else {
		n.calls[user] = left
	}
	n.mu.Unlock()
	n.Changed(Dialog, user)
	n.Changed(Presence, user)
}

// Talking tells whether a phone has a call.
func (n *Notifier) Talking(user string) bool { return len(n.Calls(user)) > 0 }

// Calls are a phone's dialogs; read only.
func (n *Notifier) Calls(user string) []Call {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls[user]
}

// escaped makes a text safe within XML, also within quotation marks.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// dialogInfo is RFC 4235 4: always the full state. A phone without calls has one that is terminated: phones look for that to put the lamp out.
func dialogInfo(entity string, version int, calls []Call, domain string) []byte {
	var b strings.Builder
	b.WriteString(xmlHead + `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="` + strconv.Itoa(version) + `" state="full" entity="` + escaped(entity) + `">` + "\n")
	if len(calls) == 0 {
		b.WriteString(`<dialog id="none"><state>terminated</state></dialog>` + "\n")
	}
	for _, c := range calls {
		direction := "initiator"
		if c.Recipient {
			direction = "recipient"
		}
		b.WriteString(`<dialog id="` + escaped(c.ID) + `" call-id="` + escaped(c.ID) + `"`)
		attribute(&b, "local-tag", c.LocalTag)
		attribute(&b, "remote-tag", c.RemoteTag)
		b.WriteString(` direction="` + direction + `"><state>` + escaped(c.State) + `</state>` +
			`<local><identity>` + escaped(entity) + `</identity><target uri="` + escaped(entity) + `"/></local>`)
		remote := escaped("sip:" + c.Remote + "@" + domain)
		b.WriteString(`<remote><identity`)
		attribute(&b, "display", c.Display)
		b.WriteString(`>` + remote + `</identity><target uri="` + remote + `"/></remote></dialog>` + "\n")
	}
	b.WriteString("</dialog-info>\n")
	return []byte(b.String())
}

func attribute(b *strings.Builder, name, value string) {
	if value != "" {
		b.WriteString(` ` + name + `="` + escaped(value) + `"`)
	}
}

// pidf is RFC 3863 with one tuple, and whether somebody is on the phone by RFC 4480.
func pidf(entity string, s Status) []byte {
	basic, activity := "closed", ""
	if s.Open {
		basic = "open"
	}
	if s.Busy {
		activity = `<dm:person id="p"><rpid:activities><rpid:on-the-phone/></rpid:activities></dm:person>` + "\n"
	}
	note := ""
	if s.Note != "" {
		note = "<note>" + escaped(s.Note) + "</note>"
	}
	return []byte(xmlHead + `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
		`xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="` + escaped(entity) + `">` + "\n" +
		`<tuple id="t"><status><basic>` + basic + `</basic></status><contact>` + escaped(entity) + `</contact>` + note + `</tuple>` + "\n" +
		activity + "</presence>\n")
}

// summary is RFC 3842 5.2; no box is one without messages.
func summary(entity string, fresh, old int) []byte {
	waiting := "no"
	if fresh > 0 {
		waiting = "yes"
	}
	return []byte("Messages-Waiting: " + waiting + "\r\nMessage-Account: " + entity + "\r\nVoice-Message: " + strconv.Itoa(fresh) + "/" + strconv.Itoa(old) + " (0/0)\r\n")
}
