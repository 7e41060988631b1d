package rtp

import "time"

// Path is what the E-model needs to know about one direction of a conversation. Every codec is taken for G.711 with packet loss concealment:
// G.722 and Opus are no worse, and ITU-T G.113 has no figures of theirs for this scale.
type Path struct {
	LossPct    float64       // 0..100, what the ear misses
	BurstRatio float64       // 1: random loss; see Stats.BurstRatio
	Delay      time.Duration // mouth to ear, one way
}

// Numbers of the E-model for G.711 with packet loss concealment (ITU-T G.107 table 2, G.113 appendix I).
const (
	baseR            = 93.2
	lossRobustness   = 25.1 // Bpl
	delayKneeMs      = 177.3
	delaySlope       = 0.024
	delaySlopeAfter  = 0.11
	maxImpairment    = 95.0
	worstMOS         = 1.0
	bestMOS          = 4.5
	cubicCoefficient = 7e-6
)

// R is the transmission rating of ITU-T G.107, 0..93.2.
func (p Path) R() float64 {
	burst := max(1, p.BurstRatio)
	loss := min(100, max(0, p.LossPct))
	equipment := maxImpairment * loss / (loss/burst + lossRobustness)
	ms := float64(p.Delay) / float64(time.Millisecond)
	delay := delaySlope * ms
	if ms > delayKneeMs {
		delay += delaySlopeAfter * (ms - delayKneeMs)
	}
	return max(0, baseR-equipment-delay)
}

// MOS is the mean opinion score that R stands for, 1..4.5 (ITU-T G.107 annex B).
func (p Path) MOS() float64 {
	r := p.R()
	mos := 1 + 0.035*r + r*(r-60)*(100-r)*cubicCoefficient
	return min(bestMOS, max(worstMOS, mos))
}
