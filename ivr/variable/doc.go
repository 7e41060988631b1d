// Package variable holds what a flow writes about the values of a call: texts with ${name} in them, and conditions. Both are read once
// and used by many calls. A value never becomes syntax where a text goes: see InURL, InJSON and InLine.
//
// It keeps no values: whoever asks brings them.
package variable
