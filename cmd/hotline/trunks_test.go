package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func TestTrunksArePrinted(t *testing.T) {
	until := time.Date(2026, 11, 27, 12, 0, 0, 0, time.Local)
	body := `[{"id":"a","calls":2,"maxCalls":10,"refused":1,"barred":3,"targets":[
		{"address":"127.0.0.1:5060","network":"udp","up":true,"registration":{"registered":true,"until":"` + until.Format(time.RFC3339) + `"}},
		{"address":"127.0.0.2:5060","network":"tcp","up":false,"why":"no answer","busyUntil":"` + until.Format(time.RFC3339) + `","registration":{"registered":false,"why":"403"}}]},
		{"id":"b","calls":0,"targets":[{"address":"127.0.0.3:5070","host":"sip.test","network":"udp","up":true},{"address":"","host":"gone.test","network":"","up":false,"why":"no server"}]}]`
	var trunks []trunkState
	if err := json.Unmarshal([]byte(body), &trunks); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	printTrunks(&b, trunks)
	want := `a: 2 calls (of 10), 1 refused, 3 barred
  udp 127.0.0.1:5060 up, registered until 12:00:00
  tcp 127.0.0.2:5060 down: no answer, left alone until 12:00:00, not registered: 403
b: 0 calls (no limit), 0 refused, 0 barred
  udp 127.0.0.3:5070 (sip.test) up
  gone.test down: no server
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTrunkTestIsPrinted(t *testing.T) {
	body := `{"in":{"raw":"013800138000","readFrom":"From","rule":2,"caller":"+8613800138000","e164":"+8613800138000","region":"北京/北京","private":true,
		"dialled":"4008001234","dialledReadFrom":"Diversion"},
		"out":{"shown":{"given":"","formatted":"","rule":0,"result":""},"called":{"given":"13800138000","formatted":"013800138000","rule":1,"result":"9013800138000"},"lines":["A: b","C: d"]}}`
	for _, row := range []struct{ body, want string }{
		{body, `in
  caller   013800138000 (From), rule 2 of caller_in, becomes +8613800138000, +8613800138000, 北京/北京, hidden from who is called
  dialled  4008001234 (Diversion)
out
  shown    none, format none, no rule of caller_out, becomes none
  called   13800138000, format 013800138000, rule 1 of called_out, becomes 9013800138000
  A: b
  C: d
`},
		{`{"in":{"raw":"1","readFrom":"From","caller":"1","dialled":"","dialledReadFrom":"Request-URI"}}`, `in
  caller   1 (From), no rule of caller_in, becomes 1
  dialled  none (Request-URI)
out
  no calls: the trunk has no targets
`},
	} {
		var got trunkTest
		if err := json.Unmarshal([]byte(row.body), &got); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		printTrunkTest(&b, got)
		if b.String() != row.want {
			t.Errorf("got\n%s\nwant\n%s", b.String(), row.want)
		}
	}
}
