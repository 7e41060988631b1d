package call

import "testing"

func TestCausesOfSIP(t *testing.T) {
	for _, c := range []struct {
		status int
		want   Cause
	}{
		{200, Normal}, {302, Failed}, {401, Forbidden}, {403, Forbidden}, {404, NotFound}, {407, Forbidden}, {408, Timeout}, {410, NotFound},
		{415, NotAcceptable}, {480, NotRegistered}, {484, NotFound}, {486, Busy}, {487, Cancelled}, {488, NotAcceptable}, {500, Failed}, {503, Unavailable},
		{504, Timeout}, {600, Busy}, {603, Declined}, {604, NotFound}, {606, NotAcceptable}, {607, Declined}, {0, Failed}, {999, Failed},
	} {
		if got := CauseOfSIP(c.status); got != c.want {
			t.Errorf("%d is %s, want %s", c.status, got, c.want)
		}
	}
}

// TestEveryCauseHasBothCodes: a refusal must be a final SIP status, and Q.850 has seven bits.
func TestEveryCauseHasBothCodes(t *testing.T) {
	for cause, row := range causes {
		if row.sip < 300 || row.sip > 699 || row.q850 < 1 || row.q850 > 127 {
			t.Errorf("%s has %d and %d", cause, row.sip, row.q850)
		}
		if cause.SIP() != row.sip || cause.Q850() != row.q850 {
			t.Errorf("%s gives %d and %d", cause, cause.SIP(), cause.Q850())
		}
	}
	if Cause("nobody's").SIP() != 500 || Cause("nobody's").Q850() != 31 {
		t.Error("an unknown cause")
	}
}
