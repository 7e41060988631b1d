//go:build race

package media

// pooled is more than zero under the race detector, which is slow: long tests then take less time.
const pooled = 2
