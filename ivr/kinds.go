package ivr

import "strings"

// kinds are the types of nodes: how each is read.
var kinds = map[string]func(f *Flow, s *section) body{
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

func kindNames() string { return strings.Join(sortedKeys(kinds), ", ") }
