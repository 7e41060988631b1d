package gate

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
)

// Add registers one operation. need is the role it takes; "" lets everybody in.
func Add[I, O any](g *Gate, need account.Role, op huma.Operation, f func(context.Context, Identity, *I) (*O, error)) {
	if op.OperationID == "" {
		op.OperationID = huma.GenerateOperationID(op.Method, op.Path, (*O)(nil))
	}
	op.Path = "/api/v1" + op.Path
	op.Middlewares = append(op.Middlewares, g.identify(need))
	takes(&op, need)
	huma.Register(g.API, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, Asker(ctx), in)
		if err != nil {
			return nil, g.refused(err)
		}
		return out, nil
	})
}

// takes writes into the description who may use an operation.
func takes(op *huma.Operation, need account.Role) {
	if need == "" {
		return
	}
	op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	op.Extensions = map[string]any{"x-role": string(need)}
}

// Plain adds a route that huma does not carry, and describes it. need is as for Add.
func (g *Gate) Plain(need account.Role, op huma.Operation, f http.HandlerFunc) {
	takes(&op, need)
	if op.OperationID == "" {
		op.OperationID = huma.GenerateOperationID(op.Method, strings.TrimPrefix(op.Path, "/api/v1"), &struct{}{})
	}
	g.Mux.HandleFunc(op.Method+" "+op.Path, g.Only(need, f))
	if need != "" {
		Answers(&op, 401, 403)
	}
	g.API.OpenAPI().AddOperation(&op)
}

// Answers describes refusals.
func Answers(op *huma.Operation, statuses ...int) {
	for _, status := range statuses {
		op.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/ErrorModel"}}},
		}
	}
}

// Says describes an answer that is no JSON.
func Says(description, mediaType string) *huma.Response {
	schema := &huma.Schema{Type: huma.TypeString}
	if !strings.HasPrefix(mediaType, "text/") && mediaType != "application/json" && mediaType != "application/yaml" {
		schema.Format = "binary"
	}
	return &huma.Response{Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}}}
}

// QueryParam describes a query parameter of a plain route.
func QueryParam(name, description string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: description, Schema: schema}
}
