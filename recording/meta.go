package recording

// Kind says what a segment holds.
type Kind string

// The kinds. The left channel is always the caller's side, the right one the agent's side.
const (
	Conversation Kind = "conversation" // caller and agent
	Voicemail    Kind = "voicemail"    // the caller alone
	Consultation Kind = "consultation" // an agent and whom they asked
)

// Meta is what Begin is told about a segment and what its Row is made of.
type Meta struct {
	ID    string // unique for ever: a UUIDv7; letters, digits, '-', '_' and '.' only, for it names the file
	Call  string // the conversation; the same rules, for it names the manifest
	Kind  Kind   // "" is Conversation
	From  string // the caller's number; "" when unknown
	Queue string // "" when none
	Agent string // "" when nobody
}
