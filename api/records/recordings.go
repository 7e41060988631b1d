package records

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"hotline/account"
	"hotline/api/gate"
	"hotline/media/wav"
	"hotline/number"
	"hotline/recording"
)

type recordingsIn struct {
	Call string `query:"call" required:"true" doc:"the call whose recordings are wanted" maxLength:"100"`
}

type recordingsOut struct{ Body []recording.Row }

type recordingOut struct{ Body recording.Row }

func (s *Routes) recordings() {
	tags := []string{"recordings"}
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/recordings", Summary: "The recordings of a call, by segment", Tags: tags}, s.listRecordings)
	gate.Add(s.Gate, account.Agent, huma.Operation{Method: "GET", Path: "/recordings/{id}", Summary: "One recording; its sound is at .../audio", Tags: tags},
		func(ctx context.Context, who gate.Identity, in *gate.ByID) (*recordingOut, error) {
			row, err := s.recording(ctx, who, in.ID)
			return &recordingOut{Body: maskedRow(who, row)}, err
		})
	s.listening()
	sound := huma.Operation{
		Method: "GET", Path: "/api/v1/recordings/{id}/audio", OperationID: "get-recording-audio", Summary: "The sound of a recording", Tags: tags,
		Description: "With range requests. Each answer that holds sound is a line in the audit log.",
		Parameters: []*huma.Param{
			{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
			gate.QueryParam("channel", "16-bit mono WAV of one side (left is the caller, right the agent) or of both; without it the file as it was made, A-law stereo WAV",
				&huma.Schema{Type: huma.TypeString, Enum: []any{"left", "right", "mix"}}),
			gate.QueryParam("download", "offers the sound as a file, to who may save recordings: recording.download of the node's file", &huma.Schema{Type: huma.TypeBoolean}),
			{Name: "Range", In: "header", Schema: &huma.Schema{Type: huma.TypeString}},
		},
		Responses: map[string]*huma.Response{"200": gate.Says("All of it", "audio/wav"), "206": gate.Says("A part", "audio/wav")},
	}
	gate.Answers(&sound, 403, 404, 410, 416, 422)
	s.Plain(account.Agent, sound, s.audio)
}

func (s *Routes) listRecordings(ctx context.Context, who gate.Identity, in *recordingsIn) (*recordingsOut, error) {
	r, err := Find(ctx, s.Calls, who, in.Call)
	if err != nil {
		return nil, err
	}
	if who.Masks() && !talked(r, who.Agent) {
		return &recordingsOut{Body: []recording.Row{}}, nil
	}
	rows, err := s.Recordings.RecordingsOf(ctx, in.Call)
	for i := range rows {
		rows[i] = maskedRow(who, rows[i])
	}
	return &recordingsOut{Body: gate.List(rows)}, err
}

func maskedRow(who gate.Identity, row recording.Row) recording.Row {
	if who.Masks() && row.From != "" {
		row.From = number.Mask(row.From)
	}
	return row
}

// recording is one row that the asker may hear: an agent only those of calls in which they talked.
func (s *Routes) recording(ctx context.Context, who gate.Identity, id string) (recording.Row, error) {
	row, err := s.Recordings.Recording(ctx, id)
	if err != nil || !who.Masks() {
		return row, err
	}
	r, err := Find(ctx, s.Calls, who, row.Call)
	if errors.Is(err, errNoCall) || err == nil && !talked(r, who.Agent) {
		return recording.Row{}, recording.ErrNotFound
	}
	return row, err
}

// channels are the words of ?channel.
var channels = map[string]wav.Channel{"left": wav.Left, "right": wav.Right, "mix": wav.Mix}

// audio is GET /api/v1/recordings/{id}/audio.
func (s *Routes) audio(w http.ResponseWriter, r *http.Request) {
	who := gate.Asker(r.Context())
	if saves(r) && !who.Role.Atleast(s.Download) {
		gate.Problem(w, http.StatusForbidden, "Saving recordings takes the role "+string(s.Download)+".")
		return
	}
	row, err := s.recording(r.Context(), who, r.PathValue("id"))
	if err != nil {
		s.Refuse(w, err)
		return
	}
	if row.State == recording.Lost {
		gate.Problem(w, http.StatusGone, "The sound of this recording is lost.")
		return
	}
	word := r.URL.Query().Get("channel")
	channel, known := channels[word]
	if word != "" && !known {
		gate.Problem(w, http.StatusUnprocessableEntity, "A channel is left, right or mix.")
		return
	}
	file, err := s.Recorder.Open(r.Context(), row.ID)
	if err != nil {
		s.Refuse(w, err)
		return
	}
	defer file.Close()
	var sound io.ReadSeeker = file
	if known {
		if sound, err = file.Export(channel); err != nil {
			s.Refuse(w, err)
			return
		}
	}
	s.play(w, r, file.Row, file.Size(), sound)
}

// saves is true where the sound is asked for as a file.
func saves(r *http.Request) bool {
	yes, err := strconv.ParseBool(r.URL.Query().Get("download"))
	return err == nil && yes
}

// play serves sound, and notes it once it is clear that there will be some.
func (s *Routes) play(w http.ResponseWriter, r *http.Request, row recording.Row, size int64, sound io.ReadSeeker) {
	channel, what := r.URL.Query().Get("channel"), "recording.listen"
	h := w.Header()
	h.Set("Content-Type", "audio/wav")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", etag(row, size, channel))
	if saves(r) {
		what = "recording.download"
		name := row.ID
		if channel != "" {
			name += "-" + channel
		}
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".wav"))
	}
	detail := r.Header.Get("Range")
	if channel != "" {
		detail = channel + " " + detail
	}
	ctx := r.Context()
	out := &hearing{ResponseWriter: w, head: r.Method == http.MethodHead, note: func() {
		s.Audit(ctx, gate.Asker(ctx), what, row.ID, detail[:min(len(detail), 200)])
	}}
	out.patient = gate.Patient(w)
	modified := row.Started
	if row.SHA256 == "" {
		modified = time.Time{} // it still changes
	}
	http.ServeContent(out, r, "", modified, sound)
}

// etag changes whenever the bytes may: with the hash of a sealed recording, with the length of one that grows.
func etag(row recording.Row, size int64, channel string) string {
	if row.SHA256 == "" {
		return fmt.Sprintf(`"open-%d-%s"`, size, channel)
	}
	return fmt.Sprintf(`"%.32s-%s"`, row.SHA256, channel)
}

// hearing is an answer with sound. It calls note before the first byte of sound leaves, and says refusals as problems.
type hearing struct {
	http.ResponseWriter
	patient http.ResponseWriter
	head    bool
	note    func()
	refused bool
}

// WriteHeader notes the sound that follows; 304 and refusals bring none.
func (w *hearing) WriteHeader(status int) {
	switch {
	case status == http.StatusRequestedRangeNotSatisfiable:
		w.refused = true
		gate.Problem(w.ResponseWriter, status, "The recording has no such range.")
		return
	case status >= http.StatusBadRequest:
		w.refused = true
		gate.Problem(w.ResponseWriter, status, "The sound could not be read.")
		return
	case !w.head && (status == http.StatusOK || status == http.StatusPartialContent):
		w.note()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write drops the text that net/http says refusals with.
func (w *hearing) Write(b []byte) (int, error) {
	if w.refused {
		return len(b), nil
	}
	return w.patient.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *hearing) Unwrap() http.ResponseWriter { return w.ResponseWriter }
