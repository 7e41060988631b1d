//go:build !race

package srtp

const pooled = 0
