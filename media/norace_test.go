//go:build !race

package media

const pooled = 0
