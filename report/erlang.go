package report

import (
	"math"
	"time"
)

// Load is what a queue must carry: calls in a time, and the mean handling time of one.
type Load struct {
	Calls float64
	Per   time.Duration
	AHT   time.Duration
}

// Erlangs is the traffic: the number of agents busy on average when nobody waits.
func (l Load) Erlangs() float64 {
	if l.Per <= 0 {
		return 0
	}
	return l.Calls * l.AHT.Seconds() / l.Per.Seconds()
}

// Staffed is what a number of agents gives a load.
type Staffed struct {
	Agents       int
	Wait         float64       // the probability of waiting at all
	ServiceLevel float64       // the share answered within the time asked for
	ASA          time.Duration // mean wait of all
	Occupancy    float64
	Abandon      float64 // the share that gives up; 0 with Erlang C, where nobody does
}

// erlangB is the probability that all of n servers are busy when nobody waits.
func erlangB(a float64, n int) float64 {
	b := 1.0
	for k := 1; k <= n; k++ {
		b = a * b / (float64(k) + a*b)
	}
	return b
}

// ErlangC is a queue in which nobody gives up. Where the agents are too few for the load everybody waits for ever: Wait is
// 1, ServiceLevel 0 and ASA the longest duration.
func ErlangC(l Load, agents int, within time.Duration) Staffed {
	a := l.Erlangs()
	s := Staffed{Agents: agents}
	if agents <= 0 || a >= float64(agents) {
		s.Wait, s.ASA, s.Occupancy = 1, math.MaxInt64, 1
		return s
	}
	if a <= 0 {
		s.ServiceLevel = 1
		return s
	}
	b := erlangB(a, agents)
	free := float64(agents) - a
	s.Wait = float64(agents) * b / (float64(agents) - a*(1-b))
	s.ServiceLevel = 1 - s.Wait*math.Exp(-free*within.Seconds()/l.AHT.Seconds())
	s.ASA = seconds(s.Wait * l.AHT.Seconds() / free)
	s.Occupancy = a / float64(agents)
	return s
}

// ErlangA is a queue whose callers have patience of this mean (exponential). The share within counts those answered in
// time of all who came.
func ErlangA(l Load, agents int, patience, within time.Duration) Staffed {
	a := l.Erlangs()
	s := Staffed{Agents: agents}
	if agents <= 0 || patience <= 0 || l.AHT <= 0 {
		s.Wait, s.Abandon = 1, 1
		return s
	}
	if a <= 0 {
		s.ServiceLevel = 1
		return s
	}
	p := erlangAStates(a, agents, l.AHT.Seconds()/patience.Seconds())
	rate := a / l.AHT.Seconds() // calls a second
	waiting := 0.0
	for n := agents; n < len(p); n++ {
		s.Wait += p[n]
		waiting += float64(n-agents) * p[n]
		s.ServiceLevel += p[n] * answeredWithin(n-agents, agents, l.AHT.Seconds(), patience.Seconds(), within.Seconds())
	}
	s.ServiceLevel += 1 - s.Wait
	s.ASA = seconds(waiting / rate)
	s.Abandon = waiting / patience.Seconds() / rate
	s.Occupancy = a * (1 - s.Abandon) / float64(agents)
	return s
}

// erlangAStates are the probabilities of so many calls in the system; ratio is AHT / patience.
func erlangAStates(a float64, agents int, ratio float64) []float64 {
	p := []float64{1}
	sum := 1.0
	for n := 1; ; n++ {
		leave := float64(min(n, agents)) + float64(max(0, n-agents))*ratio
		next := p[n-1] * a / leave
		p = append(p, next)
		sum += next
		if n > agents && next < 1e-12*sum || n > agents+100_000 {
			break
		}
		if sum > 1e200 { // keep in range
			for i := range p {
				p[i] /= sum
			}
			sum = 1
		}
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// answeredWithin is the probability that a caller who finds ahead callers waiting is answered in time and has not given up
// before. Ahead of them leave one after another: the k-th departure comes at the rate agents/aht + (those still waiting)/patience.
// It integrates the wait by steps of the time asked for.
func answeredWithin(ahead, agents int, aht, patience, within float64) float64 {
	if within <= 0 {
		return 0
	}
	const steps = 400
	dt := within / steps
	at := make([]float64, ahead+1) // probability of so many still ahead
	at[ahead] = 1
	answered := 0.0
	serve := float64(agents) / aht
	for range steps {
		for n := 0; n <= ahead; n++ { // upwards: what moves down in this step is not moved again
			if at[n] == 0 {
				continue
			}
			out := serve + float64(n)/patience // one ahead leaves, or for n = 0 the caller's turn comes
			self := 1 / patience
			gone := at[n] * (1 - math.Exp(-(out+self)*dt))
			moved := gone * out / (out + self)
			at[n] -= gone
			if n == 0 {
				answered += moved
			} else {
				at[n-1] += moved
			}
		}
	}
	return answered
}

// AgentsFor is the least number of agents with which Erlang C reaches a service level, and what they give; false where
// even 10,000 do not.
func AgentsFor(l Load, level float64, within time.Duration) (Staffed, bool) {
	for n := max(1, int(l.Erlangs())); n <= 10_000; n++ {
		if s := ErlangC(l, n, within); s.ServiceLevel >= level {
			return s, true
		}
	}
	return Staffed{}, false
}

// Scheduled is how many must be on the plan for so many to be there, when a share is away (shrinkage, 0 to below 1).
func Scheduled(agents int, shrinkage float64) int {
	return int(math.Ceil(float64(agents) / (1 - min(max(shrinkage, 0), 0.95))))
}

func seconds(s float64) time.Duration {
	if s > math.MaxInt64/float64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(s * float64(time.Second))
}
