package ivr

import (
	"maps"
	"slices"
	"strings"

	"hotline/ivr/form"
)

// kinds are the types of nodes: how each is read.
var kinds = map[string]func(f *Flow, s *form.Section) body{
	"answer":    readAnswer,
	"ring":      readRing,
	"early":     readEarly,
	"play":      readPlay,
	"menu":      readMenu,
	"collect":   readCollect,
	"hours":     readHours,
	"caller":    readCaller,
	"region":    readRegion,
	"branch":    readBranch,
	"set":       readSet,
	"lookup":    readLookup,
	"topic":     readTopic,
	"queue":     readQueue,
	"callback":  readCallback,
	"survey":    readSurvey,
	"voicemail": readVoicemail,
	"dial":      readDial,
	"echo":      readEcho,
	"record":    readRecord,
	"flow":      readSubflow,
	"hangup":    readHangup,
}

func kindNames() string { return strings.Join(slices.Sorted(maps.Keys(kinds)), ", ") }

// Kind is a type of nodes, for who edits flows.
type Kind struct {
	Name string
	Keys []form.Key // in the order in which they are read
}

// Kinds are all types of nodes by name. They come from the very code that reads flows: each reads a node that says nothing, and
// what it asks for are its keys.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		s := form.Blank(name)
		kinds[name](&Flow{}, s)
		all = append(all, Kind{Name: name, Keys: s.Keys()})
	}
	return all
}
