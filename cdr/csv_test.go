package cdr

import (
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCSVFull(t *testing.T) {
	rows := exported(t, Export{Numbers: true, Zone: time.FixedZone("CST", 8*3600)}, Fold(sceneFile(t, "answered")))
	if len(rows) != 2 || len(rows[0]) != len(columns) || len(rows[1]) != len(columns) {
		t.Fatalf("got %d rows of %d cells", len(rows), len(rows[0]))
	}
	cells := map[string]string{}
	for i, title := range rows[0] {
		cells[title] = rows[1][i]
	}
	for title, want := range map[string]string{
		"方向": "呼入", "主叫": "+8613800138000", "主叫原始号码": "013800138000", "被叫": "4001", "归属地": "广东/广州", "流程": "main v7", "技能组": "gz-refund",
		"坐席": "a1", "开始时间": "2026-11-22 20:00:00", "通话毫秒": "81500", "等待毫秒": "15500", "结果": "已接通", "录音": "c1-1", "Q.850": "16", "SIP": "",
	} {
		if got := cells[title]; got != want {
			t.Errorf("%s: got %q, want %q", title, got, want)
		}
	}
}

func TestCSVInspection(t *testing.T) {
	rows := exported(t, Export{Numbers: true, Inspection: true, Zone: time.UTC}, Fold(sceneFile(t, "answered")), Fold(sceneFile(t, "outbound-busy")))
	want := [][]string{
		{"主叫", "被叫", "开始时间", "通话时长(秒)", "呼叫方向", "呼叫结果"},
		{"+8613800138000", "4001", "2026-11-22 12:00:00", "96", "呼入", "已接通"},
		{"1001", "+8613900139000", "2026-11-22 12:00:00", "0", "呼出", "未接通"},
	}
	for i := range want {
		if !slices.Equal(rows[i], want[i]) {
			t.Errorf("row %d: got %q, want %q", i, rows[i], want[i])
		}
	}
}

func TestCSVMasksNumbers(t *testing.T) {
	var b strings.Builder
	records := []Record{Fold(sceneFile(t, "answered")), Fold(sceneFile(t, "outbound-busy"))}
	if err := (Export{}).CSV(&b, slices.Values(records)); err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{"13800138000", "13900139000", "0138001", "139001"} {
		if strings.Contains(b.String(), canary) {
			t.Errorf("%q is in the export: %s", canary, b.String())
		}
	}
	if !strings.Contains(b.String(), "4001") || !strings.Contains(b.String(), "1001") {
		t.Errorf("our own numbers must stay: %s", b.String())
	}
	if records[0].Caller.Raw != "013800138000" {
		t.Errorf("masking changed the record itself: %+v", records[0].Caller)
	}
}

func TestSafeCell(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"plain", "plain"}, {"+8613800138000", "+8613800138000"}, {"138****1234", "138****1234"}, {"2026-11-22", "2026-11-22"},
		{"=1+1", "'=1+1"}, {"+1+1", "'+1+1"}, {"-2", "'-2"}, {"@SUM(A1)", "'@SUM(A1)"}, {" =1", "' =1"}, {"\t=1", "'\t=1"},
		{"\r\n=cmd|' /C calc'!A0", "'\r\n=cmd|' /C calc'!A0"},
		{"\u3000=1", "'\u3000=1"}, {"＝1", "'＝1"}, {"%0A=1", "'%0A=1"}, {"|x", "'|x"}, {"\ufeff=1", "'\ufeff=1"}, {"广东/广州", "广东/广州"}, {"\tx", "'\tx"},
	} {
		if got := SafeCell(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// TestCSVFromCallers puts formulas wherever a caller's side can write.
func TestCSVFromCallers(t *testing.T) {
	const formula = `=HYPERLINK("http://x","y")`
	r := Record{Call: formula, Caller: Party{Raw: formula}, Called: Party{Raw: formula}, DID: formula, Trunk: formula, Topic: formula, Flow: formula,
		Rule: formula, Reason: formula, HungUp: formula, Cause: formula, Recordings: []string{formula}, Queues: []Stay{{Queue: formula}},
		Direction: formula, Region: formula}
	for _, cell := range exported(t, Export{Numbers: true}, r)[1] {
		if strings.HasPrefix(cell, "=") {
			t.Errorf("a cell begins as a formula: %q", cell)
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestCSVTellsAWriterThatFails(t *testing.T) {
	if err := (Export{}).CSV(brokenWriter{}, slices.Values([]Record{{}})); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func exported(t *testing.T, e Export, records ...Record) [][]string {
	t.Helper()
	var b strings.Builder
	if err := e.CSV(&b, slices.Values(records)); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(b.String(), byteOrderMark)
	if !marked {
		t.Errorf("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
