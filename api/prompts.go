package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/prompt"
)

type promptsOut struct{ Body []prompt.Prompt }

type promptIn struct {
	Language string `path:"language" maxLength:"20"`
	Name     string `path:"name" maxLength:"64"`
}

// uploadWithin is how long an upload may take; other requests have less.
const uploadWithin = 5 * time.Minute

// prompts are the sounds that flows play.
func (s *server) prompts(mux routes) {
	tags := []string{"prompts"}
	add(s, s.api, account.Admin, huma.Operation{Method: "GET", Path: "/prompts", Summary: "All prompts, the shipped ones too", Tags: tags},
		func(context.Context, Identity, *nothing) (*promptsOut, error) {
			all, err := s.Prompts.List()
			return &promptsOut{Body: list(all)}, err
		})
	add(s, s.api, account.Admin, huma.Operation{
		Method: "DELETE", Path: "/prompts/{language}/{name}", Summary: "Remove a prompt; a shipped one of that name is heard again", Tags: tags,
	}, func(ctx context.Context, who Identity, in *promptIn) (*nothing, error) {
		if err := s.Prompts.Remove(in.Language, in.Name); err != nil {
			return nil, err
		}
		s.trail(ctx, who, "prompt.remove", in.Language+"/"+in.Name, "")
		return &nothing{}, nil
	})
	where := []*huma.Param{
		{Name: "language", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
		{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
	}
	upload := huma.Operation{
		Method: "PUT", Path: "/api/v1/prompts/{language}/{name}", OperationID: "put-prompt", Summary: "Upload a prompt, as the body: WAV or MP3", Tags: tags,
		Description: "It is brought to 8 kHz mono and -18 dBFS, and is heard from the next call of a flow on. 50 MB and 10 minutes at most.",
		Parameters:  where,
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"audio/wav": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}, "audio/mpeg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}},
		Responses: map[string]*huma.Response{"200": {Description: "The prompt", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/PromptPrompt"}},
		}}},
	}
	answers(&upload, 400, 413)
	s.plainRoute(mux, account.Admin, upload, s.putPrompt)
	sound := huma.Operation{
		Method: "GET", Path: "/api/v1/prompts/{language}/{name}/audio", OperationID: "get-prompt-audio", Summary: "The sound of a prompt", Tags: tags,
		Parameters: where, Responses: map[string]*huma.Response{"200": says("All of it", "audio/wav"), "206": says("A part", "audio/wav")},
	}
	answers(&sound, 400, 404, 416)
	s.plainRoute(mux, account.Admin, sound, s.promptAudio)
}

// putPrompt is PUT /api/v1/prompts/{language}/{name}.
func (s *server) putPrompt(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > prompt.MaxBytes {
		problem(w, http.StatusRequestEntityTooLarge, "A prompt has "+strconv.Itoa(prompt.MaxBytes>>20)+" MB at most.")
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)) // a connection without deadlines has none to move
	p, err := s.Prompts.Add(r.PathValue("language"), r.PathValue("name"), r.Body)
	if err != nil {
		s.refusePrompt(w, err)
		return
	}
	s.trail(r.Context(), asker(r.Context()), "prompt.upload", p.Language+"/"+p.Name, p.Length.String())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(p)
}

// refusePrompt answers what is wrong with an upload.
func (s *server) refusePrompt(w http.ResponseWriter, err error) {
	var most *http.MaxBytesError
	switch {
	case errors.As(err, &most):
		problem(w, http.StatusRequestEntityTooLarge, "A prompt has "+strconv.FormatInt(most.Limit>>20, 10)+" MB at most.")
	case errors.Is(err, prompt.ErrTooLarge):
		problem(w, http.StatusRequestEntityTooLarge, err.Error())
	case errors.Is(err, prompt.ErrInvalid):
		problem(w, http.StatusBadRequest, err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem(w, http.StatusBadRequest, "The upload broke off.")
	default:
		s.refuse(w, err)
	}
}

// promptAudio is GET /api/v1/prompts/{language}/{name}/audio.
func (s *server) promptAudio(w http.ResponseWriter, r *http.Request) {
	file, _, err := s.Prompts.Open(r.PathValue("language"), r.PathValue("name"))
	if err != nil {
		s.refusePrompt(w, err)
		return
	}
	defer file.Close()
	sound, ok := file.(io.ReadSeeker)
	if !ok {
		s.refuse(w, errors.New("a prompt's file cannot be searched"))
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, sound)
}
