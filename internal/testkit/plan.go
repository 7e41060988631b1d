package testkit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Press is one key at its time.
type Press struct {
	At  time.Duration // since the answer
	Key byte          // '0' to '9', '*', '#', 'A' to 'D'
}

// betweenKeys is the time from one key of a plan to the next.
const betweenKeys = 400 * time.Millisecond

// latest is the latest time a plan may name.
const latest = 24 * time.Hour

// ReadPlan reads keys at seconds, "4:1" or "6.5:155#", into presses by time; several keys of one text follow each other.
func ReadPlan(texts []string) ([]Press, error) {
	var all []Press
	for _, t := range texts {
		seconds, keys, ok := strings.Cut(t, ":")
		at, err := strconv.ParseFloat(seconds, 64)
		// Written so that NaN is refused too.
		if sane := at >= 0 && at <= latest.Seconds(); !ok || err != nil || keys == "" || !sane {
			return nil, fmt.Errorf("write keys as SECONDS:KEYS, such as 4:1, not %q", t)
		}
		for i := range len(keys) {
			if !strings.Contains("0123456789*#ABCD", keys[i:i+1]) {
				return nil, fmt.Errorf("%q: there is no key %q; keys are 0 to 9, *, # and A to D", t, keys[i:i+1])
			}
			all = append(all, Press{time.Duration(at*float64(time.Second)) + time.Duration(i)*betweenKeys, keys[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b Press) int { return int(a.At - b.At) })
	return all, nil
}
