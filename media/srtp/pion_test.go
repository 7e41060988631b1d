package srtp

import (
	"bytes"
	"testing"

	pion "github.com/pion/srtp/v3"
)

var profiles = [...]pion.ProtectionProfile{
	GCM128: pion.ProtectionProfileAeadAes128Gcm,
	GCM256: pion.ProtectionProfileAeadAes256Gcm,
	SHA80:  pion.ProtectionProfileAes128CmHmacSha1_80,
	SHA32:  pion.ProtectionProfileAes128CmHmacSha1_32,
}

// TestAgainstPion: another's implementation makes the same octets of the same packets, and opens ours, through two rounds of the sequence numbers
// and with packets that overtake each other.
func TestAgainstPion(t *testing.T) {
	for _, s := range Suites {
		for _, mki := range []string{"", "\x00\x00\x00\x07"} {
			k := NewKey(s)
			theirs := func(options ...pion.ContextOption) *pion.Context {
				if mki != "" {
					options = append(options, pion.MasterKeyIndicator([]byte(mki)))
				}
				c, err := pion.CreateContext(k.master(), k.salt(), profiles[s], options...)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			marked := k
			marked.mki = mki
			e, seal, open := open(t, k, marked), theirs(), theirs(pion.SRTPReplayProtection(window), pion.SRTCPReplayProtection(window))
			for n := 0; n < 2<<16; n += 1 + n%97 {
				seq := uint16(n ^ 3) // a little out of order
				plain := packet(9, seq)
				want, err := seal.EncryptRTP(nil, plain, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := e.in.RTP(e.got[:], want); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%s: packet %d of theirs: %v", s, n, err)
				}
				ours := e.seal(plain)
				if mki == "" && !bytes.Equal(ours, want) {
					t.Fatalf("%s: packet %d: got\n%x, want\n%x", s, n, ours, want)
				}
				if mki != "" {
					continue
				}
				if got, err := open.DecryptRTP(nil, ours, nil); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%s: packet %d of ours: %v", s, n, err)
				}
			}
			for range 3 {
				plain := report(9)
				want, err := seal.EncryptRTCP(nil, plain, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := e.in.RTCP(e.got[:], want); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%s: RTCP of theirs: %v", s, err)
				}
				ours, err := e.out.RTCP(e.buf[:], plain)
				if err != nil || mki == "" && !bytes.Equal(ours, want) {
					t.Fatalf("%s: RTCP: got\n%x, want\n%x", s, ours, want)
				}
			}
		}
	}
}
