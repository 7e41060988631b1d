//go:build race

package media

// pooled is how many allocations a packet of AES-CM costs: its cipher keeps its memory in a pool, half of which the race detector drops.
const pooled = 2
