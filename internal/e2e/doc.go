// Package e2e proves the whole product from outside: its tests build the real binary, run it on addresses of their own
// below 127.0.0.0/8, call it with synthetic and real phones (baresip, SIPp), tell who hears whom by the frequency of
// tones, and read records, recordings and tickets back through the API. Nothing here is imported by the product.
//
// HOTLINE_BIN names a binary to test instead of a fresh build. HOTLINE_LONG=1 or -long makes the calls with real phones
// last a minute; -soak 10m runs TestSoak for so long.
package e2e
