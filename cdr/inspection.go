package cdr

import (
	"slices"
	"strings"
	"time"

	"hotline/number"
)

// Inspection is the six fields a call centre shows at its yearly inspection: who called whom, when, for how long, in
// which direction and with what result.
type Inspection struct {
	Caller    string    `json:"caller" doc:"主叫"`
	Called    string    `json:"called" doc:"被叫"`
	Start     time.Time `json:"start" doc:"开始时间"`
	Seconds   int64     `json:"seconds" doc:"通话时长: from the first person reached to the end, hold included; 0 when nobody was"`
	Direction string    `json:"direction" doc:"呼叫方向: 呼入, 呼出 or 内部"`
	Result    string    `json:"result" doc:"呼叫结果"`
}

// resultNames are the results as an inspector reads them.
var resultNames = map[string]string{
	ResultTalked: "已接通", ResultVoicemail: "语音留言", "abandoned-" + InIVR: "语音导航中放弃", "abandoned-" + InQueue: "排队中放弃",
	"abandoned-" + InRing: "振铃中放弃", ResultSelfService: "自助服务", ResultNotConnected: "未接通", ResultCrashed: "系统中断", ResultOpen: "进行中",
}

var directionNames = map[string]string{"in": "呼入", "out": "呼出", "internal": "内部"}

// Inspect gives the six fields of a record. Numbers are whole: an inspection asks for them.
func (r Record) Inspect() Inspection {
	return Inspection{
		Caller: r.Caller.Best(), Called: r.Called.Best(), Start: r.Started, Seconds: (r.TalkMS + r.HoldMS) / 1000,
		Direction: name(directionNames, r.Direction), Result: name(resultNames, r.Result()),
	}
}

// name is the word for a value, or the value itself where there is none.
func name(names map[string]string, value string) string {
	if n, ok := names[value]; ok {
		return n
	}
	return value
}

// Masked is the record for somebody who may not see whole numbers. Extensions and, on calls that came in, the number
// that was called are the installation's own and stay.
func (r Record) Masked() Record {
	r.Caller = r.Caller.masked()
	if r.Direction != "in" {
		r.Called = r.Called.masked()
	}
	transfers := slices.Clone(r.Transfers)
	for i := range transfers {
		transfers[i].To = mask(transfers[i].To)
	}
	r.Transfers = transfers
	members := slices.Clone(r.Members)
	for i := range members {
		members[i].Number = mask(members[i].Number)
	}
	r.Members = members
	r.Dialogs = nil // carriers put numbers into Call-IDs
	return r
}

func (p Party) masked() Party { return Party{Raw: mask(p.Raw), E164: mask(p.E164)} }

func mask(s string) string {
	if kind, _, named := strings.Cut(s, ":"); named && (kind == "agent" || kind == "queue" || kind == "flow") {
		return s // a destination by name
	}
	if s == "" || number.Parse(s).Kind == number.Extension {
		return s
	}
	return number.Mask(s)
}
