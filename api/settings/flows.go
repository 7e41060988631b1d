package settings

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/configs"
	"hotline/ivr"
	"hotline/ivr/form"
	"hotline/ivr/rehearsal"
	"hotline/ivr/spoken"
	"hotline/number"
	"hotline/route"
)

type nodeKey struct {
	Name      string    `json:"name"`
	As        string    `json:"as" doc:"how it is written: text, flag, word, count, time, prompts, file, files, way (out: a node, hangup or return), ways (by region), key-ways (by key), texts (by name), key-texts (by key), trunks, calendar, queue, flow; group and rows have keys"`
	Need      bool      `json:"need,omitempty" doc:"the node is wrong without it"`
	Otherwise string    `json:"otherwise,omitempty" doc:"what holds when it is left out"`
	Words     []string  `json:"words,omitempty" doc:"of a word"`
	Low       string    `json:"low,omitempty" doc:"of a count or a time"`
	High      string    `json:"high,omitempty"`
	Keys      []nodeKey `json:"keys,omitempty" doc:"of a group, and of each of the rows"`
}

type nodeKind struct {
	Name string    `json:"name"`
	Keys []nodeKey `json:"keys"`
}

type nodeKindsOut struct {
	Body struct {
		Kinds   []nodeKind `json:"kinds"`
		Sayings []string   `json:"sayings" doc:"how a prompt with a text may say it without text-to-speech"`
	}
}

type happeningIn struct {
	What   string            `json:"what" enum:"key,on,wait,answered,left,failed,talk-ended,recorded,looked-up,lookup-failed" doc:"key; on: until the next thing that comes by itself; wait: forMs; answered by an agent or a target; left: the queue gives up; failed: a dialled number; the rest as they say"`
	Key    string            `json:"key,omitempty" maxLength:"1" doc:"0 to 9, *, #, A to D"`
	Why    string            `json:"why,omitempty" maxLength:"20" doc:"left: full, timeout, no-agents, on-break, closed; failed: busy, no-answer, declined and so on; talk-ended: survey where the agent asks for one"`
	ForMS  int64             `json:"forMs,omitempty" minimum:"0" maximum:"86400000"`
	Values map[string]string `json:"values,omitempty" doc:"of an answer that was looked up"`
}

type rehearsalIn struct {
	Body struct {
		Flow     string        `json:"flow" maxLength:"64"`
		Changes  []changeIn    `json:"changes,omitempty" maxItems:"100" doc:"of the centre as it is, as for config/publish"`
		Caller   string        `json:"caller,omitempty" maxLength:"60" doc:"absent: hidden"`
		Dialled  string        `json:"dialled,omitempty" maxLength:"60"`
		Region   string        `json:"region,omitempty" maxLength:"60" doc:"such as 广东 or 广东/广州; absent: that of the caller's number"`
		Language string        `json:"language,omitempty" maxLength:"20"`
		At       time.Time     `json:"at,omitempty,omitzero" doc:"when the call comes; absent: now"`
		Happens  []happeningIn `json:"happens,omitempty" maxItems:"500" doc:"in order, from the beginning of the call"`
	}
}

type spokenView struct {
	Language string `json:"language"`
	File     string `json:"file,omitempty"`
	Text     string `json:"text,omitempty" doc:"what is spoken where there is no file"`
}

type rehearsedLine struct {
	By      int          `json:"by" doc:"which of happens made it so, from 1; 0: the beginning"`
	AtMS    int64        `json:"atMs" doc:"since the call came"`
	What    string       `json:"what" enum:"node,answer,ring,early,play,stop,ask,queue,callback,dial,voicemail,survey,rated,echo,record,topic,digits,hangup"`
	Node    string       `json:"node,omitempty"`
	Type    string       `json:"type,omitempty" doc:"of the node"`
	Flow    string       `json:"flow,omitempty"`
	Prompts []spokenView `json:"prompts,omitempty"`
	Text    string       `json:"text,omitempty" doc:"the topic, the queue, the cause and so on"`
	Reason  string       `json:"reason,omitempty" doc:"why this queue, where the routes choose"`

	ReasonZH string `json:"reasonZH,omitempty" doc:"the same in Chinese"`
}

type rehearsedOut struct {
	Body struct {
		Lines     []rehearsedLine   `json:"lines"`
		Flow      string            `json:"flow"`
		Node      string            `json:"node" doc:"where the call is; the last one after its end"`
		Waits     string            `json:"waits" enum:",sound,key,time,queue,dial,talk,message,lookup" doc:"for what; empty: the call is over"`
		Leaves    []string          `json:"leaves,omitempty" doc:"why the queue may give up now"`
		AtMS      int64             `json:"atMs"`
		Region    string            `json:"region,omitempty"`
		Variables map[string]string `json:"variables"`
		Refused   string            `json:"refused,omitempty" doc:"why the last of happens could not be; it changed nothing, and what came after it was left out"`
	}
}

func (s *Routes) flows() {
	tags := []string{"config"}
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "GET", Path: "/config/flow-nodes", Summary: "The types of nodes that flows may have, with their keys", Tags: tags,
	}, nodeKinds)
	gate.Add(s.Gate, account.Admin, huma.Operation{
		Method: "POST", Path: "/config/rehearsal", Summary: "Lead a call through a flow without a telephone", Tags: tags, DefaultStatus: 200,
		Description: "Begins anew each time and lets all of happens happen, by the machine that leads calls. Nothing is kept, dialled or looked up. A prompt takes as long as its file; what is spoken takes no time.",
	}, s.rehearse)
}

func nodeKinds(context.Context, gate.Identity, *gate.Nothing) (*nodeKindsOut, error) {
	out := &nodeKindsOut{}
	out.Body.Sayings = spoken.Kinds()
	for _, k := range ivr.Kinds() {
		out.Body.Kinds = append(out.Body.Kinds, nodeKind{k.Name, keysOf(k.Keys)})
	}
	return out, nil
}

func keysOf(keys []form.Key) []nodeKey {
	var out []nodeKey
	for _, k := range keys {
		out = append(out, nodeKey{k.Name, k.As, k.Need, k.Otherwise, k.Words, k.Low, k.High, keysOf(k.Keys)})
	}
	return out
}

// rehearsedCall is one call without a telephone.
type rehearsedCall struct {
	*rehearsal.Rehearsal
	began  time.Time
	query  route.Query // of the routes, without topic and time
	routes *route.Table
	by     int
	lines  []rehearsedLine
}

func (s *Routes) rehearse(ctx context.Context, _ gate.Identity, in *rehearsalIn) (*rehearsedOut, error) {
	b := in.Body
	built, err := s.draftOf(ctx, b.Changes)
	if err != nil {
		return nil, err
	}
	sound, err := s.lengths()
	if err != nil {
		return nil, err
	}
	r := &rehearsedCall{began: b.At, routes: built.Routes}
	if r.began.IsZero() {
		r.began = time.Now()
	}
	caller := number.Parse(b.Caller)
	call := ivr.Context{Caller: caller, Region: s.Region(caller), Dialled: b.Dialled, Language: b.Language, VIP: built.VIP[caller.E164], Blocked: built.Blocked[caller.E164]}
	if b.Region != "" {
		province, city, _ := strings.Cut(b.Region, "/")
		call.Region = number.Region{Province: province, City: city}
	}
	if plan, ok := built.Routes.Arrive(b.Dialled, route.Origin{Kind: route.FromTrunk}); ok && b.Dialled != "" {
		call.DID, call.Topic = plan.DID, plan.Topic
		if call.Language == "" {
			call.Language = plan.Language
		}
	}
	r.query = route.Query{DID: call.DID, Region: call.Region}
	rehearsed, begun, err := rehearsal.Begin(built.Flows, b.Flow, call, r.began, sound)
	if errors.Is(err, ivr.ErrNoFlow) {
		return nil, huma.Error404NotFound("There is no such flow.")
	}
	if err != nil {
		return nil, err
	}
	r.Rehearsal = rehearsed
	r.tell(begun)
	out := &rehearsedOut{}
	for i, h := range b.Happens {
		r.by = i + 1
		commands, err := r.Do(happeningOf(h))
		if err != nil {
			out.Body.Refused = err.Error()
			break
		}
		r.tell(commands)
	}
	r.show(out)
	out.Body.Region = call.Region.String()
	return out, nil
}

// draftOf is the centre as calls find it, or would with changes.
func (s *Routes) draftOf(ctx context.Context, changes []changeIn) (*configs.Built, error) {
	asked, err := changesOf(changes)
	if err != nil {
		return nil, err
	}
	data, err := s.Editor.Draft(ctx, asked...)
	if err != nil {
		return nil, refusedBy(err)
	}
	return data.Build(nil)
}

// lengths says how long prompts are.
func (s *Routes) lengths() (func(language string, p ivr.Prompt) time.Duration, error) {
	all, err := s.Prompts.List()
	if err != nil {
		return nil, err
	}
	lengths := make(map[string]time.Duration, len(all))
	for _, p := range all {
		lengths[p.Language+"/"+p.Name] = p.Length
	}
	return func(language string, p ivr.Prompt) time.Duration {
		if d, ok := lengths[language+"/"+p.File]; ok {
			return d
		}
		return lengths["any/"+p.File]
	}, nil
}

func happeningOf(h happeningIn) rehearsal.Happening {
	out := rehearsal.Happening{What: h.What, Why: h.Why, For: time.Duration(h.ForMS) * time.Millisecond, Values: h.Values}
	if h.Key != "" {
		out.Key = h.Key[0]
	}
	return out
}

func (r *rehearsedCall) show(out *rehearsedOut) {
	b := &out.Body
	b.Lines, b.Flow, b.Node, b.Waits = gate.List(r.lines), r.Node().Flow, r.Node().Node, r.Waits()
	b.AtMS, b.Variables = r.At().Sub(r.began).Milliseconds(), r.Variables()
	if b.Waits == rehearsal.WaitsQueue {
		b.Leaves = r.Leaves()
	}
}

// tell turns commands into lines.
func (r *rehearsedCall) tell(commands []ivr.Command) {
	for _, c := range commands {
		if line, ok := r.line(c); ok {
			line.By, line.AtMS = r.by, r.At().Sub(r.began).Milliseconds()
			r.lines = append(r.lines, line)
		}
	}
}

// line is a command for people; false for what they need not know.
func (r *rehearsedCall) line(c ivr.Command) (rehearsedLine, bool) {
	switch c := c.(type) {
	case ivr.Entered:
		return rehearsedLine{What: "node", Node: c.Node, Type: c.Type, Flow: c.Flow}, true
	case ivr.Play:
		line := rehearsedLine{What: "play"}
		for _, p := range c.Prompts {
			line.Prompts = append(line.Prompts, spokenView{c.Language, p.File, p.Text})
		}
		return line, true
	case ivr.Queue:
		line := rehearsedLine{What: "queue", Text: c.Queue}
		if c.Queue == "" {
			line.Text, line.Reason, line.ReasonZH = r.chosen(c.Topic)
		}
		return line, true
	case ivr.Dial:
		var targets []string
		for _, t := range c.Targets {
			targets = append(targets, string(t.Kind)+" "+t.Value)
		}
		return rehearsedLine{What: "dial", Text: strings.Join(targets, ", ")}, true
	case ivr.Rated:
		return rehearsedLine{What: "rated", Text: strings.TrimSpace(fmt.Sprintf("%d %s", c.Score, c.Reason))}, true
	}
	return plainLine(c)
}

func plainLine(c ivr.Command) (rehearsedLine, bool) {
	switch c := c.(type) {
	case ivr.Answer:
		return rehearsedLine{What: "answer"}, true
	case ivr.Ring:
		return rehearsedLine{What: "ring"}, true
	case ivr.Early:
		return rehearsedLine{What: "early"}, true
	case ivr.Stop:
		return rehearsedLine{What: "stop"}, true
	case ivr.Ask:
		return rehearsedLine{What: "ask", Text: c.Lookup.Method + " " + c.Lookup.URL}, true
	case ivr.CallBack:
		return rehearsedLine{What: "callback", Text: c.Number}, true
	case ivr.Voicemail:
		return rehearsedLine{What: "voicemail", Text: c.Queue}, true
	case ivr.SurveyAsked:
		return rehearsedLine{What: "survey"}, true
	case ivr.Echo:
		return rehearsedLine{What: "echo"}, true
	case ivr.Record:
		return rehearsedLine{What: "record"}, true
	case ivr.Topic:
		return rehearsedLine{What: "topic", Text: c.Topic}, true
	case ivr.Digits:
		return rehearsedLine{What: "digits", Text: c.Masked}, true
	case ivr.Hangup:
		return rehearsedLine{What: "hangup", Text: c.Cause}, true
	}
	return rehearsedLine{}, false
}

// chosen is the first queue of the routes' choice, and why.
func (r *rehearsedCall) chosen(topic string) (queue, reason, reasonZH string) {
	q := r.query
	q.Topic, q.At = topic, r.At()
	choice, ok := r.routes.Choose(q)
	if !ok || len(choice.Steps) == 0 {
		return "", "no rule fits", "没有合适的规则"
	}
	return choice.Steps[0].Queue, choice.Reason, choice.ReasonZH
}
