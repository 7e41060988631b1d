package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"reflect"
	"strings"

	"hotline/api/gate"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const aboutAPI = `A self-hosted cloud call centre over HTTP.

Sign in at POST /api/v1/session (a browser's cookie), or send "Authorization: Bearer" with an API token. Roles are agent, supervisor and
admin; each may do what the ones before it may, and x-role names the least one an operation takes. Agents see their own calls and
recordings only, and no whole telephone number.

Errors are application/problem+json (RFC 9457); "detail" is a sentence for a person. Lists come a page at a time: "next" of a page is
"before" of the page after it.`

// jsonFormat writes < > & as escapes: what a caller sent never looks like a tag, whoever shows it.
func jsonFormat() huma.Format {
	return huma.Format{Marshal: func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) }, Unmarshal: json.Unmarshal}
}

// newAPI is an API whose routes go to the mux and are described as they are added.
func newAPI(mux humago.Mux) huma.API {
	c := huma.DefaultConfig("Hotline", "1")
	c.Info.Description = aboutAPI
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil // no $schema links in answers
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()}
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: gate.CookieName, Description: "The cookie of POST /api/v1/session."},
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token of POST /api/v1/tokens."},
	}
	return humago.New(mux, c)
}

// schemaName tells types of one name in different packages apart: TicketEntry, AccountEntry. The API's own go without.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" || !strings.HasPrefix(t.PkgPath(), "hotline/") || strings.HasPrefix(t.PkgPath()+"/", "hotline/api/") {
		return name
	}
	pkg := path.Base(t.PkgPath())
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}

// serveDocument adds the routes of the description itself, which is finished by then.
func (s *server) serveDocument() {
	var asJSON, asYAML []byte
	for _, kind := range []struct {
		ext, mediaType string
		text           *[]byte
	}{{"json", "application/json", &asJSON}, {"yaml", "application/yaml", &asYAML}} {
		op := huma.Operation{
			Method: "GET", Path: "/api/v1/openapi." + kind.ext, Summary: "This description as " + strings.ToUpper(kind.ext), Tags: []string{"system"},
			Responses: map[string]*huma.Response{"200": gate.Says("OpenAPI 3.1", kind.mediaType)},
		}
		s.gate.Plain("", op, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind.mediaType)
			_, _ = w.Write(*kind.text)
		})
	}
	noNulls(s.gate.API.OpenAPI())
	var err error
	if asJSON, err = json.Marshal(s.gate.API.OpenAPI()); err == nil {
		asYAML, err = s.gate.API.OpenAPI().YAML()
	}
	if err != nil {
		panic(fmt.Sprintf("describe the API: %v", err)) //nolint:forbidigo // the routes are fixed: a test would have seen it
	}
}

// noNulls makes every list in the description a list, never null: that is how they are written.
func noNulls(doc *huma.OpenAPI) {
	for _, schema := range doc.Components.Schemas.Map() {
		noNull(schema)
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			for _, param := range op.Parameters {
				noNull(param.Schema)
			}
			for _, response := range op.Responses {
				for _, content := range response.Content {
					noNull(content.Schema)
				}
			}
		}
	}
}

func noNull(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if schema.Type == huma.TypeArray {
		schema.Nullable = false
	}
	noNull(schema.Items)
	for _, property := range schema.Properties {
		noNull(property)
	}
}
