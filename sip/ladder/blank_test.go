package ladder

import (
	"strings"
	"testing"
)

// TestKeysAreBlanked: who may read a ladder may not hear the call.
func TestKeysAreBlanked(t *testing.T) {
	const raw = "INVITE sip:a@b SIP/2.0\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3|2^31|1:4 KDR=0\r\n" +
		"a=crypto:2 AEAD_AES_128_GCM INLINE:AAECAwQFBgcI\r\na=inline:end"
	const want = "INVITE sip:a@b SIP/2.0\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:(key)|2^31|1:4 KDR=0\r\n" +
		"a=crypto:2 AEAD_AES_128_GCM INLINE:(key)\r\na=inline:(key)"
	b := New(1)
	o := seen("x", raw, 1, false)
	b.Observe(o)
	if got := b.Of("x")[0].Raw; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if string(o.Raw) != raw {
		t.Error("the message itself was changed")
	}
	for _, plain := range []string{"", "i", "inline", "BYE sip:a@b SIP/2.0\r\n\r\n", strings.Repeat("inlin:", 9)} {
		if got := string(blank([]byte(plain))); got != plain {
			t.Errorf("%q became %q", plain, got)
		}
	}
}
