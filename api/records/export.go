package records

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/account"
	"hotline/api/gate"
	"hotline/cdr"
	"hotline/number"
)

// exportPage is how many records are read at once: what an export holds in memory.
const exportPage = 500

type exportIn struct {
	CallFilter
	Numbers    string `query:"numbers" enum:"masked,whole" default:"masked" doc:"whole shows telephone numbers; the audit log says so"`
	Inspection bool   `query:"inspection" doc:"only the six fields of the yearly inspection: 主叫 被叫 开始时间 通话时长 呼叫方向 呼叫结果"`
}

type exportOut struct {
	Body func(huma.Context)
}

func (s *Routes) exports() {
	op := huma.Operation{
		Method: "GET", Path: "/calls.csv", OperationID: "export-calls", Summary: "Calls that are over as CSV, the newest first", Tags: []string{"calls"},
		Description: "UTF-8 with a byte order mark, RFC 4180. The filters are those of the list. An answer that is cut off broke down: ask again.",
		Responses:   map[string]*huma.Response{"200": gate.Says("The records", "text/csv")},
	}
	gate.Add(s.Gate, account.Supervisor, op, s.exportCalls)
}

// exportCalls reads the first page before it answers, so that what is wrong with the question is still said as a problem.
func (s *Routes) exportCalls(ctx context.Context, who gate.Identity, in *exportIn) (*exportOut, error) {
	p := pages{calls: s.Calls, query: in.query()}
	p.query.Limit = exportPage
	if p.read(ctx); p.err != nil {
		return nil, p.err
	}
	return &exportOut{Body: func(out huma.Context) {
		s.Audit(ctx, who, "calls.export", "", in.words())
		r, w := humago.Unwrap(out)
		h := w.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="calls.csv"`)
		if r.Method == http.MethodHead {
			return
		}
		export := cdr.Export{Numbers: in.Numbers == "whole", Inspection: in.Inspection}
		err := export.CSV(gate.Patient(w), func(yield func(cdr.Record) bool) { p.each(ctx, yield) })
		if err = errors.Join(err, p.err); err != nil {
			s.Logger.Warn("export broke off", "err", err)
			panic(http.ErrAbortHandler) //nolint:forbidigo // net/http's own sign: the reader must see that the file is not whole
		}
	}}, nil
}

// pages reads records page by page, beginning with the one it holds.
type pages struct {
	calls   Calls
	query   cdr.Query
	records []cdr.Record
	err     error // why a page could not be read
}

func (p *pages) read(ctx context.Context) {
	p.records, p.query.Before, p.err = p.calls.Records(ctx, p.query)
}

// each gives every record to yield until it has enough or a page cannot be read.
func (p *pages) each(ctx context.Context, yield func(cdr.Record) bool) {
	for p.err == nil {
		for _, r := range p.records {
			if !yield(r) {
				return
			}
		}
		if p.query.Before == "" {
			return
		}
		p.read(ctx)
	}
}

// words is what was asked for, for the audit log: no telephone number.
func (in *exportIn) words() string {
	words := url.Values{}
	for name, value := range map[string]string{
		"direction": in.Direction, "number": number.Mask(in.Number), "did": in.DID, "trunk": in.Trunk, "region": in.Region, "topic": in.Topic,
		"queue": in.Queue, "agent": in.Agent, "result": in.Result, "numbers": in.Numbers, "from": stamp(in.From), "to": stamp(in.To),
		"inspection": strconv.FormatBool(in.Inspection),
	} {
		if value != "" && (name != "number" || in.Number != "") {
			words.Set(name, value)
		}
	}
	text, err := url.QueryUnescape(words.Encode())
	if err != nil {
		return words.Encode()
	}
	return text
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
