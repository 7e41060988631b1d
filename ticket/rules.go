package ticket

import "strings"

// Rule gives tickets of a topic and region to a team. Empty Topic or Region means any.
type Rule struct {
	Topic   string  `json:"topic,omitempty" yaml:"topic,omitempty"`
	Region  string  `json:"region,omitempty" yaml:"region,omitempty" doc:"广东 fits 广东/广州 too"`
	Team    string  `json:"team,omitempty" yaml:"team,omitempty"`
	Urgency Urgency `json:"urgency,omitempty" yaml:"urgency,omitempty"`
}

// Rules is a list in order of precedence: for team and for urgency, the first rule that fits and says one counts.
type Rules []Rule

// Pick is the team (may be empty) and the urgency (Normal if no rule says) of a ticket.
func (r Rules) Pick(topic, region string) (team string, urgency Urgency) {
	for _, rule := range r {
		if !rule.fits(topic, region) {
			continue
		}
		if team == "" {
			team = rule.Team
		}
		if urgency == "" {
			urgency = rule.Urgency
		}
	}
	if urgency == "" {
		urgency = Normal
	}
	return team, urgency
}

func (r Rule) fits(topic, region string) bool {
	return (r.Topic == "" || r.Topic == topic) &&
		(r.Region == "" || r.Region == region || strings.HasPrefix(region, r.Region+"/"))
}

// Check names the rules that can never be meant so: an urgency that does not exist. nil when all are right.
func (r Rules) Check() error {
	for _, rule := range r {
		if rule.Urgency != "" && !rule.Urgency.Valid() {
			return invalid("There is no urgency " + string(rule.Urgency) + ": use low, normal, high or urgent.")
		}
	}
	return nil
}
