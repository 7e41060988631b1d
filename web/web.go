// Package web is the browser application: TypeScript beside this file, built by Vite into dist, which the program embeds. In Go it
// is nothing but files and their headers; it holds no rule and knows no call.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// dist is what `make web` built. A program built without it has the placeholder alone, and shows missing in place of every page.
//
//go:embed all:dist
var dist embed.FS

// licences are the texts of what the program is built of, as `make licences` wrote them; those of the pages' parts are in dist.
//
//go:embed licences/program.txt
var licences []byte

// policy is what the pages may do: no script from elsewhere, and none that was not shipped. Styles are written by the component
// library at run time; WebAssembly is for noise suppression.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

const missing = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Hotline</title>
<p>This program was built without its pages. Build it with <code>make build</code> where Node.js 20 or later is installed.</p>
<p>此程序未包含网页:请安装 Node.js 20 或更高版本后用 <code>make build</code> 重新构建。</p>
<p><a href="/api/v1/openapi.json">API</a></p></html>
`

// Pages serves the application. Make it with New.
type Pages struct {
	files map[string]file // by path, "/assets/x.js"
	index file
}

type file struct {
	plain, packed []byte // packed: gzip, nil where it does not help
	kind, tag     string
}

// New reads the embedded files. The error is for a program that was built wrongly.
func New() (*Pages, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("find the pages: %w", err)
	}
	return read(root)
}

func read(root fs.FS) (*Pages, error) {
	z, err := gzip.NewWriterLevel(nil, gzip.BestCompression) // one for all: each takes 0.8 MB
	if err != nil {
		return nil, fmt.Errorf("pack the pages: %w", err)
	}
	p := &Pages{index: pack(z, "index.html", []byte(missing))}
	p.files = map[string]file{"/licences/program.txt": pack(z, "program.txt", licences)}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		p.files["/"+name] = pack(z, name, content)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	if f, ok := p.files["/index.html"]; ok {
		p.index = f
	}
	return p, nil
}

func pack(z *gzip.Writer, name string, content []byte) file {
	sum := sha256.Sum256(content)
	f := file{plain: content, kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	if f.kind == "" {
		f.kind = "application/octet-stream"
	}
	var b bytes.Buffer
	z.Reset(&b)
	_, err := z.Write(content)
	if err = firstOf(err, z.Close()); err == nil && b.Len() < len(content)*9/10 {
		f.packed = b.Bytes()
	}
	return f
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Serve answers a request for a page or one of its parts, and is false for everything else: another method than GET and HEAD, and
// the paths of the API. Every path without a dot is a page of the application, which finds its own way.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || strings.HasPrefix(r.URL.Path, "/api/") {
		return false
	}
	f, part := p.files[r.URL.Path]
	if r.URL.Path == "/call" { // the visitors' page, which is none of the application's
		f, part = p.files["/call.html"]
	}
	switch {
	case part:
	case strings.Contains(path.Base(r.URL.Path), "."):
		return false
	default:
		f = p.index
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", "microphone=(self), hid=(self), camera=(), geolocation=()")
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.tag)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache") // ask whether it changed
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable") // their names change with their content
	}
	if r.URL.Path == "/button.js" { // for pages of other origins too; what it may do there is the API's to say
		h.Set("Access-Control-Allow-Origin", "*")
		h.Del("Access-Control-Allow-Credentials")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	f.write(w, r)
	return true
}

func (f file) write(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("If-None-Match") == f.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body = f.packed
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
}
