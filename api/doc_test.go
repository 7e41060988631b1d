package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"hotline/account"
)

var update = flag.Bool("update", false, "write docs/protocols/openapi.json anew")

type spec struct {
	OpenAPI    string
	Info       struct{ Version string }
	Paths      map[string]map[string]operation
	Components struct {
		Schemas map[string]json.RawMessage
	}
}

type operation struct {
	OperationID string `json:"operationId"`
	Summary     string
	Role        account.Role `json:"x-role"`
	Security    []map[string][]string
	Parameters  []struct{ Name, In string }
	RequestBody json.RawMessage
	Responses   map[string]json.RawMessage
}

const document = "../docs/protocols/openapi.json"

// TestDocumentIsCurrent holds docs/protocols/openapi.json to the code.
func TestDocumentIsCurrent(t *testing.T) {
	h := open(t)
	var got bytes.Buffer
	h.must(json.Indent(&got, h.get("", "/openapi.json").want(http.StatusOK).Body.Bytes(), "", " "))
	got.WriteByte('\n')
	if *update {
		h.must(os.WriteFile(document, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(document)
	h.must(err)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what the code serves: go test ./api -run Current -update writes it", document)
	}
}

// TestDocumentIsTrue compares the description with the mux, both ways.
func TestDocumentIsTrue(t *testing.T) {
	h := open(t)
	doc := as[spec](h.get("", "/openapi.json"))
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("got OpenAPI %q", doc.OpenAPI)
	}
	if doc.Info.Version == "test" {
		t.Errorf("the program's version is told to everybody")
	}
	var described []string
	ids := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			described = append(described, strings.ToUpper(method)+" "+path)
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Responses) == 0 {
				t.Errorf("%s %s: id %q, summary %q, %d answers", method, path, op.OperationID, op.Summary, len(op.Responses))
			}
			ids[op.OperationID] = true
			if (op.Role != "") != (len(op.Security) == 2) {
				t.Errorf("%s %s takes %q and says %v", method, path, op.Role, op.Security)
			}
			for _, name := range pathNames(path) {
				if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == name && p.In == "path" }) {
					t.Errorf("%s %s does not describe {%s}", method, path, name)
				}
			}
		}
	}
	slices.Sort(described)
	served := slices.Sorted(slices.Values(h.server.patterns))
	if !slices.Equal(described, served) {
		t.Errorf("described:\n%s\nserved:\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
	if text := h.get("", "/openapi.json").Body.String(); strings.Contains(text, `"array","null"`) {
		t.Errorf("some list may be null")
	}
	if yaml := h.get("", "/openapi.yaml").want(http.StatusOK).Body.String(); !strings.Contains(yaml, "openapi: 3.1.") || !strings.Contains(yaml, "/api/v1/recordings/{id}/audio:") {
		t.Errorf("the YAML is another: %.200s", yaml)
	}
}

func pathNames(path string) (names []string) {
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// TestDocumentRefers checks that every reference has something behind it.
func TestDocumentRefers(t *testing.T) {
	h := open(t)
	text := h.get("", "/openapi.json").Body.String()
	doc := as[spec](h.get("", "/openapi.json"))
	for _, piece := range strings.Split(text, `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(piece, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("nothing is called %s", name)
		}
	}
}
