package cdr

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Export says how records are written as CSV.
type Export struct {
	Numbers    bool           // whole numbers; otherwise they are masked
	Inspection bool           // only the six fields of the yearly inspection, see Inspection
	Zone       *time.Location // of the times; nil is time.Local
}

// column is one column of an export.
type column struct {
	title string
	cell  func(Record, *time.Location) string
}

// columns are those of a full export.
var columns = []column{
	{"通话编号", func(r Record, _ *time.Location) string { return string(r.Call) }},
	{"方向", func(r Record, _ *time.Location) string { return name(directionNames, r.Direction) }},
	{"主叫", func(r Record, _ *time.Location) string { return r.Caller.Best() }},
	{"主叫原始号码", func(r Record, _ *time.Location) string { return r.Caller.Raw }},
	{"被叫", func(r Record, _ *time.Location) string { return r.Called.Best() }},
	{"接入号", func(r Record, _ *time.Location) string { return r.DID }},
	{"中继", func(r Record, _ *time.Location) string { return r.Trunk }},
	{"归属地", func(r Record, _ *time.Location) string { return r.Region }},
	{"归属地可信度", func(r Record, _ *time.Location) string { return strconv.Itoa(r.Confidence) }},
	{"业务", func(r Record, _ *time.Location) string { return r.Topic }},
	{"流程", func(r Record, _ *time.Location) string { return flowAndVersion(r) }},
	{"路由规则", func(r Record, _ *time.Location) string { return r.Rule }},
	{"路由原因", func(r Record, _ *time.Location) string { return cmp.Or(r.ReasonZH, r.Reason) }},
	{"技能组", func(r Record, _ *time.Location) string { return list(r.Queues, func(s Stay) string { return s.Queue }) }},
	{"坐席", func(r Record, _ *time.Location) string {
		return list(talked(r.Agents), func(p Part) string { return p.Agent })
	}},
	{"开始时间", func(r Record, z *time.Location) string { return clock(r.Started, z) }},
	{"应答时间", func(r Record, z *time.Location) string { return clock(r.Answered, z) }},
	{"接通时间", func(r Record, z *time.Location) string { return clock(r.Connected, z) }},
	{"结束时间", func(r Record, z *time.Location) string { return clock(r.Ended, z) }},
	{"总时长毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.DurationMS, 10) }},
	{"等待毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.WaitMS, 10) }},
	{"振铃毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.RingMS, 10) }},
	{"通话毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.TalkMS, 10) }},
	{"保持毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.HoldMS, 10) }},
	{"话后处理毫秒", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.WrapMS, 10) }},
	{"结果", func(r Record, _ *time.Location) string { return name(resultNames, r.Result()) }},
	{"短放弃", func(r Record, _ *time.Location) string { return yes(r.ShortAbandon) }},
	{"挂断方", func(r Record, _ *time.Location) string { return r.HungUp }},
	{"原因", func(r Record, _ *time.Location) string { return string(r.Cause) }},
	{"SIP", func(r Record, _ *time.Location) string { return number0(r.SIP) }},
	{"Q.850", func(r Record, _ *time.Location) string { return number0(r.Q850) }},
	{"录音", func(r Record, _ *time.Location) string { return strings.Join(r.Recordings, " ") }},
}

// inspectionColumns are those of the yearly inspection.
var inspectionColumns = []column{
	{"主叫", func(r Record, _ *time.Location) string { return r.Inspect().Caller }},
	{"被叫", func(r Record, _ *time.Location) string { return r.Inspect().Called }},
	{"开始时间", func(r Record, z *time.Location) string { return clock(r.Inspect().Start, z) }},
	{"通话时长(秒)", func(r Record, _ *time.Location) string { return strconv.FormatInt(r.Inspect().Seconds, 10) }},
	{"呼叫方向", func(r Record, _ *time.Location) string { return r.Inspect().Direction }},
	{"呼叫结果", func(r Record, _ *time.Location) string { return r.Inspect().Result }},
}

// byteOrderMark lets spreadsheets see that the file is UTF-8.
const byteOrderMark = "\ufeff"

// CSV writes records in the given order, RFC 4180, with a heading. Cells that a spreadsheet would take for a formula are
// written as text. It stops at the first error of w.
func (e Export) CSV(w io.Writer, records func(yield func(Record) bool)) error {
	zone := e.Zone
	if zone == nil {
		zone = time.Local
	}
	cols := columns
	if e.Inspection {
		cols = inspectionColumns
	}
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	out := csv.NewWriter(w)
	row := make([]string, len(cols))
	for i, c := range cols {
		row[i] = c.title
	}
	err := out.Write(row)
	for r := range records {
		if err != nil {
			break
		}
		if !e.Numbers {
			r = r.Masked()
		}
		for i, c := range cols {
			row[i] = SafeCell(c.cell(r, zone))
		}
		err = out.Write(row)
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil {
		return fmt.Errorf("write records: %w", err)
	}
	return nil
}

// SafeCell makes a text harmless for spreadsheets: one that begins like a formula, blanks before it or not, gets an
// apostrophe in front. A whole telephone number ("+8613800138000") is left as it is: it cannot be a formula.
func SafeCell(s string) string {
	start := strings.TrimLeft(s, " \t\r\n\u00a0\u3000\ufeff")
	if start == "" {
		return s
	}
	if strings.HasPrefix(s, "+") && len(s) > 1 && strings.Trim(s[1:], "0123456789*") == "" {
		return s
	}
	if strings.ContainsRune("=+-@＝＋－＠|%", []rune(start)[0]) || s[0] == '\t' || s[0] == '\r' || s[0] == '\n' {
		return "'" + s
	}
	return s
}

func flowAndVersion(r Record) string {
	if r.Flow == "" {
		return ""
	}
	return r.Flow + " v" + strconv.Itoa(r.FlowVersion)
}

func talked(parts []Part) []Part {
	var some []Part
	for _, p := range parts {
		if !p.Connected.IsZero() {
			some = append(some, p)
		}
	}
	return some
}

func list[T any](items []T, word func(T) string) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = word(item)
	}
	return strings.Join(words, " ")
}

func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return ""
}

func number0(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
