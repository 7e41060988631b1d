package machine

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"hotline/api/gate"
	"hotline/number"
	"hotline/sip/trunk"
)

type testIn struct {
	ID       string   `path:"id"`
	Number   string   `query:"number" required:"true" maxLength:"60" doc:"that calls in, and that is called out"`
	Dialled  string   `query:"dialled" maxLength:"60" doc:"the Request-URI's number of the call in; the number itself when left out"`
	Headers  []string `query:"header,explode" maxItems:"20" doc:"of the call in, as Name: value; more than one may be given"`
	From     string   `query:"from" maxLength:"60" doc:"the number that the call out shows; the trunk's caller_id when left out"`
	Forwards string   `query:"forwards" maxLength:"60" doc:"the number that forwards the call out"`
}

type testOut struct {
	Body struct {
		CallerIn  string `json:"callerIn" doc:"what a caller's number becomes on the way in"`
		CallerOut string `json:"callerOut" doc:"what the number becomes where it is shown on the way out"`
		CalledOut string `json:"calledOut" doc:"what a dialled number becomes on the way out"`

		In  heardView `json:"in" doc:"a call in from the number"`
		Out *sentView `json:"out,omitempty" doc:"a call out to the number; none for a trunk without targets"`
	}
}

type heardView struct {
	Raw        string `json:"raw" doc:"the caller's number as it stands on the wire"`
	ReadFrom   string `json:"readFrom" doc:"where it was read"`
	Rule       int    `json:"rule" doc:"which of caller_in was taken, from 1; 0: none fits"`
	Caller     string `json:"caller" doc:"the number by that rule"`
	E164       string `json:"e164,omitempty"`
	Region     string `json:"region,omitempty"`
	Private    bool   `json:"private" doc:"the caller wants it hidden: it is shown to nobody who is called"`
	Dialled    string `json:"dialled"`
	DialledWas string `json:"dialledReadFrom" doc:"where the dialled number was read"`
}

type changeView struct {
	Given     string `json:"given"`
	Formatted string `json:"formatted" doc:"by the trunk's format"`
	Rule      int    `json:"rule" doc:"which rule was taken, from 1; 0: none fits"`
	Result    string `json:"result"`
}

type sentView struct {
	Shown  changeView `json:"shown" doc:"our number, by caller_out"`
	Called changeView `json:"called" doc:"the dialled number, by called_out"`
	Lines  []string   `json:"lines" doc:"as they are sent to the first target; From gets a tag besides"`
}

func viewOf(c trunk.Change) changeView {
	return changeView{Given: c.Given, Formatted: c.Formatted, Rule: c.Rule + 1, Result: c.Result}
}

func (s *Routes) testTrunk(_ context.Context, _ gate.Identity, in *testIn) (*testOut, error) {
	t, ok := s.Trunks.Trunk(in.ID)
	if !ok {
		return nil, huma.Error404NotFound("There is no such trunk.")
	}
	q := trunk.Question{Number: in.Number, Dialled: in.Dialled, Headers: in.Headers, From: in.From, Forwards: in.Forwards}
	q.Host = s.hostOn(in.ID)
	a, err := t.Ask(q)
	if err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	out := &testOut{}
	b, h := &out.Body, a.Heard
	b.CallerIn, b.CallerOut, b.CalledOut = t.Caller(in.Number), t.Shown(in.Number).Result, t.Called(in.Number).Result
	n := number.Parse(h.Caller)
	b.In = heardView{
		Raw: h.Raw, ReadFrom: h.CallerAt, Rule: h.Rule + 1, Caller: h.Caller, E164: string(n.E164), Region: s.Region(n).String(), Private: h.Private,
		Dialled: h.Called, DialledWas: h.CalledAt,
	}
	if a.Sent != nil {
		b.Out = &sentView{Shown: viewOf(a.Sent.Shown), Called: viewOf(a.Sent.Called), Lines: a.Sent.Lines()}
	}
	return out, nil
}

// hostOn is the host of our identities towards the first target of a trunk whose address is known.
func (s *Routes) hostOn(id string) string {
	for _, t := range s.Trunks.Trunks() {
		for _, target := range t.Targets {
			if t.ID == id && target.Addr.IsValid() {
				return s.Host(target)
			}
		}
	}
	return "unknown.invalid" // its name was not found yet, so that no call can be sent
}
