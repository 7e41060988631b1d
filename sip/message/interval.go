package message

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// SessionExpires reads Session-Expires, also in its short form (RFC 4028 4). false: there is none that can be read.
func SessionExpires(m sip.Message) (every time.Duration, refresher string, ok bool) {
	v := cmp.Or(Value(m, "Session-Expires"), Value(m, "x"))
	every, params, ok := deltaSeconds(v)
	for p := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(value))
		}
	}
	return every, refresher, ok
}

// MinSE reads Min-SE; 0: there is none.
func MinSE(m sip.Message) time.Duration {
	d, _, _ := deltaSeconds(Value(m, "Min-SE"))
	return d
}

// deltaSeconds reads a number of seconds and gives the parameters after it.
func deltaSeconds(v string) (d time.Duration, params string, ok bool) {
	number, params, _ := strings.Cut(v, ";")
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32)
	if err != nil {
		return 0, params, false
	}
	return time.Duration(n) * time.Second, params, true
}

// Seconds writes an interval.
func Seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
